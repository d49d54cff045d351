import type { EffectiveState, ImposedState, Subscription } from './subscription.ts'

/** Reasons set by controls, the one that a person must clear first coming first. */
const imposedOrder: readonly ImposedState['reason'][] = ['blocklisted', 'operator-barring', 'abuse', 'held', 'imei-lock', 'quota']

/** True while the imposed reason stands. */
function isStanding(state: ImposedState, now: number): boolean {
  return state.since <= now && (state.expiresAt === null || now < state.expiresAt)
}

/** A flag that a person set: the next attach waits for one to let it in (CLP.14 §5.8.6). What is connected stays so. */
const heldByPerson: ImposedState = { reason: 'held', by: 'hold-next-attach', since: 0, expiresAt: null, note: '' }

/**
 * What the network functions obey, derived and never stored. `now`: wall time, ms. Only `retired` is permanent; a
 * provider's own wish comes before what controls imposed, because lifting the latter would not connect the device.
 */
export function effectiveState(
  subscription: Pick<Subscription, 'intended' | 'imposed'> & { holdNextAttach?: boolean },
  now: number,
): EffectiveState {
  const { intended, imposed } = subscription
  if (intended !== 'active' && intended !== 'test') {
    return { canConnect: false, because: intended, permanent: intended === 'retired', by: 'provider' }
  }
  let first: ImposedState | undefined
  for (const state of subscription.holdNextAttach === true ? [...imposed, heldByPerson] : imposed) {
    if (!isStanding(state, now)) continue
    if (first === undefined || imposedOrder.indexOf(state.reason) < imposedOrder.indexOf(first.reason)) first = state
  }
  return first === undefined ? { canConnect: true } : { canConnect: false, because: first.reason, permanent: false, by: first.by }
}

/** The next time at which the effective state may change by itself, or null. Caches keep a derived state until then. */
export function changesAt(subscription: Pick<Subscription, 'imposed'>, now: number): number | null {
  let next: number | null = null
  for (const { since, expiresAt } of subscription.imposed) {
    for (const at of [since, expiresAt]) {
      if (at !== null && at > now && (next === null || at < next)) next = at
    }
  }
  return next
}
