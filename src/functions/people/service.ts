import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Call } from '#platform/http/route.ts'
import { isUuid } from '#platform/page.ts'
import type { PersonRole } from '#platform/permission.ts'
import type { Ports } from '#platform/ports.ts'
import type { Tx } from '#store/db.ts'
import { type Actor, checkGrant, checkManage } from './granting.ts'
import {
  countAdministrators,
  insertPerson,
  isNameTaken,
  listPersons,
  lockAdministrators,
  lockPerson,
  type PersonRow,
  readPerson,
  updatePerson,
} from './store.ts'

export interface PeopleParts {
  clock: Clock
  newId(): string
  ports: Pick<Ports, 'ledger' | 'subjects'>
  optional: Readonly<Partial<Ports>>
}

export type Caller = Pick<Call, 'identity' | 'db' | 'address' | 'checkVersion' | 'isRehearsal'>

export interface Invitation {
  name: string
  email: string | null
  language: string | null
  roles: readonly PersonRole[]
  /** null: the operator's; undefined: the same as whoever invites. */
  provider: string | null | undefined
  ssoOnly: boolean
  reason: string
}

function unknownPerson(id: string): OperationError {
  return new OperationError('person-unknown', 404, `there is no person ${id}`)
}

export async function requirePerson(db: Call['db'], id: string): Promise<PersonRow> {
  const row = await readPerson(db, id)
  if (row === undefined) throw unknownPerson(id)
  return row
}

export function actorOf({ identity }: Pick<Call, 'identity'>): Actor {
  if (identity === null) throw new OperationError('sign-in-needed', 401, 'sign in first')
  return identity
}

/** Makes the account; the link is another step, and can be repeated. Returns the id. */
export async function invite(parts: PeopleParts, invitation: Invitation, call: Caller): Promise<string> {
  const actor = actorOf(call)
  const providerId = organisationFor(actor, invitation.provider)
  checkGrant(actor, invitation.roles, providerId)
  await refuseFull(call, providerId)
  const { clock, ports, optional } = parts
  const id = parts.newId()
  const { name, email, language, roles, ssoOnly, reason } = invitation
  const subjectId = await ports.subjects.subjectFor({ kind: 'person', identifier: id, providerId })
  await ports.ledger.record(
    async (tx, note) => {
      if (providerId !== null && (await tx.query('SELECT 1 FROM provider WHERE id = $1', [providerId])).rows.length === 0) {
        throw new OperationError('provider-unknown', 404, `there is no provider ${providerId}`)
      }
      if (await isNameTaken(tx, name)) throw takenName(name)
      await insertPerson(tx, {
        id,
        provider_id: providerId,
        name,
        email,
        language,
        roles: [...roles],
        sso_only: ssoOnly,
        created_at: new Date(clock.now()),
      }).catch(onTakenName(name))
      await optional.notices?.note(tx, { type: 'person.invited', providerId, subject: { kind: 'person', id }, data: { roles: [...roles] } })
      note({
        kind: 'person-invited',
        actor: actor.personId,
        providerId,
        body: { personId: id, roles: [...roles], ssoOnly, reason, address: call.address },
        personal: { subjectId, data: { name, email, language } },
      })
    },
    { scope: call.db.scope },
  )
  return id
}

/** A provider's person invites into their own organisation only; another one does not exist for them. */
function organisationFor(actor: Actor, asked: string | null | undefined): string | null {
  if (asked === undefined || asked === actor.providerId) return actor.providerId
  if (actor.providerId !== null || (asked !== null && !isUuid(asked))) {
    throw new OperationError(
      'provider-unknown',
      404,
      asked === null ? 'only the operator invites its own people' : `there is no provider ${asked}`,
    )
  }
  return asked
}

async function refuseFull({ db }: Caller, providerId: string | null): Promise<void> {
  const filter = providerId === null ? 'operator:yes' : `provider:${providerId}`
  const { count } = await listPersons(db, { filter, limit: 1 }, 0)
  const most = limits.organisations.people
  if (count.value >= most) throw new OperationError('people-limit', 422, `an organisation has at most ${most} people`)
}

/** What a person of the same name, in whichever organisation, makes of an invitation: names are what one signs in with. */
function takenName(name: string): OperationError {
  return new OperationError('person-name', 409, `somebody signs in by the name ${name} already: choose another`)
}

function onTakenName(name: string): (error: unknown) => never {
  return (error) => {
    throw (error as { code?: unknown }).code === '23505' ? takenName(name) : error
  }
}

interface Change {
  kind: string
  reason: string
  /** Whether one may do it to oneself. */
  ownToo?: boolean
  /** Whether the request must name the version that it saw. */
  versioned?: boolean
  decide(before: PersonRow, actor: Actor): Partial<Pick<PersonRow, 'name' | 'email' | 'language' | 'roles' | 'disabled_at'>> | undefined
}

/** One change of one person: reads it for update, asks who may, writes it with its ledger entry. */
export async function changePerson(parts: PeopleParts, id: string, change: Change, call: Caller): Promise<void> {
  const actor = actorOf(call)
  const { provider_id: providerId } = await requirePerson(call.db, id)
  const { ledger, subjects } = parts.ports
  // A rehearsal seals nothing, and makes no key.
  const subjectId = call.isRehearsal ? id : await subjects.subjectFor({ kind: 'person', identifier: id, providerId })
  await ledger.record(
    async (tx, note) => {
      if (providerId === null) await lockAdministrators(tx)
      const before = await lockPerson(tx, id)
      if (before === undefined) throw unknownPerson(id)
      if (change.versioned === true) call.checkVersion(before.version)
      if (change.ownToo !== true || actor.personId !== id) checkManage(actor, before)
      const after = change.decide(before, actor)
      if (after === undefined) return
      if (after.name !== undefined && after.name.toLowerCase() !== before.name.toLowerCase() && (await isNameTaken(tx, after.name)))
        throw takenName(after.name)
      await updatePerson(tx, { ...before, ...after }).catch(onTakenName(after.name ?? before.name))
      await refuseLastAdministrator(tx, before)
      note({
        kind: change.kind,
        actor: actor.personId,
        providerId,
        body: { personId: id, ...plainly(before, after), reason: change.reason, address: call.address },
        personal: { subjectId, data: { name: before.name, email: before.email, after: { name: after.name, email: after.email } } },
      })
    },
    { scope: call.db.scope, rehearsal: call.isRehearsal },
  )
}

/** Somebody must be left who can let others in. */
async function refuseLastAdministrator(tx: Tx, before: PersonRow): Promise<void> {
  if (!before.roles.includes('operator-admin') || before.disabled_at !== null) return
  if ((await countAdministrators(tx)) === 0) {
    throw new OperationError('last-administrator', 409, 'this is the last administrator of the operator: name another one first')
  }
}

/** What changed, without names and addresses: those stand sealed. */
function plainly(before: PersonRow, after: Partial<PersonRow>): Record<string, unknown> {
  return {
    changed: Object.keys(after),
    ...(after.roles === undefined ? {} : { before: before.roles, after: after.roles }),
    ...(after.language === undefined ? {} : { language: after.language }),
  }
}
