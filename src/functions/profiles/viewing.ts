import { limits } from '#core/limits.ts'
import { weakBearersOf } from '#domain/acknowledgement.ts'
import { compileSubscriptionData } from '#domain/compile-s6a.ts'
import { fdnRecords } from '#domain/fdn.ts'
import {
  deviationsOf,
  type PermissionId,
  permissionClauses,
  permissionIds,
  permissionsAsked,
  permissionsIn,
} from '#domain/needs/permissions.ts'
import { adviceOf, proposeProfile } from '#domain/needs/propose.ts'
import type { NeedsAnswers } from '#domain/needs/questions.ts'
import { type ProfileBody, readProfileBody } from '#domain/profile.ts'
import { profileDifferences } from '#domain/profile-diff.ts'
import { profileFaults } from '#domain/profile-faults.ts'
import { avpText } from '#platform/avp-text.ts'
import type { Call } from '#platform/http/route.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import type { ProfileBody as BodyView } from '#platform/http/schemas/profile-body.ts'
import type { ProfileDetail, ProfileRow, ProfileVersion, Proposal } from '#platform/http/schemas/profiles.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from '#platform/page.ts'
import type { TenantDb } from '#store/db.ts'
import { spelledAnswers } from './editing.ts'
import { observedOf, readPush } from './observed.ts'
import {
  countSims,
  firstVersion,
  profileColumns,
  profileOf,
  readAssessments,
  readNames,
  readProfile,
  readStanding,
  readVersion,
  type VersionRow,
  versionTag,
} from './reading.ts'

type Operations = typeof operations
/** Counting stops earlier where a page counts for each of its rows. */
const listedCountCap = 1_000

export async function listProfiles({ db, query }: Call<Operations['listProfiles']>): Promise<Page<ProfileRow>> {
  const limit = pageLimit(query.limit)
  const after = decodeCursor(query.cursor, 2)
  const of = query.providerId
  const providerId = of !== undefined && isUuid(of) ? of : null
  const { rows } = await db.query<Parameters<typeof profileOf>[0]>(
    `SELECT ${profileColumns} FROM service_profile f JOIN provider p ON p.id = f.provider_id
      WHERE ($1::uuid IS NULL OR f.provider_id = $1::uuid) AND ($2::text IS NULL OR (f.name, f.id::text) > ($2::text, $3::text))
      ORDER BY f.name, f.id::text LIMIT ${limit + 1}`,
    [providerId, after?.[0] ?? null, after?.[1] ?? null],
  )
  const records = rows.slice(0, limit).map(profileOf)
  const assessments = await readAssessments(
    db,
    records.map(({ id }) => id),
  )
  const standing = await readStanding(db, [...new Set(records.map((record) => record.providerId))])
  const items: ProfileRow[] = []
  for (const record of records) {
    const { id, name, version, latest, changedAt, body } = record
    const assessment = assessments.get(id)
    items.push({
      id,
      name,
      provider: { id: record.providerId, name: record.providerName },
      version,
      latest,
      changedAt,
      apns: body.apns.map((apn) => apn.name),
      permissions: [...permissionsIn(body)],
      sims: await countSims(db, id, listedCountCap),
      assessedAt: assessment?.made_at.getTime() ?? null,
      deviations: assessment === undefined ? null : deviationsOf(body, assessment.answers).length,
      unacknowledged: weakBearersOf(body).filter((bearer) => standing.get(record.providerId)?.has(bearer) !== true),
    })
  }
  const last = records.at(-1)
  const cap = limits.http.cappedCount
  const total = await db.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM (SELECT FROM service_profile WHERE $1::uuid IS NULL OR provider_id = $1::uuid LIMIT ${cap + 1}) AS part`,
    [providerId],
  )
  const n = Number(total.rows[0]?.n ?? 0n)
  return {
    items,
    next: rows.length > limit && last !== undefined ? encodeCursor([last.name, last.id]) : null,
    count: { value: Math.min(n, cap), capped: n > cap },
  }
}

export async function profileDetail(call: Call<Operations['getProfile']>, now: number): Promise<ProfileDetail> {
  const { db } = call
  const profile = await readProfile(db, call.params.id)
  call.setVersion(versionTag(profile))
  const { id, body, providerId } = profile
  const row = (await readAssessments(db, [id])).get(id)
  const names = await readNames(db, [row?.made_by ?? null])
  const standing = (await readStanding(db, [providerId])).get(providerId)
  const sims = await countSims(db, id)
  return {
    id,
    name: profile.name,
    provider: { id: providerId, name: profile.providerName },
    version: profile.version,
    latest: profile.latest,
    changedAt: profile.changedAt,
    body: bodyView(body),
    faults: profileFaults(body, { mayPrioritise: true }),
    permissions: permissionsOf(body, row?.answers ?? null),
    assessment:
      row === undefined
        ? null
        : { id: row.id, answers: row.answers as never, madeBy: names.get(row.made_by) ?? row.made_by, madeAt: row.made_at.getTime() },
    deviations: row === undefined ? null : deviationsOf(body, row.answers),
    unacknowledged: weakBearersOf(body).filter((bearer) => standing?.has(bearer) !== true),
    observed: await observedOf(db, profile),
    compiled: avpText(compileSubscriptionData({ ...body, id, providerId, name: profile.name, version: profile.version }, sample, now)),
    fdn: fdnRecords(body.fixedNumbers, call.query.fdnRecordSize),
    sims,
    push: await readPush(db, id, sims),
  }
}

/** A profile is compiled for some subscription: an active one without a number. */
const sample = { msisdn: null, intended: 'active', imposed: [] } as const

/** The domain's lists cannot be written to; the schema's types do not say so. */
function bodyView(body: ProfileBody): BodyView {
  return structuredClone(body) as unknown as BodyView
}

function permissionsOf(body: ProfileBody, answers: NeedsAnswers | null): ProfileDetail['permissions'] {
  const asked = answers === null ? null : permissionsAsked(answers)
  return [...permissionsIn(body)].map((id) => ({ id, clause: permissionClauses[id], asked: asked?.has(id) ?? null }))
}

export function proposalOf(given: NeedsAnswers): Proposal {
  const answers = spelledAnswers(given)
  const body = proposeProfile(answers)
  const granted = permissionsIn(body)
  const entry = (id: PermissionId) => ({ id, clause: permissionClauses[id], asked: granted.has(id) })
  return {
    body: bodyView(body),
    faults: profileFaults(body, { mayPrioritise: false }),
    permissions: [...granted].map(entry),
    withheld: permissionIds.filter((id) => !granted.has(id)).map(entry),
    advice: adviceOf(answers),
  }
}

export async function listVersions({ db, params, query }: Call<Operations['listProfileVersions']>): Promise<Page<ProfileVersion>> {
  const profile = await readProfile(db, params.id)
  const limit = pageLimit(query.limit)
  const before = decodeCursor(query.cursor, 1)?.[0]
  const { rows } = await db.query<VersionRow>(
    `SELECT version, body, made_by, made_at, reason, applied_at FROM service_profile_version
      WHERE profile_id = $1 AND ($2::int IS NULL OR version < $2::int) ORDER BY version DESC LIMIT ${limit + 1}`,
    [profile.id, typeof before === 'number' ? before : null],
  )
  // One that came with the installation has no row yet, and no other version either.
  const shown = rows.length === 0 && before === undefined ? [firstVersion(profile)] : rows.slice(0, limit)
  const names = await readNames(
    db,
    shown.map((row) => row.made_by),
  )
  return {
    items: shown.map((row) => versionView(row, profile.version, names)),
    next: rows.length > limit ? encodeCursor([shown.at(-1)?.version ?? 0]) : null,
    count: { value: profile.latest, capped: false },
  }
}

export async function versionDetail({ db, params, query }: Call<Operations['getProfileVersion']>) {
  const profile = await readProfile(db, params.id)
  const row = await readVersion(db, profile, Number(params.version))
  const against = query.against ?? profile.version
  const other = await readVersion(db, profile, against)
  const body = readProfileBody(row.body)
  return {
    version: versionView(row, profile.version, await readNames(db, [row.made_by])),
    body: bodyView(body),
    against,
    differences: profileDifferences(readProfileBody(other.body), body),
  }
}

function versionView(row: VersionRow, current: number, names: ReadonlyMap<string, string>): ProfileVersion {
  return {
    version: row.version,
    madeBy: row.made_by,
    madeByName: row.made_by === null ? null : (names.get(row.made_by) ?? null),
    madeAt: row.made_at.getTime(),
    reason: row.reason,
    appliedAt: row.applied_at?.getTime() ?? null,
    isCurrent: row.version === current,
  }
}

/** A provider may read of the operator's partners no more than this. */
export async function roamingNetworks(db: TenantDb): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.query<{ id: string; name: string }>('SELECT id::text AS id, name FROM partner ORDER BY name LIMIT $1', [
    limits.profiles.roamingNetworks,
  ])
  return rows
}
