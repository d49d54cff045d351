import { OperationError } from '#core/errors.ts'
import type { ApiClient } from '#platform/http/schemas/clients.ts'
import { isUuid } from '#platform/page.ts'
import type { Permission } from '#platform/permission.ts'
import type { TenantDb, Tx } from '#store/db.ts'

export interface ClientRow {
  id: string
  provider_id: string | null
  kind: 'key' | 'oauth'
  name: string
  scopes: Permission[]
  sources: string[]
  keys: { keys: Record<string, unknown>[] } | null
  created_by: string
  created_at: Date
  expires_at: Date
  revoked_at: Date | null
  used_at: Date | null
  used_from: string | null
  version: number
  made_by: string | null
  provider_name: string | null
  secrets: { createdAt: string; expiresAt: string | null }[]
}

/** With the name of whoever made it, where that person is still there and of this tenant, and the secrets that work now. */
const select = `SELECT c.*, p.name AS made_by, o.name AS provider_name,
    coalesce((SELECT jsonb_agg(jsonb_build_object('createdAt', s.created_at, 'expiresAt', s.expires_at) ORDER BY s.created_at)
      FROM api_client_secret s WHERE s.client_id = c.id AND (s.expires_at IS NULL OR s.expires_at > $1)), '[]') AS secrets
  FROM api_client c
  LEFT JOIN provider o ON o.id = c.provider_id
  LEFT JOIN person p ON p.id = CASE WHEN c.created_by ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$' THEN c.created_by::uuid END`

export async function selectClients(db: TenantDb, now: number, page: { before: string | null; limit: number }): Promise<ClientRow[]> {
  const { rows } = await db.query<ClientRow>(`${select} WHERE $2::uuid IS NULL OR c.id < $2::uuid ORDER BY c.id DESC LIMIT $3`, [
    new Date(now),
    page.before,
    page.limit,
  ])
  return rows
}

/** Throws `client-unknown` (404) where this tenant has none of that id. */
export async function selectClient(db: TenantDb | Tx, id: string, now: number, lock = false): Promise<ClientRow> {
  if (isUuid(id)) {
    if (lock) await db.query('SELECT FROM api_client WHERE id = $1 FOR UPDATE', [id])
    const { rows } = await db.query<ClientRow>(`${select} WHERE c.id = $2`, [new Date(now), id])
    if (rows[0] !== undefined) return rows[0]
  }
  throw new OperationError('client-unknown', 404, `there is no API client ${id}`)
}

export function clientView(row: ClientRow, now: number): ApiClient {
  const state = row.revoked_at !== null ? 'revoked' : row.expires_at.getTime() <= now ? 'expired' : 'active'
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    organisation: row.provider_id === null ? null : { id: row.provider_id, name: row.provider_name ?? '' },
    state,
    authentication: row.kind === 'key' ? 'key' : row.keys === null ? 'secret' : 'private-key',
    scopes: row.scopes,
    sources: row.sources,
    createdBy: { id: row.created_by, name: row.made_by },
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    revokedAt: row.revoked_at?.getTime() ?? null,
    usedAt: row.used_at?.getTime() ?? null,
    usedFrom: row.used_from,
    secrets: row.secrets.map(({ createdAt, expiresAt }) => ({
      createdAt: new Date(createdAt).getTime(),
      expiresAt: expiresAt === null ? null : new Date(expiresAt).getTime(),
    })),
    version: row.version,
  }
}
