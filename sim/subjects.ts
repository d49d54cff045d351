import type { SimCard } from './cards.ts'
import type { Mme, Subject } from './mme.ts'
import { subjectOf, type VisitedNetworks } from './visited.ts'
import type { NetworkId, TrafficClass } from './world.ts'

/** A device of the world with the MME that serves it. */
export interface Actor {
  sim: SimCard
  subject: Subject
  mme: Mme
}

/** The devices of the world. A card has one state however many stories it plays in. */
export interface Subjects {
  /** The device of a SIM; always the same object for the same SIM. */
  of(sim: SimCard): Subject
  /** A device that no other story has taken. An Error where none is left. */
  take(wanted: { class?: TrafficClass; network?: NetworkId; index?: number }): Actor
}

export function createSubjects(sims: readonly SimCard[], visited: VisitedNetworks): Subjects {
  const subjects = new Map<string, Subject>()
  const taken = new Set<string>()
  const of = (sim: SimCard): Subject => {
    let subject = subjects.get(sim.imsi)
    if (subject === undefined) {
      subject = subjectOf(sim)
      subjects.set(sim.imsi, subject)
    }
    return subject
  }
  return {
    of,
    take(wanted) {
      // From the end of the list: outages and day traffic start at its beginning.
      const sim = sims.findLast(
        (each) =>
          !taken.has(each.imsi) &&
          (wanted.class === undefined || each.class === wanted.class) &&
          (wanted.network === undefined || each.networkId === wanted.network) &&
          (wanted.index === undefined || each.index === wanted.index),
      )
      if (sim === undefined) throw new Error(`no SIM is left that is ${JSON.stringify(wanted)}`)
      taken.add(sim.imsi)
      return { sim, subject: of(sim), mme: visited.serving(sim) }
    },
  }
}
