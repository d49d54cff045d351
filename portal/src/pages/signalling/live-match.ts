import type { SignalRow } from '../../api/types.ts'
import { spanMs, type Term } from '../../logic/filter.ts'

/** What of a row a field means, for the rows that come live; the server's field table is the rule for all others. */
const fields: Readonly<Record<string, (row: SignalRow) => string | number | boolean | null>> = {
  iface: (row) => row.interface,
  op: (row) => row.operation,
  verdict: (row) => row.action,
  reason: (row) => row.reason,
  rule: (row) => row.ruleId,
  imsi: (row) => row.imsi,
  peer: (row) => row.peerId,
  partner: (row) => row.partnerId,
  host: (row) => row.originHost,
  realm: (row) => row.originRealm,
  visited: (row) => row.visitedPlmn,
  class: (row) => row.class,
  result: (row) => row.resultCode,
  alert: (row) => row.alert,
  ms: (row) => row.latencyMs,
  dir: (row) => row.direction,
  shadow: (row) => row.shadow.length > 0,
  home: (row) => row.imsi,
  held: (row) => row.heldMs,
  vectors: (row) => row.vectors,
}

function alike(value: string | number | boolean | null, wanted: string): boolean {
  if (value === null) return false
  if (typeof value === 'boolean') return value === (wanted.toLowerCase() === 'yes')
  const text = String(value).toLowerCase()
  const want = wanted.toLowerCase()
  return want.endsWith('*') ? text.startsWith(want.slice(0, -1)) : text === want
}

function holds(row: SignalRow, term: Term, now: number): boolean | null {
  if (term.kind === 'words') {
    const all = [row.imsi, row.originHost, row.originRealm, row.partnerName, row.ruleId, row.reason].join(' ').toLowerCase()
    return all.includes(term.text.toLowerCase()) !== term.not
  }
  if (term.kind === 'field' && term.field === 'since') {
    const span = spanMs(term.values[0] ?? '')
    return span === null ? null : row.at >= now - span !== term.not
  }
  const get = fields[term.field]
  if (get === undefined) return null
  const value = get(row)
  if (term.kind === 'field') {
    const values = term.field === 'home' ? term.values.map((plmn) => `${plmn.replace('-', '')}*`) : term.values
    return values.some((wanted) => alike(value, wanted)) !== term.not
  }
  if (typeof value !== 'number') return term.not
  const { than } = term
  const is =
    than === '>' ? value > term.value : than === '>=' ? value >= term.value : than === '<' ? value < term.value : value <= term.value
  return is !== term.not
}

/** Whether a row that came live is one of those asked for; null where only the server can say. */
export function matchesLive(row: SignalRow, terms: readonly Term[], now: number): boolean | null {
  let unsure = false
  for (const term of terms) {
    const result = holds(row, term, now)
    if (result === false) return false
    if (result === null) unsure = true
  }
  return unsure ? null : true
}
