import type { Clock } from '#core/clock.ts'
import { LruMap } from '#core/lru.ts'
import type { Admission } from '#guard/admission-types.ts'
import type { LinkEvent } from '#links/diameter/events.ts'
import type { DiameterNode } from '#links/diameter/types.ts'
import type { AdmissionPort, HssPort, LinkPort } from '#platform/ports.ts'
import type { Judged } from './exchange.ts'
import type { Hss } from './service.ts'

/** Causes that a device keeps: 5001 until it is switched off, 5004 on its card, 5420 and 5421 for the area. */
const stickyCodes = new Set([5001, 5004, 5420, 5421])
const remembered = 100_000

/** T3411 and T3402 (TS 24.301 §10.2), with the tenth by which devices differ. */
const t3411 = { from: 9_000, to: 11_000 }
const t3402 = { from: 648_000, to: 792_000 }
const triesBeforeT3402 = 5

interface Recent {
  sticky: { resultCode: number; at: number } | null
  refusedAt: number
  refusals: number
}

/** What the portal asks of the recent past and the store does not keep. Bounded; a restart forgets. */
export class Memory {
  readonly #clock: Clock
  readonly #devices = new LruMap<string, Recent>(remembered)
  readonly #refusals = new Map<string, number>()
  readonly #versions = new Map<string, boolean>()
  readonly counts = { MILENAGE: 0, TUAK: 0, resynchronised: 0, resynchronisationRefused: 0 }
  lastVectorAt: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  saw({ exchange, resultCode }: Judged): void {
    this.#countVectors(exchange)
    const { imsi, operation } = exchange.signal
    // Only what a proven network asked about a subscriber of ours says something about the device.
    if (imsi === undefined || exchange.state === null || (operation !== 'AIR' && operation !== 'ULR')) return
    if (resultCode === 2001) {
      if (operation === 'ULR') this.#devices.delete(imsi)
      return
    }
    const recent = this.#devices.get(imsi) ?? { sticky: null, refusedAt: 0, refusals: 0 }
    recent.refusedAt = this.#clock.now()
    recent.refusals += 1
    if (resultCode !== null && stickyCodes.has(resultCode)) recent.sticky = { resultCode, at: recent.refusedAt }
    this.#devices.set(imsi, recent)
  }

  sawLink(event: LinkEvent): void {
    if (event.kind === 'peer-refused') this.#refusals.set(event.reason, (this.#refusals.get(event.reason) ?? 0) + 1)
    if (event.kind === 'peer-up' && event.peerId !== null) this.#versions.set(event.peerId, event.tls)
  }

  get refusals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refusals)
  }

  recentOf(imsi: string): Recent | undefined {
    return this.#devices.peek(imsi)
  }

  #countVectors({ vectors, state, signal, found }: Judged['exchange']): void {
    if (vectors > 0 && state?.credentials != null) {
      this.counts[state.credentials.algorithm] += vectors
      this.lastVectorAt = signal.at
    }
    for (const fact of found) {
      if (fact.name === 'resynchronisation' && fact.value === 'raised') this.counts.resynchronised += 1
      if (fact.name === 'authentication centre' && fact.value.startsWith('auts')) this.counts.resynchronisationRefused += 1
    }
  }
}

export function hssPort(hss: Hss, memory: Memory): HssPort {
  return {
    stickyCauseOf: (imsi) => memory.recentOf(imsi)?.sticky ?? null,
    expectedNext(imsi) {
      const recent = memory.recentOf(imsi)
      if (recent === undefined) return periodicUpdate(hss, imsi)
      if (recent.sticky !== null) return null
      const isLast = recent.refusals % triesBeforeT3402 === 0
      const window = isLast ? t3402 : t3411
      return { from: recent.refusedAt + window.from, to: recent.refusedAt + window.to, because: isLast ? 'T3402' : 'T3411' }
    },
    pushProfileChange: (imsi) => hss.changed(imsi),
    subscribersInMemory: () => hss.cachedSubscribers,
    authentication: () => ({
      vectors: { MILENAGE: memory.counts.MILENAGE, TUAK: memory.counts.TUAK },
      lastVectorAt: memory.lastVectorAt,
      resynchronised: memory.counts.resynchronised,
      resynchronisationRefused: memory.counts.resynchronisationRefused,
      // Keys have one way into the store, and that one seals them; a row that does not open is refused, never used.
      unsealedKeys: 0,
    }),
  }
}

function periodicUpdate(hss: Hss, imsi: string): ReturnType<HssPort['expectedNext']> {
  const state = hss.peek(imsi)
  const seconds = state?.row.profile.periodicTauSeconds ?? 0
  const registration = state?.registration ?? null
  if (registration === null || registration.purged || seconds === 0) return null
  const due = registration.registeredAt + seconds * 1000
  return { from: due, to: due + 240_000, because: 'periodic-tau' }
}

export function linkPort(node: DiameterNode, memory: Memory, addresses: readonly { host: string; port: number; tls: boolean }[]): LinkPort {
  return {
    listening: () => addresses,
    links: () =>
      node.links().map((link) => ({
        peerId: link.peerId,
        state: link.state,
        up: link.state === 'open',
        tls: link.tls ? { version: 'TLS', cipher: '', certificateExpiresAt: null } : null,
        remoteAddress: link.remoteAddress,
        openSince: link.openSince,
        messagesIn: link.counters.requestsIn + link.counters.answersIn,
        messagesOut: link.counters.answersOut + link.counters.requestsOut,
      })),
    refusals: () => memory.refusals,
  }
}

export function admissionPort(admission: Admission): AdmissionPort {
  return { snapshot: () => admission.snapshot() }
}
