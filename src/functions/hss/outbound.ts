import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { RequestResult, RequestTarget } from '#links/diameter/types.ts'
import type { AvpsOf, Message, MessageOf, RequestName } from '#protocols/diameter/message.ts'
import { type Pace, Pacer } from './pacer.ts'
import type { Registration } from './subscriber.ts'

/** S6a/S6d (TS 29.272 §7.1.8). */
export const s6aApplication = 16777251
const vendorSpecific = { 'Vendor-Id': 10415, 'Auth-Application-Id': s6aApplication }
/** NO_STATE_MAINTAINED (RFC 6733 §8.11; TS 29.272 §7.1.4). */
const noState = 1

/** Cancellation-Type (TS 29.272 §7.3.24). */
export const cancellation = { mmeUpdate: 0, subscriptionWithdrawal: 2 } as const

/** IDR-Flags (TS 29.272 §7.3.103): EPS User State and EPS Location Information. */
const askStateAndLocation = 0b1100

/** DSR-Flags (TS 29.272 §7.3.25): bit 3, PDN subscription contexts withdrawn. */
const pdnContextsWithdrawn = 0b1000

export interface OutboundOptions {
  clock: Clock
  identity: string
  realm: string
  request(message: Message, to: RequestTarget, timeoutMs?: number): Promise<RequestResult>
  /** Messages a second that the partner agreed to take from us. */
  agreedRate(partnerId: string | null): number
  /** The relays that lead to the partner. */
  via(partnerId: string | null): readonly string[]
  sent(operation: string, imsi: string | null, registration: Registration, result: RequestResult): void
}

type Operation = Extract<RequestName, 'CLR' | 'IDR' | 'DSR' | 'RSR'>

/** What the HSS sends of its own accord to serving nodes, paced to what each partner agreed to. */
export class Outbound {
  readonly #options: OutboundOptions
  readonly #pacer: Pacer
  #sessions = 0

  constructor(options: OutboundOptions) {
    this.#options = options
    this.#pacer = new Pacer(options.clock, (partnerId) => options.agreedRate(partnerId === '' ? null : partnerId), 100_000)
  }

  /** Tells the former node that the subscriber has gone (TS 29.272 §5.2.1.2). */
  cancelLocation(
    imsi: string,
    registration: Registration,
    type: (typeof cancellation)[keyof typeof cancellation],
    pace: Pace = 'now',
  ): Promise<RequestResult> {
    return this.#paced('CLR', imsi, registration, { 'User-Name': imsi, 'Cancellation-Type': type }, pace)
  }

  /** Brings changed data to the serving node (TS 29.272 §5.2.2.1). */
  insertSubscriberData(
    imsi: string,
    registration: Registration,
    data: AvpsOf<'IDR'>['Subscription-Data'],
    pace: Pace = 'now',
  ): Promise<RequestResult> {
    return this.#paced('IDR', imsi, registration, { 'User-Name': imsi, 'Subscription-Data': data }, pace)
  }

  /**
   * Asks the node of record whether the subscriber is still there. Not paced: a ULR waits for it. The grammar wants
   * Subscription-Data, and an empty group is taken for damage by some: `data` is something small that the node knows.
   */
  askWhereabouts(
    imsi: string,
    registration: Registration,
    data: AvpsOf<'IDR'>['Subscription-Data'],
    timeoutMs: number,
  ): Promise<RequestResult> {
    return this.#send(
      'IDR',
      imsi,
      registration,
      { 'User-Name': imsi, 'IDR-Flags': askStateAndLocation, 'Subscription-Data': data },
      timeoutMs,
    )
  }

  /** Withdraws PDN contexts that a profile no longer has (TS 29.272 §5.2.2.2). */
  deleteSubscriberData(imsi: string, registration: Registration, contexts: readonly number[]): Promise<RequestResult> {
    const avps = { 'User-Name': imsi, 'DSR-Flags': pdnContextsWithdrawn, 'Context-Identifier': [...contexts] }
    return this.#paced('DSR', imsi, registration, avps, 'now')
  }

  /** After a restoration of ours; an approved action only, since every MME re-registers what it holds (TS 29.272 §5.2.4). */
  reset(registration: Registration, userIds: readonly string[]): Promise<RequestResult> {
    return this.#paced('RSR', null, registration, { 'User-Id': [...userIds] }, 'bulk')
  }

  waiting(partnerId: string | null): number {
    return this.#pacer.waiting(partnerId ?? '')
  }

  close(): void {
    this.#pacer.close()
  }

  #paced<O extends Operation>(
    operation: O,
    imsi: string | null,
    registration: Registration,
    avps: Partial<AvpsOf<O>>,
    pace: Pace,
  ): Promise<RequestResult> {
    return new Promise((resolve) => {
      const send = (): void => {
        this.#send(operation, imsi, registration, avps).then(resolve, () => resolve({ ok: false, why: 'closed' }))
      }
      const isQueued = this.#pacer.add(registration.partnerId ?? '', send, pace)
      if (!isQueued) resolve({ ok: false, why: 'busy' })
    })
  }

  async #send<O extends Operation>(
    operation: O,
    imsi: string | null,
    registration: Registration,
    avps: Partial<AvpsOf<O>>,
    timeoutMs: number = limits.diameter.answerTimeoutMs,
  ): Promise<RequestResult> {
    const { identity, realm, via, sent } = this.#options
    this.#sessions += 1
    const message = {
      command: operation,
      code: commandCodes[operation],
      application: s6aApplication,
      request: true,
      proxiable: true,
      error: false,
      retransmitted: false,
      hopByHop: 0,
      endToEnd: 0,
      others: [],
      avps: {
        'Session-Id': `${identity};${Math.floor(this.#options.clock.now() / 1000)};${this.#sessions}`,
        'Vendor-Specific-Application-Id': vendorSpecific,
        'Auth-Session-State': noState,
        'Origin-Host': identity,
        'Origin-Realm': realm,
        'Destination-Host': registration.mmeHost,
        'Destination-Realm': registration.mmeRealm,
        ...avps,
      },
    } as unknown as MessageOf<O> & Message
    const peers = [registration.peerId, ...via(registration.partnerId)].filter((id) => id !== '')
    const result = await this.#options.request(message, { host: registration.mmeHost, realm: registration.mmeRealm, via: peers }, timeoutMs)
    sent(operation, imsi, registration, result)
    return result
  }
}

/** TS 29.272 §7.2.1. */
const commandCodes: Readonly<Record<Operation, number>> = { CLR: 317, IDR: 319, DSR: 320, RSR: 322 }
