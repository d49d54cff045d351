import { VirtualClock } from '#core/clock.ts'
import { seededRandom } from '#core/random.ts'
import { sealKeys } from '#crypto/credentials.ts'
import { createRandomSource } from '#crypto/random.ts'
import { createVault, type Vault } from '#crypto/vault.ts'
import type { Partner } from '#domain/partner.ts'
import { createPartnerIndex } from '#domain/partner-index.ts'
import type { Judged } from '#functions/hss/exchange.ts'
import { MemoryHssStore } from '#functions/hss/memory-store.ts'
import { Hss } from '#functions/hss/service.ts'
import { IndSlots } from '#functions/hss/sqn.ts'
import type { SubscriberRow } from '#functions/hss/subscriber.ts'
import { createAdmission } from '#guard/admission.ts'
import type { Admission } from '#guard/admission-types.ts'
import { createGate, defaultGatePolicy } from '#guard/gate.ts'
import { createGuard } from '#guard/guard.ts'
import type { RuleMode } from '#guard/rule.ts'
import { s6aRules } from '#guard/rules/s6a.ts'
import { decode, encode } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { generateSims, type SimCard } from '#sim/cards.ts'
import { createSubjects, type Subjects } from '#sim/subjects.ts'
import { createDirectNetwork, type DirectNetwork, directLink } from '#sim/transport.ts'
import { createVisitedNetworks, type VisitedNetworks } from '#sim/visited.ts'
import { home, peerRow } from '#sim/world.ts'
import { batchRows, idOf, partnerRows, peerRows, profileRows } from './rows.ts'

/**
 * The real HSS, guard and admission control in one process with the simulated networks, on a clock that is turned by
 * hand, over a store in memory: half an hour of a storm passes in seconds, and every run of a seed is the same.
 */
export interface VirtualWorld {
  readonly clock: VirtualClock
  readonly hss: Hss
  readonly store: MemoryHssStore
  readonly admission: Admission
  readonly network: DirectNetwork
  readonly visited: VisitedNetworks
  readonly subjects: Subjects
  readonly sims: readonly SimCard[]
  /** Modes by rule id that differ from the rules' own. */
  readonly modes: Map<string, RuleMode>
  /** Every judged message, oldest first. */
  readonly judged: Judged[]
}

export interface VirtualWorldOptions {
  sims: number
  seed: number
  capacityPerSecond: number
  /** Keeps every judged message; off for long storms. */
  keepsJudged?: boolean
  /** Changes partner rows before the start. */
  partners?(rows: Partner[]): Partner[]
  cutOverComplete?: boolean
  /** False: another process owns the partition. */
  holdsLease?: boolean
}

export function createVirtualWorld(options: VirtualWorldOptions): VirtualWorld {
  const clock = new VirtualClock()
  const random = seededRandom(options.seed)
  const vault = createVault(Buffer.from(random.fork('master key').bytes(32)))
  const sims = generateSims(options.sims, options.seed)
  const store = new MemoryHssStore(subscriberRows(sims, vault))
  const partners = (options.partners ?? ((rows) => rows))(partnerRows(clock.now()))
  const index = createPartnerIndex(partners, peerRows(), [home.plmn])
  const admission = createAdmission({ clock, capacityPerSecond: options.capacityPerSecond, random: () => random.next() })
  const modes = new Map<string, RuleMode>()
  const modeOf = (ruleId: string): RuleMode => modes.get(ruleId) ?? s6aRules.find((rule) => rule.id === ruleId)?.defaultMode ?? 'active'
  // Through the codec, so that a message that could not be sent shows; left out for storms, which are about time.
  const network =
    options.keepsJudged === false
      ? createDirectNetwork(clock)
      : createDirectNetwork(clock, (message) => decode(diameter, encode(diameter, message)))
  const judged: Judged[] = []
  const hss = new Hss({
    our: { plmns: [home.plmn], realms: [home.realm], hosts: [home.hssHost], imsiPrefixes: [home.imsiPrefix] },
    identity: home.hssHost,
    realm: home.realm,
    clock,
    store,
    vault,
    guard: createGuard({ rules: s6aRules, modeOf, gate: createGate(defaultGatePolicy) }),
    modeOf,
    admission,
    network: () => index,
    indSlots: new IndSlots([]),
    rand: createRandomSource(),
    seqBlock: () => (options.holdsLease === false ? 0 : 16),
    cutOverComplete: () => options.cutOverComplete ?? true,
    request: (message, to, timeoutMs = 6_000) =>
      new Promise((resolve) => {
        const peerId = 'peerId' in to ? to.peerId : (to.via?.[0] ?? '')
        network.request(peerId, message, timeoutMs, resolve)
      }),
    onJudged(one) {
      if (options.keepsJudged !== false) judged.push(one)
    },
  })
  const links = new Map(peerRows().map((row) => [row.id, directLink(peerRow(row.id))]))
  network.onRequest((request, peerId, respond) => {
    const link = links.get(peerId)
    if (link === undefined) respond(null)
    else
      hss.handle(request, link, (answer) => {
        respond(answer)
        return null
      })
  })
  const visited = createVisitedNetworks({ clock, random, transportOf: (peerId) => network.transport(peerId) })
  return { clock, hss, store, admission, network, visited, subjects: createSubjects(sims, visited), sims, modes, judged }
}

function subscriberRows(sims: readonly SimCard[], vault: Vault): SubscriberRow[] {
  const profiles = new Map(profileRows().map((row) => [row.id, row]))
  const batches = new Map(batchRows(Number.MAX_SAFE_INTEGER).map((row) => [row.id, row]))
  return sims.flatMap((sim) => {
    const profile = profiles.get(idOf('profile', sim.profileId))
    const batch = batches.get(idOf('batch', sim.batchId))
    if (profile === undefined || batch === undefined) return []
    return [
      {
        imsi: sim.imsi,
        subscriptionId: idOf('subscription', sim.imsi),
        providerId: idOf('provider', sim.providerId),
        msisdn: sim.msisdn,
        homePlmn: sim.homePlmn,
        intended: 'active' as const,
        imposed: [],
        class: sim.class,
        lockedImei: null,
        holdNextAttach: false,
        profile,
        batch,
        sealedK: sealKeys(vault, sim.imsi, sim),
        sealedOpc: null,
        seqReserved: 0n,
        givenTo: [],
        registration: null,
      },
    ]
  })
}
