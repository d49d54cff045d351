/**
 * Why something was refused; it also says what the device should do next. Storm and steering need opposite answers,
 * so the reason, not the wire code, is what the guard decides. `guard/wire/` maps it to each protocol's answer.
 */
export const reasons = [
  'ok',
  // The peer is not who it says, or asks what it may not: refused whatever the subscription's class.
  'unknown-peer',
  'forged-realm',
  'forged-host',
  'forged-network',
  'own-identity-from-outside',
  'operation-from-outside',
  'unsolicited-answer',
  'not-registered-node',
  'out-of-sequence',
  'replay',
  'vector-cap',
  'rate-cap',
  'separation-bit',
  'malformed',
  // The device: these pass the exemption gate first.
  'unknown-subscriber',
  'not-ours',
  'not-subscribed',
  'outside-roaming-area',
  'partner-not-allowed',
  'suspended',
  'held-for-approval',
  'imei-lock',
  'banned',
  // Load and faults: come back later.
  'storm',
  'steering',
  'busy',
  'store-unavailable',
] as const
export type Reason = (typeof reasons)[number]

export type Action = 'allow' | 'reject' | 'drop' | 'sinkhole' | 'hold' | 'challenge' | 'home-route'

/** A fact that a rule used, with where it came from: the link proved it, the message claimed it, we hold it, or policy says so. */
export interface Fact {
  name: string
  value: string
  source: 'proven' | 'claimed' | 'state' | 'policy'
}

export interface Verdict {
  action: Action
  reason: Reason
  /** The rule that decided; `default` where none did. */
  ruleId: string
  facts: readonly Fact[]
  /** Raise an alarm or count as evidence even when allowed. */
  alert: boolean
  /** Rules in learn or shadow mode that would have decided otherwise. */
  shadow: readonly { ruleId: string; action: Action; reason: Reason }[]
}
