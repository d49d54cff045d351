import { generateKeyPairSync } from 'node:crypto'
import type { Static } from 'typebox'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Vault } from '#crypto/vault.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { SignOn as View } from '#platform/http/schemas/sign-on.ts'
import type { Role } from '#platform/permission.ts'
import type { Tx } from '#store/db.ts'
import { toJson } from '#store/db.ts'
import { enter, type SignInParts } from '../parts.ts'
import { domainOf } from './claims.ts'
import { causeOf } from './client.ts'
import { rolesFor } from './members.ts'
import { checkAddress } from './outbound.ts'
import { callbackPath, type SignOn } from './sign-on.ts'
import { listSignOns as readSignOns, type SignOnRow, signOnById } from './store.ts'

const { beginSignOn, finishSignOn, listSignOns, createSignOn, updateSignOn, removeSignOn, testSignOn } = operations

export const signOnRoutes = [beginSignOn, finishSignOn, listSignOns, createSignOn, updateSignOn, removeSignOn, testSignOn]

type Settings = Static<(typeof createSignOn)['body']>

export interface SettingsParts {
  entry: SignInParts
  signOn: SignOn
  vault: Vault
  insideHosts: readonly string[]
  origin(): string
}

/** Signing in at one's organisation, and the pages on which its administrator sets that up. */
export function serveSignOns(parts: SettingsParts): void {
  const { entry, signOn, origin } = parts
  const { ctx, isDemo } = entry
  ctx.serve(beginSignOn, ({ body }) => {
    if (isDemo) throw new OperationError('demo-only', 404, 'the demo has no sign-in')
    return signOn.begin(body)
  })
  ctx.serve(finishSignOn, async (call) => {
    const { personId, proof } = await signOn.finish(call.body.answer, call.body.binding)
    return enter(entry, personId, proof, call)
  })
  ctx.serve(listSignOns, async ({ db, identity }) => ({
    items: (await readSignOns(db)).map((row) => viewOf(row, identity?.providerId ?? null)),
    redirect: origin() + callbackPath,
  }))
  ctx.serve(createSignOn, (call) => create(parts, call))
  ctx.serve(updateSignOn, (call) => update(parts, call))
  ctx.serve(removeSignOn, (call) => remove(parts, call))
  ctx.serve(testSignOn, async ({ db, params }) => test(parts, await existing(db, params.id)))
}

async function create({ entry, vault, insideHosts }: SettingsParts, call: Call<typeof createSignOn>): Promise<View> {
  const { body, db, identity } = call
  const providerId = identity?.providerId ?? null
  const checked = check(body, providerId, insideHosts)
  if (body.clientAuth !== 'private_key_jwt' && body.secret === undefined)
    throw new OperationError('sso-settings', 422, 'the client needs its secret')
  const id = entry.ctx.newId()
  const { secret, publicJwk } = secretFor(body)
  return entry.ctx.ports.ledger.record(
    async (tx, note) => {
      const { rows } = await tx.query<{ count: bigint }>(
        'SELECT count(*) AS count FROM sso_provider WHERE provider_id IS NOT DISTINCT FROM $1::uuid',
        [providerId],
      )
      if (Number(rows[0]?.count ?? 0n) >= limits.signIn.ssoPerOrganisation)
        throw new OperationError('sso-settings', 409, 'that is as many sign-ons as one organisation can have')
      await tx.query(
        `INSERT INTO sso_provider (id, provider_id, name, profile, issuer, client_id, client_auth, scopes, acr_values, auto_create, default_role,
           role_map, enabled, sealed_secret, public_jwk) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
        [id, providerId, ...columnsOf(body), vault.seal('sso-secret', id, secret), publicJwk === null ? null : toJson(publicJwk)],
      )
      await setDomains(tx, id, providerId, checked.domains)
      note({ kind: 'sign-on-made', actor: actorOf(call), providerId, body: noted(id, call) })
      return viewOf(await existing(tx, id), providerId)
    },
    { scope: db.scope },
  )
}

async function update({ entry, vault, insideHosts }: SettingsParts, call: Call<typeof updateSignOn>): Promise<View> {
  const { body, db, params, identity } = call
  const providerId = identity?.providerId ?? null
  const { domains } = check(body, providerId, insideHosts)
  return entry.ctx.ports.ledger.record(
    async (tx, note) => {
      const row = await existing(tx, params.id)
      // Another organisation's is the operator's to see and to remove, not to change.
      if (row.providerId !== providerId) throw unknown()
      call.checkVersion(row.version)
      const isNewKey = body.clientAuth === 'private_key_jwt' && row.clientAuth !== 'private_key_jwt'
      if (row.clientAuth === 'private_key_jwt' && body.clientAuth !== 'private_key_jwt' && body.secret === undefined)
        throw new OperationError('sso-settings', 422, 'the client needs its secret')
      await tx.query(
        `UPDATE sso_provider SET name = $2, profile = $3, issuer = $4, client_id = $5, client_auth = $6, scopes = $7, acr_values = $8,
           auto_create = $9, default_role = $10, role_map = $11, enabled = $12, version = version + 1, changed_at = $13 WHERE id = $1`,
        [row.id, ...columnsOf(body), new Date(entry.ctx.clock.now())],
      )
      if (body.secret !== undefined || isNewKey) {
        const { secret, publicJwk } = secretFor(body)
        await tx.query('UPDATE sso_provider SET sealed_secret = $2, public_jwk = $3 WHERE id = $1', [
          row.id,
          vault.seal('sso-secret', row.id, secret),
          publicJwk === null ? null : toJson(publicJwk),
        ])
      }
      await setDomains(tx, row.id, providerId, domains)
      note({ kind: 'sign-on-changed', actor: actorOf(call), providerId, body: noted(row.id, call) })
      return viewOf(await existing(tx, row.id), providerId)
    },
    { scope: db.scope },
  )
}

async function remove({ entry }: SettingsParts, call: Call<typeof removeSignOn>): Promise<void> {
  const { db, params } = call
  const row = await existing(db, params.id)
  const { ledger, store } = entry.ctx.ports
  await ledger.record(
    async (tx, note) => {
      await tx.query('DELETE FROM sso_provider WHERE id = $1', [row.id])
      note({ kind: 'sign-on-removed', actor: actorOf(call), providerId: row.providerId, body: noted(row.id, call) })
    },
    { scope: db.scope, rehearsal: call.isRehearsal },
  )
  if (call.isRehearsal) return
  // Credentials are in no tenant's reach; without their sign-on they open nothing, and are only swept here.
  await store.query(`DELETE FROM credential WHERE kind = 'oidc' AND body->>'ssoId' = $1`, [row.id], { priority: 'portal' })
}

async function test({ signOn }: SettingsParts, row: SignOnRow): Promise<Static<(typeof testSignOn)['response']>> {
  try {
    const config = await signOn.discovery.fresh(row, await signOn.secret(row))
    const metadata = config.serverMetadata()
    const checks = [
      { what: 'issuer', ok: metadata.issuer === row.issuer },
      { what: 'pkce', ok: metadata.supportsPKCE('S256') },
      { what: 'issuer-in-answer', ok: metadata.authorization_response_iss_parameter_supported === true },
      {
        what: 'client-auth',
        ok: metadata.token_endpoint_auth_methods_supported?.includes(row.clientAuth) ?? row.clientAuth === 'client_secret_basic',
      },
      { what: 'acr', ok: row.acrValues.length === 0 || row.acrValues.some((one) => metadata.acr_values_supported?.includes(one) === true) },
    ] as const
    return { ok: checks.every(({ ok, what }) => ok || what === 'issuer-in-answer' || what === 'acr'), problem: null, checks: [...checks] }
  } catch (error) {
    return { ok: false, problem: causeOf(error).message, checks: [] }
  }
}

/** Throws `sso-settings` or `sso-address`. */
function check(body: Settings, providerId: string | null, insideHosts: readonly string[]): { domains: string[] } {
  checkAddress(new URL(body.issuer), insideHosts)
  if (!body.scopes.includes('openid')) throw new OperationError('sso-settings', 422, 'the scopes must include openid')
  const roles = rolesFor(providerId)
  const named = [body.defaultRole, ...Object.values(body.roleMap?.roles ?? {})]
  const wrong = named.find((role) => !roles.includes(role as Role))
  if (wrong !== undefined) throw new OperationError('sso-settings', 422, `${wrong} is not a role of this organisation`)
  const domains = body.domains.map((text) => {
    const domain = domainOf(text)
    if (domain === null || text.includes('@')) throw new OperationError('sso-settings', 422, `${text} is not a domain`)
    return domain
  })
  return { domains: [...new Set(domains)] }
}

function columnsOf(body: Settings): unknown[] {
  const { name, profile, issuer, clientId, clientAuth, scopes, acrValues, autoCreate, defaultRole, roleMap, enabled } = body
  return [
    name,
    profile,
    issuer,
    clientId,
    clientAuth,
    scopes,
    acrValues,
    autoCreate,
    defaultRole,
    roleMap === null ? null : toJson(roleMap),
    enabled,
  ]
}

async function setDomains(tx: Tx, id: string, providerId: string | null, domains: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM sso_domain WHERE sso_id = $1', [id])
  const { affected } = await tx.query(
    'INSERT INTO sso_domain (domain, sso_id, provider_id) SELECT domain, $2, $3 FROM unnest($1::text[]) AS domain ON CONFLICT DO NOTHING',
    [domains, id, providerId],
  )
  if (affected !== domains.length) throw new OperationError('domain-taken', 409, 'one of these domains belongs to another sign-on already')
}

/** For private_key_jwt the key is made here and never leaves: the provider is given its public half. */
function secretFor({ clientAuth, secret }: Settings): { secret: Buffer; publicJwk: Record<string, unknown> | null } {
  if (clientAuth !== 'private_key_jwt') return { secret: Buffer.from(secret ?? '', 'utf8'), publicJwk: null }
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'simward', use: 'sig', alg: 'ES256' }
  return { secret: Buffer.from(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })), publicJwk }
}

async function existing(db: Parameters<typeof signOnById>[0], id: string): Promise<SignOnRow> {
  const row = /^[0-9a-f-]{36}$/.test(id) ? await signOnById(db, id) : null
  if (row === null) throw unknown()
  return row
}

function viewOf({ providerId, ...row }: SignOnRow, asker: string | null): View {
  return { ...row, own: providerId === asker }
}

function actorOf({ identity }: Pick<Call, 'identity'>): string {
  return identity?.personId ?? ''
}

function noted(id: string, { body, address }: { body: { reason: string; issuer?: string }; address: string }): Record<string, unknown> {
  return { signOn: id, reason: body.reason, address, ...(body.issuer === undefined ? {} : { issuer: body.issuer }) }
}

function unknown(): OperationError {
  return new OperationError('sign-on-unknown', 404, 'there is no such sign-on')
}
