import { VirtualClock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { decode, encode, type Message } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { generateSims, type SimCard } from './cards.ts'
import type { Subject } from './mme.ts'
import { createDirectNetwork, type DirectNetwork } from './transport.ts'
import { createTrustingHss, type TrustingHss } from './trusting-hss.ts'
import { createVisitedNetworks, subjectOf, type VisitedNetworks } from './visited.ts'

/** The simulated world in one process before a trusting HSS, for tests of the simulator itself. */
export interface Stage {
  clock: VirtualClock
  sims: SimCard[]
  network: DirectNetwork
  visited: VisitedNetworks
  hss: TrustingHss
  subject(index: number): Subject
}

/** Every message goes through octets, so that what the simulator sends is what the codec allows. */
function throughOctets(message: Message): Message {
  return decode(diameter, encode(diameter, message))
}

export function createStage(simCount = 100): Stage {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const sims = generateSims(simCount, 1)
  const network = createDirectNetwork(clock, throughOctets)
  const visited = createVisitedNetworks({ clock, random, transportOf: (peerId) => network.transport(peerId) })
  const hss = createTrustingHss({ clock, random, sims, network })
  network.onRequest(hss.handle)
  const subjects = new Map<number, Subject>()
  return {
    clock,
    sims,
    network,
    visited,
    hss,
    subject(index) {
      const sim = sims[index]
      if (sim === undefined) throw new Error(`no SIM ${index}`)
      const known = subjects.get(index) ?? subjectOf(sim)
      subjects.set(index, known)
      return known
    },
  }
}
