import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { deviationsOf } from '#domain/needs/permissions.ts'
import { readProfileBody } from '#domain/profile.ts'
import { profileDifferences } from '#domain/profile-diff.ts'
import { profileFaults } from '#domain/profile-faults.ts'
import { subscriberChannel } from '#platform/announcement.ts'
import type { Approval } from '#platform/approval.ts'
import type { Call } from '#platform/http/route.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import type { ProfileApply } from '#platform/http/schemas/profiles.ts'
import { identityOf } from '#platform/http/tenant.ts'
import type { Ports } from '#platform/ports.ts'
import { say } from '#platform/text.ts'
import { type Scope, toJson } from '#store/db.ts'
import { requireAcknowledged } from './checking.ts'
import { type Editing, keepCurrent } from './editing.ts'
import { countSims, type ProfileRecord, type Reader, readAssessments, readProfile, readVersion, versionTag } from './reading.ts'

/** The function that executes approvals of this kind, and no other. */
export const approvalKind = 'profile-change'
const approvalMs = 7 * 86_400_000

export interface Applying extends Editing {
  ports: Readonly<Partial<Ports>>
  /** A version came into force: the serving nodes have to be told. */
  applied(): void
}

export async function applyProfile(call: Call<typeof operations.applyProfile>, applying: Applying): Promise<ProfileApply> {
  const identity = identityOf(call)
  const { db, body } = call
  const profile = await readProfile(db, call.params.id)
  call.checkVersion(versionTag(profile))
  const view = await lookAhead(db, profile, body.version)
  if (body.dryRun !== false) return view
  if (body.version === profile.version) return { ...view, outcome: 'unchanged' }
  const target = readProfileBody((await readVersion(db, profile, body.version)).body)
  await requireAcknowledged(db, profile.providerId, target)
  const change: Change = {
    profileId: profile.id,
    from: profile.version,
    to: body.version,
    actor: identity.personId,
    reason: body.reason,
    address: call.address,
    approvals: [],
  }
  if (view.needsApproval) return { ...view, outcome: 'waiting-approval', approvalId: await askFor(change, profile, view, applying) }
  await bringIntoForce(change, db.scope, applying)
  return { ...view, outcome: 'applied' }
}

/** Whom it concerns and what it does, without doing it. Every count is bounded. */
async function lookAhead(db: Reader, profile: ProfileRecord, version: number): Promise<ProfileApply> {
  const target = readProfileBody((await readVersion(db, profile, version)).body)
  const assessment = (await readAssessments(db, [profile.id])).get(profile.id)
  const critical = await countSims(db, profile.id, limits.http.cappedCount, "class = 'critical'")
  return {
    outcome: 'would-apply',
    approvalId: null,
    from: profile.version,
    to: version,
    differences: profileDifferences(profile.body, target),
    faults: profileFaults(target, { mayPrioritise: true }),
    deviations: assessment === undefined ? null : deviationsOf(target, assessment.answers),
    affected: { sims: await countSims(db, profile.id), critical, ...(await registeredOf(db, profile.id)) },
    needsApproval: critical.value > 0,
  }
}

async function registeredOf(db: Reader, profileId: string): Promise<Pick<ProfileApply['affected'], 'registered' | 'sample'>> {
  const { rows } = await db.query<{ looked: bigint; registered: bigint; sample: string[] | null }>(
    `SELECT count(*) AS looked, count(*) FILTER (WHERE r.imsi IS NOT NULL AND NOT r.purged) AS registered,
            (array_agg(s.imsi ORDER BY s.imsi))[1:5] AS sample
       FROM (SELECT imsi FROM subscription WHERE profile_id = $1 ORDER BY imsi LIMIT ${limits.profiles.observedSims}) AS s
       LEFT JOIN registration r ON r.imsi = s.imsi`,
    [profileId],
  )
  const [row] = rows
  return { registered: { value: Number(row?.registered ?? 0n), of: Number(row?.looked ?? 0n) }, sample: row?.sample ?? [] }
}

interface Change {
  profileId: string
  from: number
  to: number
  actor: string
  reason: string
  address: string | null
  approvals: readonly string[]
}

/** Critical devices may lose service by a wrong profile: another person has to agree (CLP.14 §5.1). */
async function askFor(change: Change, profile: ProfileRecord, view: ProfileApply, { ports, now }: Applying): Promise<string> {
  if (ports.approvals === undefined)
    throw new OperationError(
      'approval-needed',
      409,
      'critical SIMs have this profile: another person must agree, and approvals do not run here',
    )
  const { approvals: _none, actor, ...command } = change
  const approval = await ports.approvals.request({
    kind: approvalKind,
    providerId: profile.providerId,
    command,
    summary: say('approval.profile-change', {
      profile: profile.name,
      version: change.to,
      sims: view.affected.sims.value,
      critical: view.affected.critical.value,
    }),
    reason: change.reason,
    requestedBy: actor,
    needed: 1,
    deciders: 'provider',
    expiresAt: now() + approvalMs,
  })
  return approval.id
}

/** Runs at least once: an approval whose version is in force already has been executed. */
export async function executeApproval(approval: Approval, applying: Applying): Promise<void> {
  const { profileId, from, to, reason, address } = approval.command
  if (typeof profileId !== 'string' || typeof from !== 'number' || typeof to !== 'number')
    throw new OperationError('request-invalid', 400, 'the command of this approval names no version of a profile')
  const scope: Scope = approval.providerId === null ? { operator: true } : { providerId: approval.providerId }
  await bringIntoForce(
    {
      profileId,
      from,
      to,
      actor: approval.requestedBy ?? 'approvals',
      reason: String(reason),
      address: typeof address === 'string' ? address : null,
      approvals: approval.approvedBy,
    },
    scope,
    applying,
  )
}

/** The version in force moves; its SIMs follow. Caches forget at the commit, serving nodes are told afterwards. */
async function bringIntoForce(change: Change, scope: Scope, applying: Applying): Promise<void> {
  const { ledger, ports, now } = applying
  const { profileId, from, to, actor, reason } = change
  const at = new Date(now())
  const changed = await ledger.record(
    async (tx, note) => {
      await tx.query('SELECT FROM service_profile WHERE id = $1 FOR UPDATE', [profileId])
      const profile = await readProfile(tx, profileId)
      if (profile.version === to) return false
      if (profile.version !== from)
        throw new OperationError(
          'profile-moved',
          409,
          `version ${profile.version} of ${profile.name} is in force by now: look at the change again`,
        )
      await keepCurrent(tx, profile)
      const body = readProfileBody((await readVersion(tx, profile, to)).body)
      await requireAcknowledged(tx, profile.providerId, body)
      await tx.query('UPDATE service_profile SET body = $2, version = $3, card_use = $4, changed_at = $5 WHERE id = $1', [
        profileId,
        toJson(body),
        to,
        body.cardUse,
        at,
      ])
      await tx.query('UPDATE service_profile_version SET applied_at = $3, applied_by = $4 WHERE profile_id = $1 AND version = $2', [
        profileId,
        to,
        at,
        actor,
      ])
      await tx.query(
        `INSERT INTO profile_push (profile_id, provider_id, version, started_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (profile_id) DO UPDATE SET version = $3, reached = '', told = 0, confirmed = 0, failed = 0, not_registered = 0,
           started_at = $4, finished_at = NULL, worker = NULL, worker_until = NULL`,
        [profileId, profile.providerId, to, at],
      )
      await ports.notices?.note(tx, {
        type: 'profile.changed',
        providerId: profile.providerId,
        subject: { kind: 'profile', id: profileId },
        data: { name: profile.name, from, to },
      })
      // Every process forgets the subscribers that it has in memory: too many to name.
      await tx.notify(subscriberChannel, '*')
      note({
        kind: 'profile-applied',
        actor,
        providerId: profile.providerId,
        body: { profileId, from, to, reason, approvals: change.approvals, address: change.address },
      })
      return true
    },
    { scope },
  )
  if (changed) applying.applied()
}
