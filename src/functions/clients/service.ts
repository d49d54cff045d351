import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Call } from '#platform/http/route.ts'
import type { ApiClient } from '#platform/http/schemas/clients.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import type { NoticePort } from '#platform/notice.ts'
import { isUuid } from '#platform/page.ts'
import { type Permission, roles } from '#platform/permission.ts'
import type { Identity } from '#platform/session.ts'
import { type Tx, toJson } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { checkKeys } from './keys.ts'
import { type ClientRow, clientView, selectClient } from './rows.ts'
import { digestOf, makeSecret } from './secrets.ts'
import { parseSources } from './sources.ts'

const dayMs = 86_400_000
const defaultLifeMs = 365 * dayMs
const longestLifeMs = 730 * dayMs
const defaultOverlapMinutes = 1_440

interface Options {
  clock: Clock
  ledger: Ledger
  /** May be absent. */
  notices(): NoticePort | undefined
  newId(): string
}

/** What a person may give to a client: what such clients may have at all, and the person has too. */
export function grantable(identity: Identity | null, isOfProvider: boolean): Permission[] {
  const most: readonly Permission[] = roles[isOfProvider ? 'provider-client' : 'operator-client']
  return most.filter((permission) => identity?.permissions.includes(permission) === true)
}

/** Makes, changes, rotates and ends API clients: each with its row in the ledger and a notice. */
export class Clients {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  get #now(): number {
    return this.#options.clock.now()
  }

  async create(call: Call<typeof operations.createClient>): Promise<{ client: ApiClient; secret: string | null }> {
    const { body, identity } = call
    const { scopes, name, kind, reason, keys } = body
    const providerId = await organisationOf(call)
    checkScopes(identity, providerId, scopes)
    const sources = parseSources(body.sources ?? [])
    const expiresAt = checkExpiry(body.expiresAt ?? this.#now + defaultLifeMs, this.#now)
    if (kind === 'key' && keys !== undefined) throw new OperationError('keys-invalid', 400, 'an API key has no keys of its own')
    if (keys !== undefined) await checkKeys(keys)
    const id = this.#options.newId()
    const [jwks, by, at] = [keys === undefined ? null : toJson(keys), identity?.personId ?? 'nobody', new Date(this.#now)]
    return await this.#change(call, async (tx) => {
      await checkRoom(tx, providerId, this.#now)
      await tx.query(
        `INSERT INTO api_client (id, provider_id, kind, name, scopes, sources, keys, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [id, providerId, kind, name, scopes, sources, jwks, by, at, expiresAt],
      )
      const secret = jwks === null ? await this.#addSecret(tx, { id, provider_id: providerId, kind }) : null
      const row = await selectClient(tx, id, this.#now)
      const entry = { kind, scopes, sources, expiresAt: expiresAt.getTime() }
      return { result: { client: clientView(row, this.#now), secret }, client: row, what: 'created', reason, body: entry }
    })
  }

  async update(call: Call<typeof operations.updateClient>): Promise<ApiClient> {
    const { body, identity, params } = call
    if (body.keys !== undefined) await checkKeys(body.keys)
    return await this.#change(call, async (tx) => {
      const row = await this.#standing(tx, params.id)
      call.checkVersion(row.version)
      // What it has already may stay, whoever changes the rest.
      const added = (body.scopes ?? []).filter((scope) => !row.scopes.includes(scope))
      checkScopes(identity, row.provider_id, added)
      if (body.keys !== undefined && row.keys === null) throw new OperationError('keys-invalid', 400, 'this client has a secret, not keys')
      const scopes = body.scopes ?? row.scopes
      const sources = body.sources === undefined ? row.sources : parseSources(body.sources)
      const expiresAt = body.expiresAt === undefined ? row.expires_at : checkExpiry(body.expiresAt, this.#now)
      const keys = body.keys ?? row.keys
      await tx.query(
        'UPDATE api_client SET name = $2, scopes = $3, sources = $4, expires_at = $5, keys = $6, version = version + 1 WHERE id = $1',
        [row.id, body.name ?? row.name, scopes, sources, expiresAt, keys === null ? null : toJson(keys)],
      )
      const changed = clientView(await selectClient(tx, row.id, this.#now), this.#now)
      call.setVersion(changed.version)
      const entry = { scopes, sources, expiresAt: expiresAt.getTime(), keysChanged: body.keys !== undefined }
      return { result: changed, client: row, what: 'changed', reason: body.reason, body: entry }
    })
  }

  async rotate(call: Call<typeof operations.rotateClient>): Promise<{ client: ApiClient; secret: string | null }> {
    const { body, params } = call
    return await this.#change(call, async (tx) => {
      const row = await this.#standing(tx, params.id)
      if (row.keys !== null) throw new OperationError('keys-invalid', 400, 'this client has keys of its own: change them instead')
      const overlapMinutes = body.overlapMinutes ?? defaultOverlapMinutes
      // Of the former ones only the newest goes on: three that work at once are one too many to keep in mind.
      await tx.query('DELETE FROM api_client_secret WHERE client_id = $1 AND expires_at IS NOT NULL', [row.id])
      const until = new Date(this.#now + overlapMinutes * 60_000)
      await tx.query('UPDATE api_client_secret SET expires_at = $2 WHERE client_id = $1', [row.id, until])
      const secret = await this.#addSecret(tx, row)
      await tx.query('UPDATE api_client SET version = version + 1 WHERE id = $1', [row.id])
      const client = clientView(await selectClient(tx, row.id, this.#now), this.#now)
      return { result: { client, secret }, client: row, what: 'rotated', reason: body.reason, body: { overlapMinutes } }
    })
  }

  async revoke(call: Call<typeof operations.revokeClient>): Promise<ApiClient> {
    const { body, params } = call
    return await this.#change(call, async (tx) => {
      const row = await this.#standing(tx, params.id)
      await tx.query('UPDATE api_client SET revoked_at = $2, version = version + 1 WHERE id = $1', [row.id, new Date(this.#now)])
      await tx.query('DELETE FROM api_client_secret WHERE client_id = $1', [row.id])
      const client = clientView(await selectClient(tx, row.id, this.#now), this.#now)
      return { result: client, client: row, what: 'revoked', reason: body.reason }
    })
  }

  async #addSecret(tx: Tx, client: Pick<ClientRow, 'id' | 'provider_id' | 'kind'>): Promise<string> {
    const secret = makeSecret(client.kind === 'key' ? 'key' : 'secret', client.id)
    await tx.query('INSERT INTO api_client_secret (digest, provider_id, client_id, created_at) VALUES ($1, $2, $3, $4)', [
      digestOf(secret),
      client.provider_id,
      client.id,
      new Date(this.#now),
    ])
    return secret
  }

  async #standing(tx: Tx, id: string): Promise<ClientRow> {
    const row = await selectClient(tx, id, this.#now, true)
    if (row.revoked_at !== null) throw new OperationError('client-revoked', 409, 'this client is revoked: make a new one')
    return row
  }

  /** The change, its entry and its notice: all or none. */
  #change<T>(
    call: Pick<Call, 'db' | 'identity' | 'address' | 'isRehearsal'>,
    run: (tx: Tx) => Promise<{ result: T; client: Pick<ClientRow, 'id' | 'provider_id'>; what: string; reason: string; body?: object }>,
  ): Promise<T> {
    const { ledger, notices } = this.#options
    return ledger.record(
      async (tx, write) => {
        const { result, client, what, reason, body } = await run(tx)
        const { id: clientId, provider_id: providerId } = client
        const actor = call.identity?.personId ?? 'nobody'
        write({ kind: `client-${what}`, actor, providerId, body: { clientId, ...body, reason, address: call.address } })
        await notices()?.note(tx, { type: 'client.changed', providerId, subject: { kind: 'client', id: clientId }, data: { change: what } })
        return result
      },
      { scope: call.db.scope, rehearsal: call.isRehearsal },
    )
  }
}

function checkScopes(identity: Identity | null, providerId: string | null, scopes: readonly Permission[]): void {
  const allowed = grantable(identity, providerId !== null)
  const refused = scopes.filter((scope) => !allowed.includes(scope))
  if (refused.length > 0)
    throw new OperationError('scope-refused', 403, `you cannot give ${refused.join(', ')} to this client`, { refused })
}

function checkExpiry(expiresAt: number, now: number): Date {
  const ahead = expiresAt - now
  if (ahead < 60_000 || ahead > longestLifeMs) {
    throw new OperationError('expiry-invalid', 400, 'a client expires between a minute and 730 days from now')
  }
  return new Date(expiresAt)
}

/** A provider's person makes clients of that provider; the operator's person makes the operator's, or names a provider. */
async function organisationOf({ identity, body, db }: Call<typeof operations.createClient>): Promise<string | null> {
  const own = identity?.providerId ?? null
  const asked = body.organisation
  if (asked === undefined || asked === own) return own
  const known = own === null && isUuid(asked) ? await db.query('SELECT FROM provider WHERE id = $1', [asked]) : null
  if (known === null || known.affected === 0) throw new OperationError('organisation-unknown', 404, 'there is no such organisation')
  return asked
}

async function checkRoom(tx: Tx, providerId: string | null, now: number): Promise<void> {
  const { rows } = await tx.query<{ n: bigint }>(
    'SELECT count(*) AS n FROM api_client WHERE provider_id IS NOT DISTINCT FROM $1 AND revoked_at IS NULL AND expires_at > $2',
    [providerId, new Date(now)],
  )
  if (Number(rows[0]?.n) >= limits.clients.perOrganisation) {
    throw new OperationError(
      'too-many-clients',
      409,
      `an organisation has at most ${limits.clients.perOrganisation} clients: revoke one first`,
    )
  }
}
