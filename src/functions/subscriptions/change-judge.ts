import { findTransition } from '#domain/lifecycle.ts'
import type { ImposedState } from '#domain/subscription.ts'
import type { Gate, GateDecision } from '#guard/gate.ts'
import type { ChangeOutcome, SubscriptionChange } from '#platform/change.ts'
import type { ChangeRow, Target } from './change-rows.ts'

/** What one change may do to one row; everything that the answer depends on stands here. */
export interface Judging {
  gate: Gate
  by: string
  /** Persons who agreed, the actor among them where it is one. */
  persons: readonly string[]
  actorIsPerson: boolean
  /** An API client asks, and no person has agreed: it has an id as people do, and is none of them. */
  isProgramAlone: boolean
  isOperator: boolean
  target: Target | null | undefined
}

type Refusal = { code: string; detail: string }
type Kind = Exclude<GateDecision['kind'], 'refuse'>

/** `asks`: the kinds of decision that the gate must allow; none where nothing could be cut off. */
type Wish = { unchanged: true } | { refused: Refusal } | { asks: readonly Kind[] }

const unchanged: Wish = { unchanged: true }
const free: Wish = { asks: [] }

/** Whether the row may be changed so, and what the exemption gate says of it. Changes nothing. */
export function judgeChange(change: SubscriptionChange, row: ChangeRow, judging: Judging): ChangeOutcome {
  const about = { id: row.id, imsi: row.imsi }
  const wish = wishOf(change, row, judging)
  if ('unchanged' in wish) return { ...about, outcome: 'unchanged' }
  if ('refused' in wish) return { ...about, outcome: 'refused', ...wish.refused }
  for (const kind of wish.asks) {
    const jurisdiction = row.visited_plmn?.slice(0, 3)
    const answer = judging.gate.ask(
      { kind, by: judging.by, approvals: judging.persons, ...(jurisdiction === undefined ? {} : { jurisdiction }) },
      { class: row.class, providerId: row.provider_id },
    )
    if (answer.allowed) continue
    return answer.needed === undefined
      ? { ...about, outcome: 'refused', code: 'gate-refuses', detail: answer.because }
      : { ...about, outcome: 'needs-approval', needed: answer.needed, detail: answer.because }
  }
  return { ...about, outcome: 'changed' }
}

function wishOf(change: SubscriptionChange, row: ChangeRow, judging: Judging): Wish {
  // The only permanent state: what was retired is evidence and no longer a thing to configure.
  if (row.intended === 'retired' && change.kind !== 'state') return refused('sim-retired', 'a retired SIM cannot be changed any more')
  switch (change.kind) {
    case 'state':
      return stateWish(change.to, row)
    case 'profile':
      return change.profileId === row.profile_id
        ? unchanged
        : (targetRefusal('profile', row, judging.target) ?? { asks: ['profile-change'] })
    case 'class':
      return change.to === row.class ? unchanged : { asks: ['class-change'] }
    case 'group':
      return change.groupId === row.group_id ? unchanged : (targetRefusal('group', row, judging.target) ?? free)
    case 'plan':
      return change.planId === row.plan_id ? unchanged : (targetRefusal('plan', row, judging.target) ?? free)
    case 'label':
      return labelWish(change.label, row)
    case 'imei-lock':
      return lockWish(change.imei, row)
    case 'hold':
      return change.held === row.hold_next_attach ? unchanged : change.held ? { asks: ['suspend'] } : releaseWish(judging)
    case 'partition':
      return partitionWish(change.hssPartition, row)
    case 'impose':
      return imposeWish(change.reason, judging)
    case 'lift':
      return liftWish(change.reason, row, judging)
  }
}

function stateWish(to: ChangeRow['intended'], row: ChangeRow): Wish {
  if (to === row.intended) return unchanged
  const transition = findTransition(row.intended, to)
  if (transition === undefined) return refused('transition-not-allowed', `${row.intended} does not become ${to}`)
  // What cannot be taken back is asked about as well, though the device may be silent already.
  return transition.cutsOff || transition.final ? { asks: ['suspend'] } : free
}

/** What it points at must exist, be the same provider's, and be meant for this kind of UICC (CLP.14 §5.1). */
function targetRefusal(what: 'profile' | 'group' | 'plan', row: ChangeRow, target: Target | null | undefined): Wish | null {
  if (target === undefined) return null
  if (target === null || target.providerId !== row.provider_id) return refused(`${what}-unknown`, `its provider has no such ${what}`)
  if (target.use === null || target.use === row.use) return null
  return refused('card-use-differs', `the ${what} is for ${target.use} UICCs, and this card is one for ${row.use} use`)
}

const longestLabel = 120

function labelWish(label: string | null, row: ChangeRow): Wish {
  if (label === row.label) return unchanged
  if (label === null) return free
  const isFit = label.trim() === label && label !== '' && label.length <= longestLabel && !/\p{Cc}/u.test(label)
  return isFit ? free : refused('label-invalid', `a label has 1 to ${longestLabel} characters, none of them a control character`)
}

/** OPERATOR.md §11: 14 digits count; the 15th is spare or a check digit that nobody signals. */
function lockWish(imei: string | null, row: ChangeRow): Wish {
  const isImposed = row.imposed.some(({ reason }) => reason === 'imei-lock')
  if (imei === row.locked_imei && !isImposed) return unchanged
  if (imei === null) return free
  if (!/^\d{14}$/.test(imei)) return refused('imei-invalid', 'an IMEI is given by its first 14 digits')
  return row.registered_imei === null || row.registered_imei === imei ? free : { asks: ['profile-change'] }
}

function partitionWish(partition: string, row: ChangeRow): Wish {
  if (partition === row.hss_partition) return unchanged
  if (!/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(partition)) {
    return refused('partition-invalid', 'a partition has a name of up to 32 small letters, digits and hyphens')
  }
  return { asks: ['profile-change'] }
}

function imposeWish(reason: ImposedState['reason'], { isOperator, actorIsPerson }: Judging): Wish {
  if (reason === 'operator-barring' && !isOperator) return refused('operator-only', 'only the operator bars and lifts its own barring')
  // A control that cuts off by itself needs an agreement with the provider; a person answers for what they do.
  return { asks: [reason === 'abuse' && !actorIsPerson ? 'autoblock' : 'suspend'] }
}

/** What is held waits for a person (CLP.14 §5.8.6): no key that leaked lets a device in. */
function releaseWish({ isProgramAlone }: Judging): Wish {
  return isProgramAlone ? refused('people-only', 'a held SIM is let in by a person, not by an API client') : free
}

function liftWish(reason: ImposedState['reason'], row: ChangeRow, judging: Judging): Wish {
  const stands = row.imposed.some((state) => state.reason === reason) || (reason === 'held' && row.hold_next_attach)
  if (!stands) return unchanged
  if (reason === 'operator-barring' && !judging.isOperator)
    return refused('operator-only', 'only the operator bars and lifts its own barring')
  return reason === 'held' ? releaseWish(judging) : free
}

function refused(code: string, detail: string): Wish {
  return { refused: { code, detail } }
}
