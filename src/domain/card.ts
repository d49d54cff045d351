import type { AlgorithmParameters } from './subscription.ts'

/** A UICC: one card carries one or more subscriptions; a change of IMSI on one card is normal. */
export interface Card {
  id: string
  providerId: string
  iccid: string
  eid: string | null
  formFactor: '2FF' | '3FF' | '4FF' | 'MFF2' | 'iUICC'
  use: 'iot' | 'handset'
  batchId: string
}

/** What one order of cards shares: supplier, its accreditation, and the algorithm's parameters. */
export interface CardBatch {
  id: string
  supplier: string
  /** For example a GSMA SAS-UP certificate reference; null where none is on record. */
  accreditation: { scheme: string; reference: string; validUntil: number } | null
  parameters: AlgorithmParameters
}
