import { limits } from '#core/limits.ts'
import { isImsi } from '#domain/identities.ts'
import type { PartnerIndex } from '#domain/partner-index.ts'
import type { SignalEvent } from '#platform/ports.ts'
import type { Judged } from './exchange.ts'

/** An exchange as the recorder wants it. Octets are not copied: nobody writes to what was read or sent. */
export function signalEventOf(judged: Judged, network: PartnerIndex): Omit<SignalEvent, 'id'> {
  const { exchange, resultCode, latencyMs } = judged
  const { signal, verdict, state } = exchange
  return {
    at: signal.at,
    interface: signal.interface,
    operation: signal.operation,
    direction: 'in',
    peerId: signal.proven.peerId,
    partnerId: network.partnersSpeaking(signal.proven.peerId, signal.claimed.originRealm)[0]?.id ?? null,
    originHost: signal.claimed.originHost,
    originRealm: signal.claimed.originRealm,
    visitedPlmn: signal.claimed.visitedPlmn ?? null,
    imsi: signal.imsi !== undefined && isImsi(signal.imsi) ? signal.imsi : null,
    providerId: state?.row.providerId ?? null,
    class: state?.row.class ?? null,
    action: exchange.heldMs > 0 && verdict.action === 'allow' ? 'hold' : verdict.action,
    reason: verdict.reason,
    ruleId: verdict.ruleId,
    facts: exchange.found.length === 0 ? verdict.facts : [...verdict.facts, ...exchange.found],
    shadow: verdict.shadow,
    alert: verdict.alert,
    resultCode,
    latencyMs,
    heldMs: exchange.heldMs,
    vectors: exchange.vectors,
    request: bounded(exchange.octets),
    answer: hidesVectors(judged),
  }
}

/** The beginning alone of what is longer than any message of an MME. */
function bounded(octets: Uint8Array | null): Uint8Array | null {
  return octets === null || octets.length <= limits.events.messageBytes
    ? octets
    : Uint8Array.from(octets.subarray(0, limits.events.messageBytes))
}

/** Keys that an answer carries must not rest in a log: the octets of an AIA with vectors are not kept. */
function hidesVectors({ exchange, answerOctets }: Judged): Uint8Array | null {
  return exchange.vectors > 0 ? null : bounded(answerOctets)
}
