import { reasons } from '#guard/verdict.ts'
import type { FilterFields } from './filter.ts'
import type { SignalEvent } from './ports.ts'

const actions = ['allow', 'reject', 'drop', 'sinkhole', 'hold', 'challenge', 'home-route'] as const
const classes = ['critical', 'standard', 'deferrable'] as const

/** What the signalling list can be asked for. */
export const signalFields: FilterFields<SignalEvent> = {
  iface: { type: 'text', column: 'lower(interface)', letters: 'lower', get: (event) => event.interface.toLowerCase() },
  op: { type: 'text', column: 'operation', letters: 'upper', get: (event) => event.operation },
  verdict: { type: 'text', column: 'action', letters: 'lower', words: actions, get: (event) => event.action },
  reason: { type: 'text', column: 'reason', letters: 'lower', words: reasons, get: (event) => event.reason },
  rule: { type: 'text', column: 'rule_id', get: (event) => event.ruleId },
  imsi: { type: 'text', column: 'imsi', get: (event) => event.imsi, searched: true },
  home: { type: 'text', column: 'imsi', rewrite: (plmn) => `${plmn.replace('-', '')}*`, get: (event) => event.imsi },
  visited: { type: 'text', column: 'visited_plmn', get: (event) => event.visitedPlmn },
  partner: { type: 'text', column: 'partner_id::text', letters: 'lower', get: (event) => event.partnerId },
  peer: { type: 'text', column: 'peer_id', get: (event) => event.peerId },
  host: { type: 'text', column: 'origin_host', letters: 'lower', get: (event) => event.originHost, searched: true },
  realm: { type: 'text', column: 'origin_realm', letters: 'lower', get: (event) => event.originRealm, searched: true },
  provider: { type: 'text', column: 'provider_id::text', letters: 'lower', get: (event) => event.providerId },
  class: { type: 'text', column: 'class', letters: 'lower', words: classes, get: (event) => event.class },
  dir: { type: 'text', column: 'direction', letters: 'lower', words: ['in', 'out'], get: (event) => event.direction },
  result: { type: 'number', column: 'result_code', get: (event) => event.resultCode },
  ms: { type: 'number', column: 'latency_ms', get: (event) => event.latencyMs },
  held: { type: 'number', column: 'held_ms', get: (event) => event.heldMs },
  vectors: { type: 'number', column: 'vectors', get: (event) => event.vectors },
  alert: { type: 'flag', column: 'alert', get: (event) => event.alert },
  shadow: { type: 'flag', column: "(shadow <> '[]')", get: (event) => event.shadow.length > 0 },
  since: { type: 'age', column: 'at', get: (event) => event.at },
}
