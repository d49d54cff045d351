import type { Reason } from '#guard/verdict.ts'
import type { SignalEvent } from '#platform/ports.ts'
import { forgedReasons } from '#platform/signal-counts.ts'

/** What one message says of a device that wants to get in. */
export interface Outcome {
  imsi: string
  at: number
  plmn: string
  what: 'in' | 'failed' | 'refused'
}

/** A message that concerns the security of a provider's SIMs. */
export interface Concern {
  kind: 'attack' | 'attack-passed' | 'refused'
  reason: Reason
  ruleId: string
}

/** We could not, though we should have; the device comes back. Steering sends it elsewhere, where it must get in. */
const notPolicy: ReadonlySet<Reason> = new Set(['storm', 'busy', 'store-unavailable', 'steering'])
const success = 2001

/**
 * Null where the message says nothing of it. An AIR that was answered does not: MMEs ask for vectors to authenticate
 * again, without any attach. A forged message is not the device's.
 */
export function outcomeOf(event: SignalEvent): Outcome | null {
  const { imsi, providerId, direction, operation, at, action, reason, resultCode } = event
  if (imsi === null || providerId === null || direction !== 'in' || (operation !== 'AIR' && operation !== 'ULR')) return null
  if (isAttack(event)) return null
  const outcome = (what: Outcome['what']): Outcome => ({ imsi, at, plmn: event.visitedPlmn ?? '', what })
  if (hasPassed(action)) {
    if (resultCode === null) return null
    if (resultCode !== success) return outcome('failed')
    return operation === 'ULR' ? outcome('in') : null
  }
  if (notPolicy.has(reason)) return outcome('failed')
  return forgedReasons.has(reason) ? null : outcome('refused')
}

/** Null for what passed in order. */
export function concernOf(event: SignalEvent): Concern | null {
  const { action, reason, ruleId, direction } = event
  if (direction !== 'in') return null
  if (isAttack(event)) {
    if (!hasPassed(action)) return { kind: 'attack', reason, ruleId }
    const [shadow] = event.shadow.filter((one) => forgedReasons.has(one.reason))
    return { kind: 'attack-passed', reason: shadow?.reason ?? reason, ruleId: shadow?.ruleId ?? ruleId }
  }
  return hasPassed(action) ? null : { kind: 'refused', reason, ruleId }
}

/** Alarmed, and refused as forged or passed though a rule that does not act found it forged. */
function isAttack({ alert, action, reason, shadow }: SignalEvent): boolean {
  if (!alert) return false
  return hasPassed(action) ? shadow.some((one) => forgedReasons.has(one.reason)) : forgedReasons.has(reason)
}

function hasPassed(action: SignalEvent['action']): boolean {
  return action === 'allow' || action === 'hold' || action === 'challenge'
}
