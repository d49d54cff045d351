import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { PasskeyPort } from '#platform/passkey.ts'
import type { Db } from '#store/db.ts'
import { type Site, verifyAuthentication } from './passkeys.ts'

const portal = { priority: 'portal' } as const
const passkeysPerPerson = 64

interface Row {
  id: string
  external_id: string
  secret: Buffer
  counter: bigint
  body: { transports?: string[] }
}

/** Has a person sign octets with a passkey they registered here. Whose passkey answers must be who is asked. */
export function createPasskeyPort({ db, site, clock }: { db: Db; site: Site; clock: Clock }): PasskeyPort {
  const passkeysOf = async (personId: string): Promise<Row[]> => {
    const { rows } = await db.query<Row>(
      `SELECT c.id, c.external_id, c.secret, c.counter, c.body FROM credential c JOIN person p ON p.id = c.person_id
        WHERE p.id::text = $1 AND c.kind = 'passkey' AND p.disabled_at IS NULL ORDER BY c.created_at LIMIT ${passkeysPerPerson}`,
      [personId],
      portal,
    )
    return rows
  }
  /** Of two answers with the same count one is a copy (WebAuthn Level 3 §6.1.1); authenticators that sync always say 0. */
  const raise = async (id: string, counter: number): Promise<boolean> => {
    const { affected } = await db.query(
      'UPDATE credential SET counter = $2, used_at = $3 WHERE id = $1 AND (counter < $2 OR ($2 = 0 AND counter = 0))',
      [id, counter, new Date(clock.now())],
      portal,
    )
    return affected > 0
  }
  return {
    rpId: site.id,
    async list(personId) {
      return (await passkeysOf(personId)).map((row) => ({ id: row.external_id, transports: row.body.transports ?? [] }))
    },
    async verify(personId, challenge, response) {
      const row = (await passkeysOf(personId)).find(({ external_id: id }) => id === response.id)
      if (row === undefined) throw refused('this passkey is not one of yours')
      const passkey = {
        id: row.id,
        personId,
        externalId: row.external_id,
        publicKey: row.secret,
        counter: Number(row.counter),
        transports: row.body.transports ?? [],
      }
      const counter = await verifyAuthentication(site, { ...response }, Buffer.from(challenge).toString('base64url'), passkey)
      if (!(await raise(row.id, counter))) throw refused('this answer of the passkey was used before')
      const { authenticatorData, clientDataJSON, signature } = (response.response ?? {}) as Record<string, unknown>
      return {
        credentialId: row.external_id,
        publicKey: row.secret.toString('base64url'),
        authenticatorData: String(authenticatorData),
        clientDataJSON: String(clientDataJSON),
        signature: String(signature),
      }
    },
  }
}

function refused(because: string): OperationError {
  return new OperationError('passkey-refused', 400, because)
}
