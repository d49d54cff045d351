import { OperationError } from '#core/errors.ts'
import { type WeakBearer, weakBearersOf } from '#domain/acknowledgement.ts'
import type { ProfileBody } from '#domain/profile.ts'
import { normalisedProfile, profileFaults } from '#domain/profile-faults.ts'
import { type Reader, readStanding } from './reading.ts'

/**
 * A body as it will be stored. Throws `profile-invalid` (422) with every fault, or `partner-unknown` (422) for a roaming
 * partner that is not on record.
 */
export async function checkedBody(
  db: Reader,
  given: ProfileBody,
  by: { mayPrioritise: boolean; before?: ProfileBody | null },
): Promise<ProfileBody> {
  const body = normalisedProfile(given)
  const faults = profileFaults(body, by)
  const [first] = faults.filter(({ refused }) => refused)
  if (first !== undefined)
    throw new OperationError('profile-invalid', 422, `${first.at}: ${first.code}${first.value === '' ? '' : ` (${first.value})`}`, {
      faults,
    })
  const { roamingArea } = body
  if (roamingArea.kind === 'partners') {
    const { rows } = await db.query<{ id: string }>('SELECT id::text AS id FROM partner WHERE id::text = ANY ($1::text[])', [
      roamingArea.partnerIds,
    ])
    const known = new Set(rows.map(({ id }) => id))
    const stray = roamingArea.partnerIds.find((id) => !known.has(id))
    if (stray !== undefined) throw new OperationError('partner-unknown', 422, `there is no partner ${stray.slice(0, 64)}`)
  }
  return body
}

/** Bearers that the body carries and nobody of the provider has acknowledged. */
async function unacknowledged(db: Reader, providerId: string, body: ProfileBody): Promise<WeakBearer[]> {
  const wanted = weakBearersOf(body)
  if (wanted.length === 0) return []
  const standing = (await readStanding(db, [providerId])).get(providerId)
  return wanted.filter((bearer) => standing?.has(bearer) !== true)
}

/** Throws `acknowledgement-needed` (409): such a profile cannot come into force. */
export async function requireAcknowledged(db: Reader, providerId: string, body: ProfileBody): Promise<void> {
  const missing = await unacknowledged(db, providerId, body)
  if (missing.length === 0) return
  throw new OperationError(
    'acknowledgement-needed',
    409,
    `a person of the provider must first acknowledge how weak ${missing.join(' and ')} is`,
    { bearers: missing },
  )
}
