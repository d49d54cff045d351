/** An organisation that owns SIMs: the operator's customer. A provider is a tenant. */
export interface Provider {
  id: string
  name: string
  /** What goes beyond running the network stays off until an agreement is on record. */
  dataProcessingAgreement: { signedAt: number; reference: string } | null
}
