import type { Action, Reason } from '#guard/verdict.ts'
import type { LinkEvent } from '#links/diameter/events.ts'
import type { SignalEvent } from '#platform/ports.ts'

/** What a link refused or dropped by itself, before any function saw it, is a verdict too. */
interface Row {
  operation: string
  action: Action
  reason: Reason
  ruleId: string
}

const rows: Readonly<Partial<Record<LinkEvent['kind'], Row>>> = {
  'peer-refused': { operation: 'CER', action: 'reject', reason: 'unknown-peer', ruleId: 's6a-unknown-peer' },
  'unsolicited-answer': { operation: 'answer', action: 'drop', reason: 'unsolicited-answer', ruleId: 's6a-answer-unsolicited' },
  'altered-answer': { operation: 'answer', action: 'drop', reason: 'unsolicited-answer', ruleId: 's6a-answer-altered' },
  malformed: { operation: 'octets', action: 'reject', reason: 'malformed', ruleId: 'protocol' },
  'not-for-us': { operation: 'request', action: 'reject', reason: 'malformed', ruleId: 'protocol' },
}

/** Refusals of a CER that are a fault of ours or a race, and say nothing about who the peer is. */
const harmless = new Set(['already-connected', 'refused-by-peer', 'handshake-failed', 'cer-timeout'])

/** null where the event is none of the peer's doing. */
export function signalEventOfLink(event: LinkEvent): Omit<SignalEvent, 'id'> | null {
  const row = rows[event.kind]
  if (row === undefined || (event.kind === 'peer-refused' && harmless.has(event.reason))) return null
  const { resultCode, value } = detailsOf(event)
  return {
    at: event.at,
    interface: 'S6a',
    ...row,
    direction: 'in',
    peerId: event.peerId ?? '',
    partnerId: null,
    originHost: event.identity,
    originRealm: '',
    visitedPlmn: null,
    imsi: null,
    providerId: null,
    class: null,
    facts: [{ name: event.kind, value, source: 'proven' }],
    shadow: [],
    alert: row.ruleId !== 'protocol',
    resultCode,
    latencyMs: 0,
    heldMs: 0,
    vectors: 0,
    request: null,
    answer: null,
  }
}

function detailsOf(event: LinkEvent): { resultCode: number | null; value: string } {
  switch (event.kind) {
    case 'peer-refused':
      // DIAMETER_UNKNOWN_PEER, NO_COMMON_APPLICATION, NO_COMMON_SECURITY (RFC 6733 §7.1).
      return {
        resultCode: { 'no-common-application': 5010, 'no-common-security': 5017 }[event.reason as string] ?? 3010,
        value: `${event.reason} from ${event.remoteAddress}`,
      }
    case 'malformed':
      return { resultCode: event.resultCode, value: `${event.because} (${event.spec})` }
    case 'not-for-us':
      return { resultCode: event.resultCode, value: `application ${event.application}, command ${event.command}` }
    case 'unsolicited-answer':
      return { resultCode: null, value: `command ${event.command}, End-to-End ${event.endToEnd}` }
    case 'altered-answer':
      return { resultCode: null, value: `${event.because} of command ${event.command}` }
    default:
      return { resultCode: null, value: event.kind }
  }
}
