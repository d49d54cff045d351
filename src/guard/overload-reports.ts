/** One OC-OLR (RFC 7683 §7.3), as the controller decides it. */
export interface OverloadReport {
  /** Rises with every change, also across restarts (RFC 7683 §7.4). */
  sequence: bigint
  /** Percent of the traffic that the client would otherwise send. */
  reduction: number
  /** 0 ends the condition (RFC 7683 §7.5). */
  validitySeconds: number
  reportTypes: readonly ('host' | 'realm')[]
}
