import { batchRows, idOf, partnerRows, peerRows, profileRows } from '#cli/world/rows.ts'
import { type Clock, systemClock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { createRandomSource } from '#crypto/random.ts'
import { createVault } from '#crypto/vault.ts'
import { createPartnerIndex } from '#domain/partner-index.ts'
import { signalEventOfLink } from '#functions/hss/link-events.ts'
import { MemoryHssStore } from '#functions/hss/memory-store.ts'
import { Hss } from '#functions/hss/service.ts'
import { IndSlots } from '#functions/hss/sqn.ts'
import type { SubscriberRow } from '#functions/hss/subscriber.ts'
import { createAdmission } from '#guard/admission.ts'
import { createGate, defaultGatePolicy } from '#guard/gate.ts'
import { createGuard } from '#guard/guard.ts'
import { s6aRules } from '#guard/rules/s6a.ts'
import { createDiameterNode } from '#links/diameter/node.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { createAuthority } from '#sim/authority.ts'
import { generateSims, type SimCard } from '#sim/cards.ts'
import { createSocketWorld, type SocketWorld } from '#sim/sockets.ts'
import { createSubjects, type Subjects } from '#sim/subjects.ts'
import { createVisitedNetworks, type VisitedNetworks } from '#sim/visited.ts'
import { home, peerRow } from '#sim/world.ts'

/** The real HSS over a store in memory, on loopback sockets, with the simulated networks connected to it. */
export interface SocketHome {
  clock: Clock
  sims: readonly SimCard[]
  at: { host: string; port: number }
  world: SocketWorld
  visited: VisitedNetworks
  subjects: Subjects
  /** Rules that decided, in order; those of links included. `default` is left out. */
  rules: string[]
  /** Most registrations completed in any sliding second. */
  peakCompleted(): number
  close(): Promise<void>
}

export interface SocketHomeOptions {
  sims: number
  capacityPerSecond?: number
}

export async function openSocketHome(options: SocketHomeOptions): Promise<SocketHome> {
  const clock = systemClock
  const random = seededRandom(1)
  const sims = generateSims(options.sims, 1)
  const vault = createVault(Buffer.from(random.bytes(32)))
  const index = createPartnerIndex(partnerRows(clock.now()), peerRows(), [home.plmn])
  const admission = createAdmission({ clock, capacityPerSecond: options.capacityPerSecond ?? 2_000, random: () => random.next() })
  const authority = createAuthority('Simulated roaming', clock.now())
  const rules: string[] = []
  const modeOf = (id: string) => s6aRules.find((rule) => rule.id === id)?.defaultMode ?? 'active'
  const hss = new Hss({
    our: { plmns: [home.plmn], realms: [home.realm], hosts: [home.hssHost], imsiPrefixes: [home.imsiPrefix] },
    identity: home.hssHost,
    realm: home.realm,
    clock,
    store: new MemoryHssStore(sims.flatMap((sim) => subscriberRow(sim, vault))),
    vault,
    guard: createGuard({ rules: s6aRules, modeOf, gate: createGate(defaultGatePolicy) }),
    modeOf,
    admission,
    network: () => index,
    indSlots: new IndSlots([]),
    rand: createRandomSource(),
    seqBlock: () => 16,
    cutOverComplete: () => true,
    request: (message, to, timeoutMs) => node.request(message, to, timeoutMs),
    onJudged: ({ exchange }) => {
      if (exchange.verdict.ruleId !== 'default') rules.push(exchange.verdict.ruleId)
    },
  })
  const node = createDiameterNode({
    identity: home.hssHost,
    realm: home.realm,
    productName: 'Simward',
    originStateId: 1,
    applications: [{ vendor: 10415, id: 16_777_251 }],
    clock,
    dictionary: diameter,
    tls: authority.issue({ commonName: home.hssHost, dnsNames: [home.hssHost] }),
    peers: () => peerRows(),
    onRequest: (request, link, respond, octets) => hss.handle(request, link, respond, octets),
    onEvent(event) {
      const seen = signalEventOfLink(event)
      if (seen !== null) rules.push(seen.ruleId)
    },
  })
  const at = await node.listen({ port: 0 })
  const secure = await node.listen({ port: 0, tls: true })
  const { identity } = peerRow('dra1.castrel')
  const tls = { 'dra1.castrel': authority.issue({ commonName: identity, dnsNames: [identity] }) }
  const world = createSocketWorld({ clock, target: { ...at, tlsPort: secure.port }, tls })
  const visited = createVisitedNetworks({ clock, random, transportOf: (id) => world.transportOf(id) })
  await world.ready(10_000)
  return {
    clock,
    sims,
    at,
    world,
    visited,
    subjects: createSubjects(sims, visited),
    rules,
    peakCompleted: () => admission.snapshot().peakCompleted,
    async close() {
      await world.close()
      await node.close()
      admission.close()
      await hss.close()
    },
  }
}

function subscriberRow(sim: SimCard, vault: ReturnType<typeof createVault>): SubscriberRow[] {
  const profile = profileRows().find((row) => row.id === idOf('profile', sim.profileId))
  const batch = batchRows(Number.MAX_SAFE_INTEGER).find((row) => row.id === idOf('batch', sim.batchId))
  if (profile === undefined || batch === undefined) return []
  return [
    {
      imsi: sim.imsi,
      subscriptionId: idOf('subscription', sim.imsi),
      providerId: idOf('provider', sim.providerId),
      msisdn: sim.msisdn,
      homePlmn: sim.homePlmn,
      intended: 'active',
      imposed: [],
      class: sim.class,
      lockedImei: null,
      holdNextAttach: false,
      profile,
      batch,
      sealedK: vault.seal('subscriber-k', sim.imsi, sim.k),
      sealedOpc: vault.seal('subscriber-opc', sim.imsi, sim.opc),
      seqReserved: 0n,
      givenTo: [],
      registration: null,
    },
  ]
}
