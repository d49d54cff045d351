import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { WeakBearer } from '#domain/acknowledgement.ts'
import type { NeedsAnswers } from '#domain/needs/questions.ts'
import { type ProfileBody, readProfileBody, type StoredProfileBody } from '#domain/profile.ts'
import type { Count } from '#platform/http/schemas/common.ts'
import { isUuid } from '#platform/page.ts'
import type { TenantDb, Tx } from '#store/db.ts'

/** What both a tenant's handle and an open transaction can do. */
export type Reader = Pick<TenantDb, 'query'> | Pick<Tx, 'query'>

/** A profile as it stands. */
export interface ProfileRecord {
  id: string
  providerId: string
  providerName: string
  name: string
  version: number
  latest: number
  changedAt: number
  body: ProfileBody
}

interface Row {
  id: string
  provider_id: string
  provider_name: string
  name: string
  version: number
  latest: number
  changed_at: Date
  body: StoredProfileBody
}

export const profileColumns = `
  f.id, f.provider_id, p.name AS provider_name, f.name, f.version, f.changed_at, f.body,
  greatest(f.version, (SELECT max(v.version) FROM service_profile_version v WHERE v.profile_id = f.id)) AS latest`

export function profileOf(row: Row): ProfileRecord {
  return {
    id: row.id,
    providerId: row.provider_id,
    providerName: row.provider_name,
    name: row.name,
    version: row.version,
    latest: row.latest,
    changedAt: row.changed_at.getTime(),
    body: readProfileBody(row.body),
  }
}

/** Throws `profile-unknown` (404), also for another tenant's. */
export async function readProfile(db: Reader, id: string): Promise<ProfileRecord> {
  const { rows } = isUuid(id)
    ? await db.query<Row>(`SELECT ${profileColumns} FROM service_profile f JOIN provider p ON p.id = f.provider_id WHERE f.id = $1`, [id])
    : { rows: [] }
  const [row] = rows
  if (row === undefined) throw new OperationError('profile-unknown', 404, `there is no profile ${id.slice(0, 64)}`)
  return profileOf(row)
}

/** The ETag of a profile: a change of either needs another look. */
export function versionTag({ version, latest }: Pick<ProfileRecord, 'version' | 'latest'>): string {
  return `${version}.${latest}`
}

export interface VersionRow {
  version: number
  body: StoredProfileBody
  made_by: string | null
  made_at: Date
  reason: string
  applied_at: Date | null
}

/** One version's row. The one in force is always there, also where it came with the installation. */
export async function readVersion(db: Reader, profile: ProfileRecord, version: number): Promise<VersionRow> {
  const { rows } = await db.query<VersionRow>(
    'SELECT version, body, made_by, made_at, reason, applied_at FROM service_profile_version WHERE profile_id = $1 AND version = $2',
    [profile.id, version],
  )
  const [row] = rows
  if (row !== undefined) return row
  if (version === profile.version) return firstVersion(profile)
  throw new OperationError('profile-version-unknown', 404, `${profile.name} has no version ${version}`)
}

export function firstVersion({ version, body, changedAt }: ProfileRecord): VersionRow {
  const at = new Date(changedAt)
  return { version, body, made_by: null, made_at: at, reason: '', applied_at: at }
}

/** How many SIMs, counted up to a cap. */
export async function countSims(db: Reader, profileId: string, cap: number = limits.http.cappedCount, condition = 'true'): Promise<Count> {
  const { rows } = await db.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM (SELECT FROM subscription WHERE profile_id = $1 AND ${condition} LIMIT ${cap + 1}) AS part`,
    [profileId],
  )
  const n = Number(rows[0]?.n ?? 0n)
  return { value: Math.min(n, cap), capped: n > cap }
}

export interface AssessmentRow {
  id: string
  profile_id: string
  answers: NeedsAnswers
  made_by: string
  made_at: Date
}

/** The newest assessment of each. */
export async function readAssessments(db: Reader, profileIds: readonly string[]): Promise<ReadonlyMap<string, AssessmentRow>> {
  const { rows } = await db.query<AssessmentRow>(
    `SELECT a.* FROM unnest($1::uuid[]) AS wanted (id)
       JOIN LATERAL (SELECT id, profile_id, answers, made_by, made_at FROM needs_assessment
                      WHERE profile_id = wanted.id ORDER BY id DESC LIMIT 1) AS a ON true`,
    [profileIds],
  )
  return new Map(rows.map((row) => [row.profile_id, row]))
}

/** Bearers whose weakness somebody acknowledged for each provider, and did not take back. */
export async function readStanding(db: Reader, providerIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<WeakBearer>>> {
  const { rows } = await db.query<{ provider_id: string; bearer: WeakBearer }>(
    'SELECT provider_id, bearer FROM acknowledgement WHERE provider_id = ANY ($1::uuid[]) AND withdrawn_at IS NULL',
    [providerIds],
  )
  const standing = new Map<string, Set<WeakBearer>>()
  for (const { provider_id: id, bearer } of rows) standing.set(id, (standing.get(id) ?? new Set()).add(bearer))
  return standing
}

/** Names of persons whom the asker may see. */
export async function readNames(db: Reader, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, string>> {
  const wanted = ids.filter((id) => id !== null && isUuid(id))
  if (wanted.length === 0) return new Map()
  const { rows } = await db.query<{ id: string; name: string }>('SELECT id, name FROM person WHERE id = ANY ($1::uuid[])', [wanted])
  return new Map(rows.map(({ id, name }) => [id, name]))
}
