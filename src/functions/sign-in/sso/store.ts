import type { Role } from '#platform/permission.ts'
import type { Db, TenantDb, Tx } from '#store/db.ts'
import type { RoleMap } from './claims.ts'

export type Profile = 'openid-connect' | 'mobile-connect'
export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

/** One organisation's identity provider, without its secret. */
export interface SignOnRow {
  id: string
  providerId: string | null
  organisation: string | null
  name: string
  profile: Profile
  issuer: string
  clientId: string
  clientAuth: ClientAuthMethod
  publicJwk: Record<string, unknown> | null
  scopes: string[]
  acrValues: string[]
  domains: string[]
  autoCreate: boolean
  defaultRole: Role
  roleMap: RoleMap | null
  enabled: boolean
  version: number
}

interface Raw {
  id: string
  provider_id: string | null
  organisation: string | null
  name: string
  profile: Profile
  issuer: string
  client_id: string
  client_auth: ClientAuthMethod
  public_jwk: Record<string, unknown> | null
  scopes: string[]
  acr_values: string[]
  domains: string[] | null
  auto_create: boolean
  default_role: Role
  role_map: RoleMap | null
  enabled: boolean
  version: number
}

const select = `SELECT s.id, s.provider_id, o.name AS organisation, s.name, s.profile, s.issuer, s.client_id, s.client_auth, s.public_jwk,
  s.scopes, s.acr_values, (SELECT array_agg(d.domain ORDER BY d.domain) FROM sso_domain d WHERE d.sso_id = s.id) AS domains,
  s.auto_create, s.default_role, s.role_map, s.enabled, s.version FROM sso_provider s LEFT JOIN provider o ON o.id = s.provider_id`

const portal = { priority: 'portal' } as const

/** For signing in, where nobody is known yet: the enabled provider behind a domain. */
export async function signOnOfDomain(db: Db, domain: string): Promise<SignOnRow | null> {
  const { rows } = await db.query<Raw>(
    `${select} WHERE s.enabled AND s.id = (SELECT sso_id FROM sso_domain WHERE domain = $1)`,
    [domain],
    portal,
  )
  return rowOf(rows[0])
}

export async function signOnById(db: Db | TenantDb | Pick<Tx, 'query'>, id: string): Promise<SignOnRow | null> {
  const { rows } = await db.query<Raw>(`${select} WHERE s.id = $1`, [id])
  return rowOf(rows[0])
}

export async function secretOf(db: Db, id: string): Promise<Buffer | null> {
  const { rows } = await db.query<{ sealed_secret: Buffer }>('SELECT sealed_secret FROM sso_provider WHERE id = $1', [id], portal)
  return rows[0]?.sealed_secret ?? null
}

/** What the asker may see: their own organisation's, for the operator all. */
export async function listSignOns(db: TenantDb): Promise<SignOnRow[]> {
  const { rows } = await db.query<Raw>(`${select} ORDER BY s.provider_id NULLS FIRST, s.created_at LIMIT 500`)
  return rows.flatMap((raw) => rowOf(raw) ?? [])
}

function rowOf(raw: Raw | undefined): SignOnRow | null {
  if (raw === undefined) return null
  return {
    id: raw.id,
    providerId: raw.provider_id,
    organisation: raw.organisation,
    name: raw.name,
    profile: raw.profile,
    issuer: raw.issuer,
    clientId: raw.client_id,
    clientAuth: raw.client_auth,
    publicJwk: raw.public_jwk,
    scopes: raw.scopes,
    acrValues: raw.acr_values,
    domains: raw.domains ?? [],
    autoCreate: raw.auto_create,
    defaultRole: raw.default_role,
    roleMap: raw.role_map,
    enabled: raw.enabled,
    version: raw.version,
  }
}
