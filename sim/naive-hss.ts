import { type Clock, VirtualClock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { answerTo, type Message } from '#protocols/diameter/codec.ts'
import { generateSims } from './cards.ts'
import { type OutageResult, type OutageRow, returningDevices, startOutage } from './outage.ts'
import { createDirectNetwork, type DirectHandler } from './transport.ts'
import { createVisitedNetworks } from './visited.ts'
import { home } from './world.ts'

/**
 * An HSS as most are: first come, first served, at a fixed pace, whoever asks and however late. A model, for showing
 * beside the real thing what the same outage does without admission control; its results are labelled computed.
 */

export interface NaiveHssOptions {
  clock: Clock
  /** Registrations per second: twice as many messages, since one is an AIR and its ULR. */
  capacityPerSecond: number
  /** Messages that may wait; more are lost, as in a full receive queue. */
  queue?: number
}

export interface NaiveHss {
  handle: DirectHandler
  readonly counters: { answered: number; lost: number }
}

/** Messages. At 100 a second that is 50 s of work: long past what any MME waits for. */
const defaultQueue = 5_000

function createNaiveHss(options: NaiveHssOptions): NaiveHss {
  const { clock, capacityPerSecond, queue = defaultQueue } = options
  const serviceMs = 1000 / (2 * capacityPerSecond)
  const counters = { answered: 0, lost: 0 }
  let freeAtMs = 0
  let waiting = 0
  return {
    counters,
    handle(request, _peerId, respond) {
      if (waiting >= queue) {
        counters.lost += 1
        respond(null)
        return
      }
      const now = clock.monotonicMs()
      freeAtMs = Math.max(now, freeAtMs) + serviceMs
      waiting += 1
      clock.after(freeAtMs - now, () => {
        waiting -= 1
        counters.answered += 1
        respond(success(request))
      })
    },
  }
}

const origin = { 'Origin-Host': home.hssHost, 'Origin-Realm': home.realm, 'Auth-Session-State': 1, 'Result-Code': 2001 }

function success(request: Message): Message | null {
  switch (request.command) {
    case 'AIR':
    case 'ULR':
    case 'PUR':
    case 'NOR':
      return answerTo(request, origin)
    default:
      return null
  }
}

/** The same outage and seed against the model, in virtual time. Takes seconds, not minutes. */
export function computeWithoutControl(outage: OutageRow, seed: number): OutageResult {
  const clock = new VirtualClock()
  const network = createDirectNetwork(clock)
  network.onRequest(createNaiveHss({ clock, capacityPerSecond: outage.capacityPerSecond }).handle)
  const random = seededRandom(seed)
  const visited = createVisitedNetworks({ clock, random, transportOf: (peerId) => network.transport(peerId) })
  const returning = returningDevices(outage, generateSims(outage.devices, seed), visited, (sim) => ({
    imsi: sim.imsi,
    usim: null,
    nasLowPriority: sim.nasLowPriority,
  }))
  const run = startOutage({ outage, seed, clock, clockName: 'virtual', random, returning, computed: true })
  const endMs = outage.horizonS * 1000
  for (let ms = 0; ms < endMs && !run.isSettled; ms += 10_000) clock.advance(Math.min(10_000, endMs - ms))
  const result = run.result()
  run.stop()
  return result
}
