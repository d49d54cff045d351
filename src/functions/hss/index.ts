import { readFileSync } from 'node:fs'
import { epcRealm } from '#core/bcd.ts'
import { createRandomSource } from '#crypto/random.ts'
import type { Vault } from '#crypto/vault.ts'
import { createPartnerIndex, type PartnerIndex } from '#domain/partner-index.ts'
import { createAdmission } from '#guard/admission.ts'
import { createGate, defaultGatePolicy } from '#guard/gate.ts'
import { createGuard } from '#guard/guard.ts'
import { s6aRules } from '#guard/rules/s6a.ts'
import { createDiameterNode } from '#links/diameter/node.ts'
import type { DiameterNode, TlsMaterial } from '#links/diameter/types.ts'
import { subscriberChannel } from '#platform/announcement.ts'
import type { ConfigValues } from '#platform/config.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { createPartitionLeases, type PartitionLeases } from '#store/partition-lease.ts'
import { Crier } from './crier.ts'
import { signalEventOfLink } from './link-events.ts'
import { s6aApplication } from './outbound.ts'
import { admissionPort, hssPort, linkPort, Memory } from './port.ts'
import { signalEventOf } from './recording.ts'
import { Hss } from './service.ts'
import { createSqlHssStore } from './sql-store.ts'
import { IndSlots } from './sqn.ts'

const lenient = { lenientMBits: true } as const

/** SEQs reserved ahead of use while this process holds the partition. */
const seqBlock = 16
const leaseMs = 6_000

type HssContext = FunctionContext<'store' | 'recorder' | 'network' | 'rules', 'hss' | 'links' | 'admission'>

/** The HSS and its Diameter links. The vault is passed in: the platform never sees keys. */
export function hssFunction(own: { vault: Vault }) {
  return defineFunction({
    name: 'hss',
    config: [
      'aes',
      'plmn',
      'node',
      'originHost',
      'originRealm',
      'diameterHost',
      'diameterPort',
      'diameterTlsPort',
      'diameterTlsKey',
      'diameterTlsCert',
      'diameterTlsCa',
      'capacity',
      'cutOverComplete',
    ],
    needs: ['store', 'recorder', 'network', 'rules'],
    provides: ['hss', 'links', 'admission'],
    controls: [],
    routes: [],
    navigation: [],
    metrics: [],
    start: (ctx) => startHss(ctx, own.vault),
  })
}

async function startHss(ctx: HssContext, vault: Vault): Promise<AsyncDisposable> {
  const { clock, config, ports } = ctx
  const our = ourNetwork(config)
  const leases = await openLeases(ctx, () => hss.forgetAll())
  const store = createSqlHssStore(ports.store, clock, () => (leases === null ? 'alone' : leases.held(partition)))
  let index: PartnerIndex = createPartnerIndex(ports.network.partners(), ports.network.peers(), our.plmns)
  const admission = createAdmission({ clock, capacityPerSecond: config.capacity, random: Math.random })
  const memory = new Memory(clock)
  const node = createNode(ctx, our, () => hss, memory)
  const hss = new Hss({
    our,
    identity: our.identity,
    realm: our.realm,
    clock,
    store,
    vault,
    aes: config.aes,
    guard: createGuard({ rules: s6aRules, modeOf: (id) => ports.rules.modeOf(id), gate: createGate(defaultGatePolicy) }),
    modeOf: (id) => ports.rules.modeOf(id),
    admission,
    network: () => index,
    indSlots: new IndSlots(await store.loadIndSlots()),
    rand: createRandomSource(),
    seqBlock: () => (leases === null || leases.held(partition) !== null ? seqBlock : 0),
    cutOverComplete: () => config.cutOverComplete,
    request: (message, to, timeoutMs) => node.request(message, to, timeoutMs),
    onJudged(judged) {
      memory.saw(judged)
      ports.recorder.record(signalEventOf(judged, index))
    },
    onHeld: (imsi) => crier.heldTried(imsi),
  })
  const crier = new Crier({
    clock,
    notify: (channel, payload) => ports.store.notify(channel, payload),
    forget: (imsis) => hss.forget(imsis),
    tell: (imsis) => hss.tell(imsis),
    mayTell: () => leases === null || leases.held(partition) !== null,
  })
  const stopNetwork = ports.network.onChange(() => {
    index = createPartnerIndex(ports.network.partners(), ports.network.peers(), our.plmns)
    node.refreshPeers()
  })
  const stopListening = await ports.store.listen(
    subscriberChannel,
    (payload) => {
      store.forgetShared()
      if (payload === '*') hss.forgetAll()
      else crier.hear(payload)
    },
    () => hss.forgetAll(),
  )
  const addresses = await listen(node, config)
  ctx.log.info({ addresses, identity: our.identity }, 'Diameter listens')
  ctx.provide('hss', hssPort(hss, memory))
  ctx.provide('links', linkPort(node, memory, addresses))
  ctx.provide('admission', admissionPort(admission))
  return {
    async [Symbol.asyncDispose]() {
      stopNetwork()
      await stopListening()
      crier.close()
      await node.close()
      admission.close()
      await hss.close()
      await leases?.close()
    },
  }
}

const partition = 'main'

/** The embedded store has one process by its lock file; on PostgreSQL one process at a time owns the partition. */
async function openLeases(ctx: HssContext, onChange: () => void): Promise<PartitionLeases | null> {
  const { clock, log, ports, config } = ctx
  if (ports.store.engine === 'pglite') return null
  const retry = (): void => {
    clock.after(leaseMs / 3, () => void acquire(onChange))
  }
  const leases = createPartitionLeases({
    db: ports.store,
    clock,
    log,
    owner: `${config.node} ${ctx.newId()}`,
    ttlMs: leaseMs,
    onLost: retry,
  })
  const acquire = async (then: () => void): Promise<void> => {
    const lease = await leases.acquire(partition).catch(() => null)
    if (lease !== null) {
      // What another process issued meanwhile stands in the store, not in this memory.
      then()
      return
    }
    log.warn({ partition }, 'another process owns this partition of IMSIs; vectors are refused until it lets go')
    retry()
  }
  await acquire(() => {})
  return leases
}

type Our = ReturnType<typeof ourNetwork>

function ourNetwork(config: ConfigValues) {
  const realm = (config.originRealm ?? epcRealm(config.plmn)).toLowerCase()
  const identity = (config.originHost ?? `hss1.${realm}`).toLowerCase()
  return { identity, realm, plmns: [config.plmn], realms: [realm], hosts: [identity], imsiPrefixes: [config.plmn.replace('-', '')] }
}

function createNode(ctx: HssContext, our: Our, hss: () => Hss, memory: Memory): DiameterNode {
  const { clock, config, ports } = ctx
  const tls = tlsMaterial(config)
  return createDiameterNode({
    identity: our.identity,
    realm: our.realm,
    productName: 'Simward',
    originStateId: Math.floor(clock.now() / 1000),
    applications: [{ vendor: 10415, id: s6aApplication }],
    clock,
    dictionary: diameter,
    peers: () => ports.network.peers(),
    ...(tls === null ? {} : { tls }),
    // Wrongly set M bits are for the guard to judge (RFC 6733 §4.1): a partner may have a waiver for them.
    leniency: () => lenient,
    onRequest: (request, link, respond, octets) => hss().handle(request, link, respond, octets),
    onEvent(event) {
      memory.sawLink(event)
      const signal = signalEventOfLink(event)
      if (signal !== null) ports.recorder.record(signal)
      ctx.log.debug({ link: event }, 'link event')
    },
  })
}

function tlsMaterial(config: ConfigValues): TlsMaterial | null {
  const { diameterTlsKey: key, diameterTlsCert: cert, diameterTlsCa: ca } = config
  if (key === null || cert === null || ca === null) return null
  return { key: readFileSync(key), cert: readFileSync(cert), ca: readFileSync(ca) }
}

async function listen(node: DiameterNode, config: ConfigValues): Promise<{ host: string; port: number; tls: boolean }[]> {
  const host = config.diameterHost
  const plain = await node.listen({ host, port: config.diameterPort, tls: false })
  if (tlsMaterial(config) === null) return [{ ...plain, tls: false }]
  const secure = await node.listen({ host, port: config.diameterTlsPort, tls: true })
  return [
    { ...plain, tls: false },
    { ...secure, tls: true },
  ]
}
