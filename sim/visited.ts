import type { Clock } from '#core/clock.ts'
import type { Random } from '#core/random.ts'
import { createCredentials } from '#crypto/vectors.ts'
import { batchRow, type SimCard } from './cards.ts'
import type { NasTimers } from './device.ts'
import { Mme, type Subject } from './mme.ts'
import type { Transport } from './transport.ts'
import { createUsim } from './usim.ts'
import { home, type NetworkId, type NetworkRow, networkRows, peerOfMme } from './world.ts'

/** The visited networks with their MMEs, on whatever transports they are given. */
export interface VisitedNetworks {
  readonly mmes: readonly Mme[]
  /** The MMEs of a network, in the order of its row. */
  of(network: NetworkId): readonly [Mme, ...Mme[]]
  /** The MME that serves a SIM where it is; which of the network's is fixed by the SIM. */
  serving(sim: { networkId: NetworkId; index: number }): Mme
}

export interface VisitedOptions {
  clock: Clock
  random: Random
  /** The connection of a peer row; `host` is the MME, for an agent to which each connects by itself. */
  transportOf(peerId: string, host: string): Transport
  timers?: NasTimers
  onCancelled?(mme: string, imsi: string, cancellationType: number): void
}

export function createVisitedNetworks(options: VisitedOptions): VisitedNetworks {
  const byNetwork = new Map<string, readonly [Mme, ...Mme[]]>()
  for (const row of networkRows) {
    const [first, ...rest] = row.mmes
    byNetwork.set(row.id, [build(options, row, first.host, first.vendor), ...rest.map((mme) => build(options, row, mme.host, mme.vendor))])
  }
  const of = (id: NetworkId): readonly [Mme, ...Mme[]] => {
    const found = byNetwork.get(id)
    if (found === undefined) throw new Error(`no such network: ${id}`)
    return found
  }
  return {
    mmes: [...byNetwork.values()].flat(),
    of,
    serving(sim) {
      const own = of(sim.networkId)
      return own[Math.floor(sim.index / 10) % own.length] ?? own[0]
    },
  }
}

function build(options: VisitedOptions, row: NetworkRow, host: string, vendor: NetworkRow['mmes'][number]['vendor']): Mme {
  const { clock, random, transportOf, timers, onCancelled } = options
  const peer = peerOfMme(row, host)
  const transport = transportOf(peer.id, host)
  return new Mme({
    host,
    realm: row.realm,
    plmn: row.plmns[0],
    kind: row.kind,
    vendor,
    clock,
    random: random.fork(host),
    transport,
    destinationRealm: home.realm,
    // An agent records who sent it the request (RFC 6733 §6.1.9); a simulated one is played here.
    routeRecord: peer.identity === host || transport.recordsRoute === true ? [] : [host],
    ...(timers === undefined ? {} : { timers }),
    onCancelled: (imsi, type) => onCancelled?.(host, imsi, type),
  })
}

/** A SIM as an MME meets it, with a card of its own state. */
export function subjectOf(sim: SimCard): Subject {
  const { parameters } = batchRow(sim.batchId)
  const credentials = createCredentials({
    algorithm: sim.algorithm,
    k: sim.k,
    opc: sim.opc,
    ...(parameters.tuak === undefined ? {} : { parameters: { tuak: parameters.tuak } }),
  })
  const { indBits, delta, ageLimit } = parameters
  return {
    imsi: sim.imsi,
    usim: createUsim({ functions: credentials.functions, indBits, delta, ageLimit }),
    imei: sim.imei,
    softwareVersion: '01',
    nasLowPriority: sim.nasLowPriority,
  }
}
