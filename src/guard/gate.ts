import type { SubscriberView } from './known.ts'
import type { Reason } from './verdict.ts'

/** Decisions about a device that could cut it off. Messages judged forged never come here. */
export type GateDecision =
  /** A rule wants to refuse this device's request. */
  | { kind: 'refuse'; ruleId: string; reason: Reason }
  /** A control or a person wants to change what the device may do. `approvals`: persons who agreed, by id. */
  | {
      kind: 'suspend' | 'blocklist' | 'autoblock' | 'profile-change' | 'class-change' | 'steer' | 'ban' | 'shed' | 'page'
      by: string
      approvals: readonly string[]
      /** Where the device is, as far as known: the MCC of its visited network. */
      jurisdiction?: string
    }

/** `needed`: how many persons in all would do; absent where no number of them would. */
export type GateAnswer = { allowed: true } | { allowed: false; because: string; needed?: number }

export interface GatePolicy {
  /** Reasons that may refuse even a critical device's request. A person set the state behind each of them. */
  refusesCritical: readonly Reason[]
  /** Persons who must agree, by decision; the asker counts as one when it is a person. */
  approvals: Readonly<Record<Exclude<GateDecision['kind'], 'refuse'>, { ordinary: number; critical: number }>>
  /** MCCs where the operator may not take the decision by itself. */
  jurisdictions: readonly { mcc: string; forbids: readonly GateDecision['kind'][]; because: string }[]
  /** Providers with a data-processing agreement on record, and the decisions that need one. */
  agreements: readonly string[]
  needsAgreement: readonly GateDecision['kind'][]
}

export interface Gate {
  /** Asked before every decision about a device that could cut it off. */
  ask(decision: GateDecision, subscriber: Pick<SubscriberView, 'class' | 'providerId'>): GateAnswer
}

const yes: GateAnswer = { allowed: true }

/** Critical devices lose service only by what a person set; changes to them need two. */
export const defaultGatePolicy: GatePolicy = {
  refusesCritical: ['not-subscribed', 'suspended', 'held-for-approval', 'outside-roaming-area', 'banned'],
  approvals: {
    suspend: { ordinary: 0, critical: 2 },
    blocklist: { ordinary: 1, critical: 2 },
    autoblock: { ordinary: 0, critical: 2 },
    'profile-change': { ordinary: 0, critical: 1 },
    // Whoever is no longer critical loses the gate's protection: as grave as being cut off.
    'class-change': { ordinary: 0, critical: 2 },
    steer: { ordinary: 2, critical: 2 },
    ban: { ordinary: 2, critical: 2 },
    shed: { ordinary: 0, critical: 2 },
    page: { ordinary: 1, critical: 1 },
  },
  jurisdictions: [],
  agreements: [],
  needsAgreement: ['autoblock'],
}

/** The exemption gate over one policy; pure. */
export function createGate(policy: GatePolicy): Gate {
  const agreed = new Set(policy.agreements)
  return {
    ask(decision, subscriber) {
      const isCritical = subscriber.class === 'critical'
      if (decision.kind === 'refuse') {
        if (!isCritical || policy.refusesCritical.includes(decision.reason)) return yes
        return { allowed: false, because: `critical service: ${decision.ruleId} may only alert` }
      }
      const law = policy.jurisdictions.find((row) => row.mcc === decision.jurisdiction && row.forbids.includes(decision.kind))
      if (law !== undefined) return { allowed: false, because: `jurisdiction ${law.mcc}: ${law.because}` }
      if (policy.needsAgreement.includes(decision.kind) && !agreed.has(subscriber.providerId)) {
        return { allowed: false, because: `no data-processing agreement with provider ${subscriber.providerId} is on record` }
      }
      const needed = policy.approvals[decision.kind][isCritical ? 'critical' : 'ordinary']
      const have = new Set(decision.approvals).size
      if (have < needed)
        return { allowed: false, because: `${needed} approvals needed${isCritical ? ' for a critical device' : ''}, ${have} given`, needed }
      return yes
    },
  }
}
