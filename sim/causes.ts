import type { MmeVendor } from './world.ts'

/**
 * What a refusal does to a device, as data in two steps: what an MME makes of a Diameter result (Open5GS and Magma as
 * read in their sources; the commercial column is one vendor's documented default), and what the device makes of the
 * EMM cause (TS 24.301 §5.5.1.2.5, §5.5.1.2.6).
 */

/** How a device goes on after a reject. */
export type Reaction =
  /** Counts the attempt, waits T3411; after the fifth, T3402. */
  | 'try-again'
  /** Waits T3346 as the network set it. */
  | 'back-off'
  /** Disabled until it is switched off and on, or the card is taken out: sticky. */
  | 'dead-until-power-cycle'
  /** The PLMN goes to EF_FPLMN: sticky, survives a restart. */
  | 'network-forbidden'
  /** Tries another tracking area, RAT or PLMN; here it is gone for the length of the run. */
  | 'goes-elsewhere'

export interface CauseRow {
  cause: number
  title: string
  reaction: Reaction
  sticky: boolean
}

export const emmCauses = [
  { cause: 8, title: 'EPS and non-EPS services not allowed', reaction: 'dead-until-power-cycle', sticky: true },
  { cause: 11, title: 'PLMN not allowed', reaction: 'network-forbidden', sticky: true },
  { cause: 12, title: 'Tracking area not allowed', reaction: 'goes-elsewhere', sticky: false },
  { cause: 13, title: 'Roaming not allowed in this tracking area', reaction: 'goes-elsewhere', sticky: false },
  { cause: 15, title: 'No suitable cells in tracking area', reaction: 'goes-elsewhere', sticky: false },
  { cause: 17, title: 'Network failure', reaction: 'try-again', sticky: false },
  { cause: 22, title: 'Congestion', reaction: 'back-off', sticky: false },
  { cause: 42, title: 'Severe network failure', reaction: 'goes-elsewhere', sticky: false },
] as const satisfies readonly CauseRow[]

export type EmmCause = (typeof emmCauses)[number]['cause']

/** What an S6a exchange came to, as the MME's table reads it. */
export interface S6aResult {
  /** Result-Code, or Experimental-Result-Code of vendor 3GPP. */
  code: number
  experimental: boolean
}

interface MappingRow {
  code: number
  experimental: boolean
  cause: Readonly<Record<MmeVendor, EmmCause>>
}

function same(cause: EmmCause): Readonly<Record<MmeVendor, EmmCause>> {
  return { open5gs: cause, magma: cause, cisco: cause }
}

const mapping: readonly MappingRow[] = [
  { code: 5001, experimental: true, cause: same(8) },
  { code: 5004, experimental: true, cause: same(11) },
  { code: 5420, experimental: true, cause: same(15) },
  { code: 5421, experimental: true, cause: { open5gs: 13, magma: 12, cisco: 15 } },
  { code: 4181, experimental: true, cause: same(17) },
  { code: 3002, experimental: false, cause: { open5gs: 15, magma: 17, cisco: 17 } },
  { code: 3003, experimental: false, cause: { open5gs: 15, magma: 17, cisco: 17 } },
  { code: 5003, experimental: false, cause: { open5gs: 15, magma: 17, cisco: 17 } },
  { code: 5012, experimental: false, cause: same(17) },
  { code: 5001, experimental: false, cause: same(17) },
  { code: 5004, experimental: false, cause: same(17) },
  { code: 5005, experimental: false, cause: same(17) },
  { code: 5006, experimental: false, cause: same(17) },
  { code: 5009, experimental: false, cause: same(17) },
]

/** Anything without a row: Open5GS says "severe network failure", the others "network failure". 3004 is such a one. */
const unlisted: Readonly<Record<MmeVendor, EmmCause>> = { open5gs: 42, magma: 17, cisco: 17 }

/** The EMM cause of a refusal; `timeout` (no answer from the HSS) is a network failure everywhere. */
export function causeOf(vendor: MmeVendor, result: S6aResult | 'timeout'): EmmCause {
  if (result === 'timeout') return 17
  const row = mapping.find((each) => each.code === result.code && each.experimental === result.experimental)
  return row === undefined ? unlisted[vendor] : row.cause[vendor]
}

export function causeRow(cause: EmmCause): CauseRow {
  const row = emmCauses.find((each) => each.cause === cause)
  if (row === undefined) throw new Error(`no such EMM cause: ${cause}`)
  return row
}
