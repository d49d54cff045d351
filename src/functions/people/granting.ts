import { OperationError } from '#core/errors.ts'
import { type Permission, type PersonRole, permissionsOf, personRoles, rolesFor } from '#platform/permission.ts'
import type { Identity } from '#platform/session.ts'

/** Who may give which role to whom. Pure; the service asks before every change. */

export type Actor = Pick<Identity, 'personId' | 'permissions' | 'providerId'>

export function organisationOf(role: PersonRole): 'operator' | 'provider' {
  return (rolesFor.operator as readonly string[]).includes(role) ? 'operator' : 'provider'
}

/** Nobody gives more than they have, and nobody of a provider gives what is the operator's. */
export function mayGrant(actor: Actor, role: PersonRole): boolean {
  if (actor.providerId !== null && organisationOf(role) === 'operator') return false
  return covers(actor.permissions, permissionsOf([role]))
}

export function isPersonRole(name: string): name is PersonRole {
  return (personRoles as readonly string[]).includes(name)
}

/** Throws where these roles do not fit the organisation, or are more than the actor may give. */
export function checkGrant(actor: Actor, roles: readonly PersonRole[], providerId: string | null): void {
  const kind = providerId === null ? 'operator' : 'provider'
  const stray = roles.find((role) => organisationOf(role) !== kind)
  if (stray !== undefined) throw new OperationError('role-not-of-organisation', 422, `${stray} is no role of a person of the ${kind}`)
  const tooMuch = roles.find((role) => !mayGrant(actor, role))
  if (tooMuch !== undefined) {
    throw new OperationError('more-rights', 403, `${tooMuch} may do what your own roles may not: somebody who may has to give it`)
  }
}

/** Why the actor cannot manage this person; null where they can. */
export function lockOf(actor: Actor, person: { id: string; roles: readonly string[] }): 'own-account' | 'more-rights' | null {
  if (actor.personId === person.id) return 'own-account'
  return covers(actor.permissions, permissionsOf(person.roles)) ? null : 'more-rights'
}

export function checkManage(actor: Actor, person: { id: string; roles: readonly string[] }): void {
  const lock = lockOf(actor, person)
  if (lock === 'own-account') {
    throw new OperationError(
      'own-account',
      409,
      'nobody changes their own rights, and nobody locks themselves out: ask another administrator',
    )
  }
  if (lock === 'more-rights') throw new OperationError('more-rights', 403, 'this person may do what your own roles may not')
}

function covers(have: readonly Permission[], wanted: readonly Permission[]): boolean {
  return wanted.every((permission) => have.includes(permission))
}
