import { createHash } from 'node:crypto'
import { OperationError } from '#core/errors.ts'
import { acknowledgementText, acknowledgementTexts, type WeakBearer } from '#domain/acknowledgement.ts'
import type { Call } from '#platform/http/route.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import type { Acknowledgement } from '#platform/http/schemas/profiles.ts'
import { identityOf, providerFor } from '#platform/http/tenant.ts'
import { isUuid } from '#platform/page.ts'
import { toJson } from '#store/db.ts'
import type { Editing } from './editing.ts'
import { type Reader, readNames } from './reading.ts'

type Operations = typeof operations

interface Row {
  id: string
  provider_id: string
  bearer: WeakBearer
  text_version: number
  person_id: string
  signed_at: Date
  withdrawn_at: Date | null
}

const columns = 'id, provider_id, bearer, text_version, person_id, signed_at, withdrawn_at'
const listed = 100

export async function listAcknowledgements({ db, query }: Call<Operations['listAcknowledgements']>) {
  const of = query.providerId
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM acknowledgement WHERE $1::uuid IS NULL OR provider_id = $1::uuid ORDER BY withdrawn_at IS NOT NULL, id DESC LIMIT ${listed}`,
    [of !== undefined && isUuid(of) ? of : null],
  )
  const items: Acknowledgement[] = []
  for (const row of rows) items.push(await view(db, row))
  return {
    items,
    texts: acknowledgementTexts.map(({ bearer, version, sentences }) => ({ bearer, version, text: sentences.map(({ key }) => key) })),
  }
}

async function view(db: Reader, row: Row): Promise<Acknowledgement> {
  const names = await readNames(db, [row.person_id])
  return {
    id: row.id,
    providerId: row.provider_id,
    bearer: row.bearer,
    textVersion: row.text_version,
    personName: names.get(row.person_id) ?? null,
    signedAt: row.signed_at.getTime(),
    withdrawnAt: row.withdrawn_at?.getTime() ?? null,
    dependents: row.withdrawn_at === null ? await dependentsOf(db, row.provider_id, row.bearer) : [],
  }
}

/** Profiles in force that carry the bearer; a provider has few profiles. */
async function dependentsOf(db: Reader, providerId: string, bearer: WeakBearer): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.query<{ id: string; name: string }>(
    'SELECT id, name FROM service_profile WHERE provider_id = $1 AND (body->>$2)::boolean ORDER BY name LIMIT 200',
    [providerId, bearer],
  )
  return rows
}

/** SHA-256 of the sentences that are signed, as they stand in the program. */
function hashOf(bearer: WeakBearer): string {
  const { version, sentences } = acknowledgementText(bearer)
  return createHash('sha256')
    .update(JSON.stringify({ bearer, version, sentences: sentences.map(({ text }) => text) }))
    .digest('hex')
}

/** The proof of who signs is the sign-in or step-up that the platform asked for just now; its time and factors are kept. */
export async function signAcknowledgement(call: Call<Operations['signAcknowledgement']>, editing: Editing): Promise<Acknowledgement> {
  const identity = identityOf(call)
  const { bearer, textVersion } = call.body
  const providerId = await providerFor(call, call.body.providerId)
  const { version } = acknowledgementText(bearer)
  if (textVersion !== version)
    throw new OperationError('acknowledgement-text', 409, `the text of ${bearer} is of version ${version} by now: read it again`)
  const textHash = hashOf(bearer)
  const proof = { factors: [...identity.factors], authenticatedAt: identity.authenticatedAt, onBehalf: identity.providerId === null }
  const id = editing.newId()
  const row = await editing.ledger.record(
    async (tx, note) => {
      const { rows } = await tx.query<Row>(
        `INSERT INTO acknowledgement (id, provider_id, bearer, text_version, text_hash, person_id, proof, signed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING ${columns}`,
        [id, providerId, bearer, version, textHash, identity.personId, toJson(proof), new Date(editing.now())],
      )
      const [made] = rows
      if (made === undefined) throw new OperationError('acknowledgement-stands', 409, `the weakness of ${bearer} is acknowledged already`)
      note({
        kind: 'acknowledgement-signed',
        actor: identity.personId,
        providerId,
        body: { acknowledgementId: id, bearer, textVersion: version, textHash, proof, address: call.address },
      })
      return made
    },
    { scope: call.db.scope },
  )
  return await view(call.db, row)
}

export async function withdrawAcknowledgement(
  call: Call<Operations['withdrawAcknowledgement']>,
  editing: Editing,
): Promise<Acknowledgement> {
  const identity = identityOf(call)
  const { id } = call.params
  const row = await editing.ledger.record(
    async (tx, note) => {
      const { rows } = isUuid(id)
        ? await tx.query<Row>(
            `UPDATE acknowledgement SET withdrawn_at = $2, withdrawn_by = $3 WHERE id = $1 AND withdrawn_at IS NULL RETURNING ${columns}`,
            [id, new Date(editing.now()), identity.personId],
          )
        : { rows: [] }
      const [withdrawn] = rows
      if (withdrawn === undefined) throw new OperationError('acknowledgement-unknown', 404, 'no such acknowledgement stands')
      note({
        kind: 'acknowledgement-withdrawn',
        actor: identity.personId,
        providerId: withdrawn.provider_id,
        body: { acknowledgementId: id, bearer: withdrawn.bearer, reason: call.body.reason, address: call.address },
      })
      return withdrawn
    },
    { scope: call.db.scope, rehearsal: call.isRehearsal },
  )
  return { ...(await view(call.db, row)), dependents: await dependentsOf(call.db, row.provider_id, row.bearer) }
}
