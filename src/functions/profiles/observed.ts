import { limits } from '#core/limits.ts'
import type { Radio } from '#domain/profile.ts'
import type { Count } from '#platform/http/schemas/common.ts'
import type { ProfileDetail } from '#platform/http/schemas/profiles.ts'
import type { ProfileRecord, Reader } from './reading.ts'

interface SeenRow {
  visited_plmn: string
  partner_id: string | null
  partner_name: string | null
  at_home: boolean
  rat_type: number | null
  n: bigint
}

/** RAT-Type (TS 29.212 §5.3.31). */
const radioNames: Readonly<Record<number, string>> = { 1000: 'UTRAN', 1001: 'GERAN', 1004: 'E-UTRAN', 1005: 'NB-IoT', 1007: 'LTE-M' }
const radioAllows: Readonly<Record<Radio, readonly string[]>> = {
  any: Object.values(radioNames),
  lte: ['E-UTRAN'],
  'lte-m': ['LTE-M', 'E-UTRAN'],
  'nb-iot': ['NB-IoT'],
  lpwa: ['LTE-M', 'NB-IoT', 'E-UTRAN'],
}

/**
 * Where its devices are registered, beside what the profile says (CLP.14 §5.1: unused or undeclared services show). Looks at
 * the first SIMs only, so that a profile of a million costs no more.
 */
export async function observedOf(db: Reader, { id, body }: ProfileRecord): Promise<ProfileDetail['observed']> {
  const { rows } = await db.query<SeenRow>(
    `SELECT seen.visited_plmn, seen.partner_id::text AS partner_id, p.name AS partner_name, seen.at_home, seen.rat_type, count(*) AS n
       FROM (SELECT r.visited_plmn, r.partner_id, r.rat_type, r.visited_plmn = s.home_plmn AS at_home
               FROM (SELECT imsi, home_plmn FROM subscription WHERE profile_id = $1 ORDER BY imsi LIMIT ${limits.profiles.observedSims}) AS s
               JOIN registration r ON r.imsi = s.imsi WHERE NOT r.purged) AS seen
       LEFT JOIN partner p ON p.id = seen.partner_id
      GROUP BY 1, 2, 3, 4, 5 ORDER BY n DESC LIMIT 200`,
    [id],
  )
  const networks = new Map<string, { sims: number; declared: boolean }>()
  const radios = new Map<string, { sims: number; declared: boolean }>()
  const circuit = body.voice || body.ussd
  let sims = 0
  for (const row of rows) {
    const n = Number(row.n)
    sims += n
    add(networks, row.partner_name === null ? row.visited_plmn : `${row.partner_name} ${row.visited_plmn}`, n, isDeclared(row, body))
    const radio = radioNames[row.rat_type ?? 0]
    const isOld = radio === 'UTRAN' || radio === 'GERAN'
    if (radio !== undefined) add(radios, radio, n, isOld ? circuit : radioAllows[body.radio].includes(radio))
  }
  const list = (of: typeof networks) => [...of].map(([value, seen]) => ({ value, ...seen })).toSorted((a, b) => b.sims - a.sims)
  return { sims, networks: list(networks).slice(0, 20), radios: list(radios) }
}

function add(to: Map<string, { sims: number; declared: boolean }>, key: string, sims: number, declared: boolean): void {
  const before = to.get(key)
  to.set(key, { sims: sims + (before?.sims ?? 0), declared: declared && (before?.declared ?? true) })
}

function isDeclared(
  { at_home: atHome, visited_plmn: plmn, partner_id: partnerId }: SeenRow,
  { roamingArea, equivalentPlmns }: ProfileRecord['body'],
): boolean {
  if (atHome || roamingArea.kind === 'anywhere' || (equivalentPlmns as readonly string[]).includes(plmn)) return true
  return roamingArea.kind === 'partners' && partnerId !== null && roamingArea.partnerIds.includes(partnerId)
}

interface PushRow {
  version: number
  told: bigint
  confirmed: bigint
  failed: bigint
  not_registered: bigint
  started_at: Date
  finished_at: Date | null
}

/** How far the serving nodes have been told of the version in force. */
export async function readPush(db: Reader, profileId: string, of: Count): Promise<ProfileDetail['push']> {
  const { rows } = await db.query<PushRow>(
    'SELECT version, told, confirmed, failed, not_registered, started_at, finished_at FROM profile_push WHERE profile_id = $1',
    [profileId],
  )
  const [row] = rows
  if (row === undefined) return null
  return {
    version: row.version,
    told: Number(row.told),
    of,
    confirmed: Number(row.confirmed),
    failed: Number(row.failed),
    notRegistered: Number(row.not_registered),
    startedAt: row.started_at.getTime(),
    finishedAt: row.finished_at?.getTime() ?? null,
  }
}
