import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { deviationsOf } from '#domain/needs/permissions.ts'
import { proposeProfile } from '#domain/needs/propose.ts'
import type { NeedsAnswers } from '#domain/needs/questions.ts'
import type { ProfileBody } from '#domain/profile.ts'
import { profileDifferences } from '#domain/profile-diff.ts'
import type { Call } from '#platform/http/route.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import { identityOf, providerFor } from '#platform/http/tenant.ts'
import { type Tx, toJson } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { checkedBody, requireAcknowledged } from './checking.ts'
import { type ProfileRecord, readProfile, readVersion, versionTag } from './reading.ts'

type Operations = typeof operations

/** What editing needs of its surroundings. */
export interface Editing {
  ledger: Ledger
  now(): number
  newId(): string
}

type Made = { id: string; version: number }

export async function createProfile(call: Call<Operations['createProfile']>, editing: Editing): Promise<Made> {
  const identity = identityOf(call)
  const providerId = await providerFor(call, call.body.providerId)
  const { reason } = call.body
  const name = call.body.name.trim()
  const body = await checkedBody(call.db, call.body.body as unknown as ProfileBody, { mayPrioritise: identity.providerId === null })
  const answers = call.body.answers === undefined ? null : spelledAnswers(call.body.answers as NeedsAnswers)
  const id = editing.newId()
  const at = new Date(editing.now())
  await editing.ledger.record(
    async (tx, note) => {
      await requireAcknowledged(tx, providerId, body)
      await requireRoom(tx, providerId, name)
      await tx.query(
        'INSERT INTO service_profile (id, provider_id, name, version, body, card_use, changed_at) VALUES ($1, $2, $3, 1, $4, $5, $6)',
        [id, providerId, name, toJson(body), body.cardUse, at],
      )
      await insertVersion(tx, { id, providerId }, { version: 1, body, by: identity.personId, at, reason, isApplied: true })
      if (answers !== null)
        await insertAssessment(tx, { id: editing.newId(), providerId, profileId: id, answers, by: identity.personId, at })
      note({
        kind: 'profile-created',
        actor: identity.personId,
        providerId,
        body: { profileId: id, name, profile: body, answers, reason, address: call.address },
      })
    },
    { scope: call.db.scope },
  )
  return { id, version: 1 }
}

async function requireRoom(tx: Tx, providerId: string, name: string): Promise<void> {
  const { rows } = await tx.query<{ name: string }>('SELECT name FROM service_profile WHERE provider_id = $1', [providerId])
  if (rows.some((row) => row.name === name))
    throw new OperationError('profile-name', 409, `there is a profile ${name} already: choose another name`)
  if (rows.length >= limits.profiles.perProvider)
    throw new OperationError('too-many-profiles', 409, `a provider has at most ${limits.profiles.perProvider} profiles`)
}

export async function createVersion(call: Call<Operations['createProfileVersion']>, editing: Editing): Promise<Made> {
  const identity = identityOf(call)
  const { reason, restore } = call.body
  const profile = await readProfile(call.db, call.params.id)
  call.checkVersion(versionTag(profile))
  const given = restore === undefined ? call.body.body : (await readVersion(call.db, profile, restore)).body
  if (given === undefined) throw new OperationError('request-invalid', 400, 'give the body of the new version, or the version to restore')
  // What stood once may come back: its priorities were the operator's to give.
  const before = restore === undefined ? profile.body : (given as ProfileBody)
  const body = await checkedBody(call.db, given as unknown as ProfileBody, { mayPrioritise: identity.providerId === null, before })
  const version = profile.latest + 1
  if (version > limits.profiles.versions)
    throw new OperationError('too-many-versions', 409, `${profile.name} has ${limits.profiles.versions} versions: make a new profile`)
  await editing.ledger.record(
    async (tx, note) => {
      await keepCurrent(tx, profile)
      await insertVersion(tx, profile, { version, body, by: identity.personId, at: new Date(editing.now()), reason, isApplied: false })
      note({
        kind: 'profile-version',
        actor: identity.personId,
        providerId: profile.providerId,
        body: {
          profileId: profile.id,
          version,
          against: profile.version,
          restored: restore ?? null,
          differences: profileDifferences(profile.body, body),
          reason,
          address: call.address,
        },
      })
    },
    { scope: call.db.scope },
  )
  return { id: profile.id, version }
}

/** The version in force gets its row where it came with the installation and never had one. */
export async function keepCurrent(tx: Tx, profile: ProfileRecord): Promise<void> {
  await tx.query(
    `INSERT INTO service_profile_version (profile_id, version, provider_id, body, made_at, reason, applied_at)
     VALUES ($1, $2, $3, $4, $5, '', $5) ON CONFLICT DO NOTHING`,
    [profile.id, profile.version, profile.providerId, toJson(profile.body), new Date(profile.changedAt)],
  )
}

async function insertVersion(
  tx: Tx,
  { id, providerId }: { id: string; providerId: string },
  row: { version: number; body: ProfileBody; by: string; at: Date; reason: string; isApplied: boolean },
): Promise<void> {
  const { version, body, by, at, reason, isApplied } = row
  const { affected } = await tx.query(
    `INSERT INTO service_profile_version (profile_id, version, provider_id, body, made_by, made_at, reason, applied_at, applied_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
    [id, version, providerId, toJson(body), by, at, reason, isApplied ? at : null, isApplied ? by : null],
  )
  if (affected === 0)
    throw new OperationError('version-changed', 412, 'somebody else changed this meanwhile: read it again and repeat the change')
}

export async function assessProfile(
  call: Call<Operations['assessProfile']>,
  editing: Editing,
): Promise<{ id: string; deviations: ReturnType<typeof deviationsOf> }> {
  const identity = identityOf(call)
  const profile = await readProfile(call.db, call.params.id)
  const answers = spelledAnswers(call.body.answers as NeedsAnswers)
  const id = editing.newId()
  const deviations = deviationsOf(profile.body, answers)
  await editing.ledger.record(
    async (tx, note) => {
      const at = new Date(editing.now())
      await insertAssessment(tx, { id, providerId: profile.providerId, profileId: profile.id, answers, by: identity.personId, at })
      note({
        kind: 'needs-assessed',
        actor: identity.personId,
        providerId: profile.providerId,
        body: { profileId: profile.id, assessmentId: id, answers, deviations, reason: call.body.reason, address: call.address },
      })
    },
    { scope: call.db.scope },
  )
  return { id, deviations }
}

/** Lists spelled as a profile spells them, so that one can be held against the other. */
export function spelledAnswers(answers: NeedsAnswers): NeedsAnswers {
  const { allowedAddresses, allowedDomains } = proposeProfile(answers)
  return { ...answers, addresses: allowedAddresses, domains: allowedDomains.map(({ name }) => name) }
}

async function insertAssessment(
  tx: Tx,
  row: { id: string; providerId: string; profileId: string; answers: NeedsAnswers; by: string; at: Date },
): Promise<void> {
  await tx.query('INSERT INTO needs_assessment (id, provider_id, profile_id, answers, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6)', [
    row.id,
    row.providerId,
    row.profileId,
    toJson(row.answers),
    row.by,
    row.at,
  ])
}

export async function removeProfile(call: Call<Operations['removeProfile']>, { ledger }: Editing): Promise<void> {
  const identity = identityOf(call)
  const profile = await readProfile(call.db, call.params.id)
  await ledger.record(
    async (tx, note) => {
      const { rows } = await tx.query('SELECT FROM subscription WHERE profile_id = $1 LIMIT 1', [profile.id])
      if (rows.length > 0)
        throw new OperationError('profile-in-use', 409, `SIMs have the profile ${profile.name}: give them another one first`)
      await tx.query('DELETE FROM service_profile WHERE id = $1', [profile.id])
      note({
        kind: 'profile-removed',
        actor: identity.personId,
        providerId: profile.providerId,
        body: { profileId: profile.id, name: profile.name, reason: call.query.reason, address: call.address },
      })
    },
    { scope: call.db.scope, rehearsal: call.isRehearsal },
  )
}
