import type { SubscriptionChange } from '#platform/change.ts'
import type { HssPort } from '#platform/ports.ts'
import { type Message, say } from '#platform/text.ts'
import type { ChangeRow } from './change-rows.ts'

/** What a person should know before they say yes; what the answer depends on stands in the row. */
export interface Situation {
  row: ChangeRow
  /** The node that serves it; null: none. */
  servedBy: string | null
  expectedNext: ReturnType<HssPort['expectedNext']>
}

/** What will happen, in sentences: to the device, to its serving node, and what stays on the card. */
export function effectsOf(changes: readonly SubscriptionChange[], situation: Situation): Message[] {
  const all = changes.flatMap((change) => effectOf(change, situation))
  return all.filter(({ key }, i) => all.findIndex((other) => other.key === key) === i)
}

function effectOf(change: SubscriptionChange, situation: Situation): Message[] {
  const { row, servedBy } = situation
  switch (change.kind) {
    case 'state':
      return stateEffect(change.to, situation)
    case 'impose':
      return [...barred(servedBy), say('sim.effect.not-sticky')]
    case 'lift':
    case 'hold':
      if (change.kind === 'hold' && change.held) {
        return [say(servedBy === null ? 'sim.effect.held' : 'sim.effect.held-later'), say('sim.effect.not-sticky')]
      }
      return [say('sim.effect.let-in'), ...waits(situation)]
    case 'imei-lock':
      return [
        change.imei === null ? say('sim.effect.lock-released') : say('sim.effect.lock-moved', { imei: change.imei }),
        ...waits(situation),
      ]
    case 'profile':
      return [servedBy === null ? say('sim.effect.profile-next') : say('sim.effect.profile-told', { node: servedBy })]
    case 'class':
      return [
        say(change.to === 'critical' ? 'sim.effect.critical' : row.class === 'critical' ? 'sim.effect.not-critical' : 'sim.effect.class'),
      ]
    case 'partition':
      return [say('sim.effect.partition')]
    case 'group':
    case 'plan':
    case 'label':
      return [say('sim.effect.network-unaffected')]
  }
}

function stateEffect(to: ChangeRow['intended'], situation: Situation): Message[] {
  const { servedBy } = situation
  switch (to) {
    case 'active':
    case 'test':
      return [servedBy === null ? say('sim.effect.accepted-next') : say('sim.effect.unbarred', { node: servedBy }), ...waits(situation)]
    case 'retired':
      return [
        ...(servedBy === null ? [] : [say('sim.effect.cancelled', { node: servedBy })]),
        say('sim.effect.sticky'),
        say('sim.effect.no-way-back'),
      ]
    case 'suspended':
    case 'inventory':
      return [...barred(servedBy), say('sim.effect.not-sticky')]
  }
}

function barred(servedBy: string | null): Message[] {
  return [servedBy === null ? say('sim.effect.refused-next') : say('sim.effect.barred-now', { node: servedBy })]
}

/** Whatever we do, the device comes back when its own timer says so (TS 24.301 §10.2). */
function waits({ expectedNext, servedBy }: Situation): Message[] {
  if (servedBy !== null) return []
  return [expectedNext === null ? say('sim.effect.device-decides') : say('sim.effect.device-waits', { until: expectedNext.to })]
}
