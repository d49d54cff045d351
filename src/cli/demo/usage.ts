import { planRows } from '#cli/world/plans.ts'
import { idOf } from '#cli/world/rows.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import type { UsagePort, UsageRecord } from '#platform/usage.ts'
import type { SimCard } from '#sim/cards.ts'

/** SIMs that send something, and how many of them do so at a time. */
const fed = 300
const atATime = 30
const everyMs = 5_000
/** A few go over what is included; none reaches its cut-off, which would take it out of the story. */
const mostOfIncluded = 1.1

export interface UsageFeed {
  stop(): Promise<void>
}

/** What the simulated devices send and get, as records of the operator's gateway would tell it. */
export function startUsage(options: { clock: Clock; seed: number; sims: readonly SimCard[]; usage: UsagePort | undefined }): UsageFeed {
  const { clock, usage } = options
  const random = seededRandom(options.seed).fork('usage')
  const included = new Map(planRows().map((plan) => [plan.providerId, plan.body.includedBytes]))
  const devices = options.sims.slice(0, fed).map((sim) => {
    const plan = included.get(idOf('provider', sim.providerId)) ?? 0
    // Most use little, few use much.
    return { imsi: sim.imsi, left: Math.round(plan * mostOfIncluded * random.next() ** 3) }
  })
  let count = 0
  let timer: Timer | undefined
  let sending: Promise<unknown> = Promise.resolve()
  const recordOf = (device: (typeof devices)[number], bytes: number): UsageRecord => {
    const now = clock.now()
    device.left -= bytes
    count += 1
    const bytesDown = Math.floor(bytes / 4)
    return {
      imsi: device.imsi,
      from: now - 1,
      to: now,
      bytesUp: bytes - bytesDown,
      bytesDown,
      source: 'simulator',
      reference: String(count),
    }
  }
  const send = (records: readonly UsageRecord[]): void => {
    sending = sending.then(() => usage?.record(records)).catch(() => {})
  }
  const more = (): void => {
    timer = clock.after(everyMs, more)
    const some = Array.from({ length: atATime }, () => devices[Math.floor(random.next() * devices.length)]).filter(
      (one) => one !== undefined,
    )
    send(some.filter(({ left }) => left > 40).map((device) => recordOf(device, Math.ceil(device.left / 40))))
  }
  send(devices.filter(({ left }) => left > 40).map((device) => recordOf(device, Math.floor(device.left * 0.8))))
  timer = clock.after(everyMs, more)
  return {
    async stop() {
      timer?.cancel()
      await sending
    },
  }
}
