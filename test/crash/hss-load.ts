import assert from 'node:assert/strict'
import { systemClock } from '#core/clock.ts'
import { type Random, seededRandom } from '#core/random.ts'
import type { RequestResult } from '#links/diameter/types.ts'
import type { Message } from '#protocols/diameter/codec.ts'
import { batchRow, generateSims, type SimCard } from '#sim/cards.ts'
import { notifyAt } from '#sim/encounter.ts'
import { air, isSuccess, resultOf, ulr, ulrFlags } from '#sim/messages.ts'
import type { Mme } from '#sim/mme.ts'
import { createSocketWorld, type SocketWorld } from '#sim/sockets.ts'
import { ask } from '#sim/transport.ts'
import type { Usim } from '#sim/usim.ts'
import { createVisitedNetworks, subjectOf } from '#sim/visited.ts'
import { type NetworkId, peers } from '#sim/world.ts'

/**
 * AIRs and ULRs of a few devices from seven MMEs at once, over sockets that are connected again after each crash. It
 * keeps what the HSS has promised: each sequence number that was issued, each registration that was acknowledged.
 */

const allNetworks = ['aurelia', 'brenn', 'fennmark'] as const satisfies readonly NetworkId[]

interface Subscriber {
  sim: SimCard
  usim: Usim
  /** Every SEQ issued, on whatever IND. */
  readonly issued: Set<bigint>
  /** The last SEQ by IND, in the order in which vectors arrived. */
  readonly last: Map<number, bigint>
  /** The MME whose registration was acknowledged last. */
  registered: Mme | null
  /** An MME whose ULR was under way when the connection was lost: it may or may not be registered. */
  uncertain: Mme | null
}

export interface LoadCounts {
  vectors: number
  registrations: number
  /** Answers by Result-Code; experimental codes as `e5001`. */
  readonly results: Map<string, number>
  /** Requests that got no answer while the connection stood. */
  timeouts: number
}

export class HssLoad {
  readonly #world: SocketWorld
  readonly #mmes: readonly [Mme, ...Mme[]]
  readonly #random: Random
  readonly #subscribers: readonly Subscriber[]
  readonly #watchers = new Set<() => void>()
  readonly #counts: LoadCounts = { vectors: 0, registrations: 0, results: new Map(), timeouts: 0 }
  #isStopping = false
  #running: Promise<unknown> = Promise.resolve()

  /** `networks`: whose MMEs send. `beside`: another load about the same devices; what either is given, the other knows. */
  constructor(options: { port: number; sims: number; seed: number; networks?: readonly NetworkId[]; beside?: HssLoad }) {
    const { port, sims, seed, networks = allNetworks, beside } = options
    this.#random = seededRandom(seed)
    this.#world = createSocketWorld({
      clock: systemClock,
      target: { host: '127.0.0.1', port },
      peers: peers.filter((row) => row.role === 'node' && networks.some((id) => row.id.endsWith(id))),
      timers: { reconnectMinMs: 20, reconnectMaxMs: 100 },
    })
    const visited = createVisitedNetworks({
      clock: systemClock,
      random: this.#random,
      transportOf: (peerId) => (this.#world.peerIds.includes(peerId) ? this.#world.transportOf(peerId) : deaf(peerId)),
    })
    const [first, ...others] = networks.flatMap((id) => visited.of(id))
    assert.ok(first !== undefined)
    this.#mmes = [first, ...others]
    this.#subscribers =
      beside !== undefined
        ? beside.#subscribers
        : generateSims(sims, seed).map((sim) => {
            const { usim } = subjectOf(sim)
            assert.ok(usim !== null)
            return { sim, usim, issued: new Set(), last: new Map(), registered: null, uncertain: null }
          })
  }

  get counts(): LoadCounts {
    return this.#counts
  }

  ready(): Promise<void> {
    return this.#world.ready(20_000)
  }

  /** Resolves when the counts fulfil `holds`; rejects when something broke a promise before. */
  until(holds: (counts: LoadCounts) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running.catch(reject)
      const check = (): void => {
        if (!holds(this.#counts)) return
        this.#watchers.delete(check)
        resolve()
      }
      this.#watchers.add(check)
      check()
    })
  }

  /** Starts two conversations for each of the devices `from` to `to`. */
  start(from = 0, to = this.#subscribers.length): void {
    this.#isStopping = false
    const started = this.#subscribers.slice(from, to).flatMap((subscriber) => [this.#converse(subscriber), this.#harvest(subscriber)])
    this.#running = Promise.all([this.#running, ...started])
    this.#running.catch(() => {
      this.#isStopping = true
    })
  }

  /** Ends all conversations; resolves when nothing is under way, rejects when something broke a promise. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#running
  }

  /** After a restart: each acknowledged registration is still the HSS's, as it shows by accepting a NOR of that MME. */
  async checkRegistrations(): Promise<number> {
    let checked = 0
    for (const subscriber of this.#subscribers) {
      const { registered, uncertain, sim } = subscriber
      if (registered === null) continue
      checked += 1
      if (await isServedBy(registered, sim.imsi)) continue
      assert.ok(uncertain !== null && (await isServedBy(uncertain, sim.imsi)), `${sim.imsi} was acknowledged at ${registered.host}`)
      subscriber.registered = uncertain
    }
    for (const subscriber of this.#subscribers) subscriber.uncertain = null
    return checked
  }

  /** What the store must hold now, by IMSI: where it may be registered, and a SEQ that must be reserved. */
  promises(): { imsi: string; hosts: string[]; highestSeq: bigint }[] {
    return this.#subscribers.map(({ sim, issued, registered, uncertain }) => ({
      imsi: sim.imsi,
      hosts: registered === null ? [] : [registered.host, ...(uncertain === null ? [] : [uncertain.host])],
      highestSeq: [...issued].reduce((most, seq) => (seq > most ? seq : most), 0n),
    }))
  }

  close(): Promise<void> {
    return this.#world.close()
  }

  /** Registers again and again, each time at another MME. */
  async #converse(subscriber: Subscriber): Promise<void> {
    const { imsi, imei } = subscriber.sim
    while (!this.#isStopping) {
      const mme = this.#random.pick(this.#mmes)
      const vectors = await this.#authenticate(subscriber, mme, 1)
      if (vectors === 0) continue
      subscriber.uncertain = mme
      const reply = await ask(mme.transport, ulr(mme.origin(), { imsi, plmn: mme.plmn, flags: ulrFlags.initialAttach, imei }))
      if (this.#note(reply)) {
        subscriber.registered = mme
        this.#counts.registrations += 1
      }
      if (reply.ok) subscriber.uncertain = null
      this.#tell()
    }
  }

  /** Asks for vectors of a device that is being registered elsewhere at the same time. */
  async #harvest(subscriber: Subscriber): Promise<void> {
    while (!this.#isStopping) {
      await this.#authenticate(subscriber, this.#random.pick(this.#mmes), 1 + this.#random.int(3))
      this.#tell()
    }
  }

  /** The number of vectors; 0 also where the connection is down. */
  async #authenticate(subscriber: Subscriber, mme: Mme, vectors: number): Promise<number> {
    const { imsi } = subscriber.sim
    const reply = await ask(mme.transport, air(mme.origin(), { imsi, plmn: mme.plmn, vectors }))
    if (!this.#note(reply)) {
      // Neither a refusal nor a lost connection may become a busy loop.
      await new Promise((resolve) => setTimeout(resolve, reply.ok ? 5 : 20))
      return 0
    }
    return reply.ok ? this.#take(subscriber, mme, reply.answer) : 0
  }

  /** The card checks each vector in the order of arrival, and tells its sequence number. */
  #take({ sim, usim, issued, last }: Subscriber, mme: Mme, answer: Message): number {
    if (answer.command !== 'AIA') return 0
    const vectors = (answer.avps['Authentication-Info']?.['E-UTRAN-Vector'] ?? []).toSorted(
      (a, b) => (a['Item-Number'] ?? 0) - (b['Item-Number'] ?? 0),
    )
    const { indBits } = batchRow(sim.batchId).parameters
    for (const vector of vectors) {
      const accepted = usim.authenticate(vector.RAND, vector.AUTN)
      if (!accepted.ok) assert.fail(`${sim.imsi}: the card says ${accepted.why} to a vector of ${mme.host}`)
      const seq = BigInt(accepted.sqn) >> BigInt(indBits)
      const ind = accepted.sqn % 2 ** indBits
      assert.ok(!issued.has(seq), `${sim.imsi}: SEQ ${seq} was issued twice`)
      assert.ok(seq > (last.get(ind) ?? 0n), `${sim.imsi}: on IND ${ind} SEQ ${seq} came after ${last.get(ind)}`)
      issued.add(seq)
      last.set(ind, seq)
    }
    this.#counts.vectors += vectors.length
    return vectors.length
  }

  /** True for a success. */
  #note(reply: RequestResult): boolean {
    if (!reply.ok) {
      if (reply.why === 'timeout') this.#counts.timeouts += 1
      return false
    }
    const { code, experimental } = resultOf(reply.answer)
    const name = experimental ? `e${code}` : `${code}`
    this.#counts.results.set(name, (this.#counts.results.get(name) ?? 0) + 1)
    return isSuccess(reply.answer)
  }

  #tell(): void {
    for (const watch of [...this.#watchers]) watch()
  }
}

async function isServedBy(mme: Mme, imsi: string): Promise<boolean> {
  const reply = await notifyAt(mme, { imsi })
  if (!reply.ok) assert.fail(`the HSS does not answer: ${reply.why}`)
  return isSuccess(reply.answer)
}

/** For networks that take no part. */
function deaf(peerId: string) {
  return {
    peerId,
    serve() {},
    request: (_message: Message, _timeoutMs: number, done: (reply: RequestResult) => void) => done({ ok: false, why: 'no-route' }),
  }
}
