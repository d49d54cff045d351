/** What one SIM used in one interval: from CSV or CDR import, the simulator, later Gx and RADIUS accounting. */
export interface UsageRecord {
  imsi: string
  /** Wall time, ms. */
  from: number
  to: number
  bytesUp: number
  bytesDown: number
  /** The same (source, reference) counts once. */
  source: string
  reference: string
}

export interface UsagePort {
  /** Adds to the counters of each SIM's period and acts on its plan's thresholds. Unknown IMSIs are returned, not thrown. */
  record(records: readonly UsageRecord[]): Promise<{ recorded: number; duplicates: number; unknown: readonly string[] }>
}
