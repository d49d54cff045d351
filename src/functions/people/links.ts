import { OperationError } from '#core/errors.ts'
import type { EnrolmentPort } from '#platform/enrolment.ts'
import type { Ports } from '#platform/ports.ts'
import { checkManage } from './granting.ts'
import { actorOf, type Caller, type PeopleParts, requirePerson } from './service.ts'

export interface Link {
  url: string
  expiresAt: number
}

/** Sign-in may run in another process, or not at all. */
export function enrolmentOf({ enrolment }: Readonly<Partial<Ports>>): EnrolmentPort {
  if (enrolment === undefined)
    throw new OperationError('not-running', 503, 'the function that makes links for people does not run in this process')
  return enrolment
}

/** A link for one person, made by another who may manage them; it goes into the ledger that there is one, not which. */
export async function makeLink(parts: PeopleParts, id: string, purpose: 'invite' | 'recover', reason: string, call: Caller): Promise<Link> {
  const actor = actorOf(call)
  const person = await requirePerson(call.db, id)
  checkManage(actor, person)
  if (person.disabled_at !== null) throw new OperationError('person-disabled', 409, 'this person is disabled: enable them first')
  if (person.sso_only)
    throw new OperationError('sso-only', 409, 'this person comes in by single sign-on only: there is nothing to set up here')
  const enrolment = enrolmentOf(parts.optional)
  const has = ((await enrolment.factorsOf([id])).get(id) ?? []).length > 0
  if (purpose === 'invite' && has)
    throw new OperationError('person-enrolled', 409, 'this person has set up their sign-in: recover it instead')
  const link = await enrolment.link(id, purpose, actor.personId)
  await parts.ports.ledger.append({
    kind: purpose === 'invite' ? 'person-invited-again' : 'recovery-started',
    actor: actor.personId,
    providerId: person.provider_id,
    body: { personId: id, expiresAt: link.expiresAt, reason, address: call.address },
  })
  return link
}
