import { type Clock, sleep } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'
import type { RequestResult } from '#links/diameter/types.ts'
import type { Told } from '#platform/announcement.ts'
import { cancellation, type Outbound } from './outbound.ts'
import type { Pace } from './pacer.ts'
import { subscriptionData } from './procedures.ts'
import type { HssStore, Registration, SubscriberRow } from './subscriber.ts'
import type { SubscriberCache } from './subscriber-cache.ts'
import type { SubscriberState } from './subscriber-state.ts'

export interface TellerParts {
  clock: Clock
  store: Pick<HssStore, 'loadServed'>
  cache: Pick<SubscriberCache<SubscriberState>, 'isPinned'>
  outbound: Outbound
}

/** A registration that is being written is waited for: its answer may carry the data of before. */
const settleMs = 25
const settleTries = 40
/** Up to so many SIMs at once somebody waits for; more are a bulk change, which leaves room for the others. */
const urgentAtMost = 16

/**
 * Tells serving nodes what changed. Reads from the store and not through the cache, so that a change of a million SIMs
 * evicts nobody who is signalling.
 */
export class Teller {
  readonly #parts: TellerParts
  /** APNs that forgotten subscribers had in memory, or were last told to their node: contexts that are gone are withdrawn by name. */
  readonly #apnsBefore = new LruMap<string, number>(limits.hss.apnsRemembered)

  constructor(parts: TellerParts) {
    this.#parts = parts
  }

  /** What is in memory of a subscriber is about to be forgotten. */
  remember({ row }: SubscriberState): void {
    this.#apnsBefore.set(row.imsi, row.profile.apns.length)
  }

  /** Resolves when each serving node has answered, or will not. Never rejects. */
  async tell(imsis: readonly string[]): Promise<readonly Told[]> {
    const { clock, store } = this.#parts
    await this.#settled(imsis)
    const pace = imsis.length <= urgentAtMost ? 'now' : 'bulk'
    let served: ReadonlyMap<string, SubscriberRow>
    try {
      served = await store.loadServed(imsis)
    } catch {
      return imsis.map((imsi) => ({ imsi, outcome: 'failed', operation: null, resultCode: null, at: clock.now() }))
    }
    return await Promise.all(
      imsis.map(async (imsi) => {
        const row = served.get(imsi)
        if (row?.registration == null) return { imsi, outcome: 'not-registered', operation: null, resultCode: null, at: clock.now() }
        return await this.#tellOne(row, row.registration, pace)
      }),
    )
  }

  /**
   * CLR only where the subscription has ended. Whoever is suspended is barred by IDR instead (TS 29.272 §7.3.30): a
   * withdrawal may leave the device with a cause that sticks (OPERATOR.md §1), and lifting the bar needs no new attach.
   */
  async #tellOne(row: SubscriberRow, registration: Registration, pace: Pace): Promise<Told> {
    const { clock, outbound } = this.#parts
    const gone = this.#contextsGone(row)
    const operation = row.intended === 'retired' ? 'CLR' : 'IDR'
    if (operation === 'IDR' && gone.length > 0) void outbound.deleteSubscriberData(row.imsi, registration, gone)
    const result = await (operation === 'CLR'
      ? outbound.cancelLocation(row.imsi, registration, cancellation.subscriptionWithdrawal, pace)
      : outbound.insertSubscriberData(row.imsi, registration, subscriptionData({ now: () => clock.now() }, { row }), pace))
    const resultCode = resultCodeOf(result)
    // USER_UNKNOWN from the node of record: it holds the subscriber no longer (TS 29.272 §5.2.2.1.3).
    const outcome = resultCode === 2001 ? 'confirmed' : resultCode === 5001 ? 'not-registered' : 'failed'
    return { imsi: row.imsi, outcome, operation, resultCode, at: clock.now() }
  }

  /** Context-Identifiers are 1 and up in the order of the profile. */
  #contextsGone({ imsi, profile }: SubscriberRow): readonly number[] {
    const before = this.#apnsBefore.peek(imsi) ?? 0
    const now = profile.apns.length
    // Telling reads past the cache: a second change must know what the first one told.
    this.#apnsBefore.set(imsi, now)
    return Array.from({ length: Math.max(0, before - now) }, (_, i) => now + i + 1)
  }

  async #settled(imsis: readonly string[]): Promise<void> {
    const { cache, clock } = this.#parts
    for (let i = 0; i < settleTries && imsis.some((imsi) => cache.isPinned(imsi)); i++) await sleep(clock, settleMs)
  }
}

function resultCodeOf(result: RequestResult): number | null {
  if (!result.ok) return null
  const avps = result.answer.avps as { 'Result-Code'?: number; 'Experimental-Result'?: { 'Experimental-Result-Code'?: number } }
  return avps['Result-Code'] ?? avps['Experimental-Result']?.['Experimental-Result-Code'] ?? null
}
