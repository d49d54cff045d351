import { randomUUID } from 'node:crypto'
import type { Ports } from '#platform/ports.ts'
import { type Db, toJson } from '#store/db.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'

const profileBody = {
  apns: [{ name: 'a.iot', pdn: 'IPv4', qci: 9, arpPriority: 8, localBreakout: false, maxUplinkKbps: 128, maxDownlinkKbps: 128 }],
  voice: false,
  sms: false,
  otaSms: true,
  roamingArea: { kind: 'anywhere' },
  imeiLock: false,
  periodicTauSeconds: 0,
  maxUplinkKbps: 128,
  maxDownlinkKbps: 128,
  equivalentPlmns: [],
}

const planBody = { period: { kind: 'calendar-month' }, includedBytes: 1_000_000, alertsPercent: [80], cutOffPercent: null }

/** One provider with a row of everything that a provider can own. */
export interface Owned extends ProviderRows {
  name: string
  personId: string
  /** An id for the path parameter that follows this segment of the path: `/sims/{id}` asks for `sims`. */
  samples: Readonly<Record<string, string>>
  /** What stands for a member of this name in a body or query. */
  members: Readonly<Record<string, unknown>>
  /** Everything by which somebody else could recognise the provider or a thing of theirs. */
  identifiers: readonly string[]
}

export interface Owning {
  store: Db
  ports: Readonly<Partial<Pick<Ports, 'ledger' | 'subjects'>>>
}

/** Seeds it straight into the tables. A new table with things that have addresses of their own gets its row here. */
export async function insertOwned({ store: db, ports }: Owning, name: string, prefix: string): Promise<Owned> {
  const rows = await insertProvider(db, name, prefix, 3)
  const { providerId, profileId, imsis } = rows
  const [imsi = ''] = imsis
  const [groupId, personId, alarmId, signalId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  const [approvalId, passkeyId, sessionId] = [randomUUID(), randomUUID(), randomUUID()]
  const subscription = await db.query<{ id: string }>('SELECT id FROM subscription WHERE imsi = $1', [imsi])
  const simId = subscription.rows[0]?.id ?? ''
  await db.query('UPDATE service_profile SET body = $2 WHERE id = $1', [profileId, toJson(profileBody)])
  await db.query('INSERT INTO sim_group (id, provider_id, name, service) VALUES ($1, $2, $3, $4)', [
    groupId,
    providerId,
    `${name} group`,
    toJson({ objective: 0.99, windowS: 86_400 }),
  ])
  await db.query("UPDATE subscription SET group_id = $2, label = $3, msisdn = '999' || substr(imsi, 4) WHERE provider_id = $1", [
    providerId,
    groupId,
    `${name} label`,
  ])
  await db.query('INSERT INTO person (id, provider_id, name, email, roles) VALUES ($1, $2, $3, $4, $5)', [
    personId,
    providerId,
    `${name} person`,
    `person@${name.toLowerCase()}.example`,
    ['provider-admin'],
  ])
  await db.query(
    `INSERT INTO alarm (id, provider_id, key, severity, source, imsi, cause, raised_at, last_at) VALUES ($1, $2, $3, 'major', 'test', $4, '{}', now(), now())`,
    [alarmId, providerId, `${name} alarm`, imsi],
  )
  await db.query(
    `INSERT INTO signal_event (id, at, interface, operation, direction, peer_id, origin_host, origin_realm, imsi, provider_id, action, reason, rule_id)
     VALUES ($1, now(), 'S6a', 'AIR', 'in', 'p', 'mme.example.net', 'example.net', $2, $3, 'allow', 'ok', 'default')`,
    [signalId, imsi, providerId],
  )
  await db.query(
    `INSERT INTO approval (id, provider_id, kind, command, command_hash, summary, reason, needed, deciders, imsi, requested_at, expires_at)
     VALUES ($1, $2, 'test', '{}', '\\x00', $3, 'test', 1, 'provider', $4, now(), now() + interval '10 years')`,
    [approvalId, providerId, toJson({ key: 'approval.test', params: {} }), imsi],
  )
  await db.query("INSERT INTO credential (id, person_id, kind, external_id, secret) VALUES ($1, $2, 'passkey', $3, $4)", [
    passkeyId,
    personId,
    Buffer.from(`${name} passkey`).toString('base64url'),
    Buffer.alloc(8),
  ])
  await db.query(
    `INSERT INTO session (id, token_hash, person_id, created_at, seen_at, expires_at, factors)
     VALUES ($1, $2, $3, now(), now(), now() + interval '10 years', ARRAY['passkey'])`,
    [sessionId, Buffer.from(`${name} session`), personId],
  )
  const made = await insertMade(db, rows, { name, simId, imsi, personId })
  const entries = await appendEntry(db, ports, { providerId, personId, imsi })
  const samples = {
    entries,
    sims: simId,
    groups: groupId,
    people: personId,
    alarms: alarmId,
    signals: signalId,
    approvals: approvalId,
    passkeys: passkeyId,
    sessions: sessionId,
    profiles: profileId,
    versions: '1',
    ...made,
  }
  return {
    ...rows,
    name,
    personId,
    samples,
    members: {
      provider: providerId,
      providerId,
      group: groupId,
      groupId,
      parentId: groupId,
      profileId,
      profile: profileId,
      imsi,
      imsis: [imsi],
      simId,
      sim: simId,
      id: simId,
      ids: simId,
      personId,
      person: personId,
      planId: made.plans,
      plan: made.plans,
      jobId: made.jobs,
    },
    identifiers: [
      name,
      providerId,
      profileId,
      rows.batchId,
      ...imsis,
      ...imsis.map((one) => `999${one.slice(3)}`),
      ...Object.values(samples).filter((id) => id.length > 8),
    ],
  }
}

/** An entry with a sealed part, so that what is refused is not refused because there is nothing to open. */
async function appendEntry(
  db: Db,
  { ledger, subjects }: Owning['ports'],
  { providerId, personId, imsi }: { providerId: string; personId: string; imsi: string },
): Promise<string> {
  if (ledger === undefined || subjects === undefined) throw new Error('the platform has no ledger')
  const subjectId = await subjects.subjectFor({ kind: 'sim', identifier: imsi, providerId })
  await ledger.append({ kind: 'tenancy-sample', actor: personId, providerId, body: {}, personal: { subjectId, data: { imsi } } })
  const { rows } = await db.query<{ id: string }>("SELECT id FROM ledger_entry WHERE kind = 'tenancy-sample' AND provider_id = $1", [
    providerId,
  ])
  const [entry] = rows
  if (entry === undefined) throw new Error('the entry was not written')
  return entry.id
}

/** What its people and programs have made: plans, jobs, changes, keys, webhooks. Ids by the segment of the path. */
async function insertMade(
  db: Db,
  { providerId, profileId }: ProviderRows,
  { name, simId, imsi, personId }: { name: string; simId: string; imsi: string; personId: string },
) {
  const ids = {
    plans: randomUUID(),
    acknowledgements: randomUUID(),
    clients: randomUUID(),
    webhooks: randomUUID(),
    actions: randomUUID(),
    'saved-views': randomUUID(),
    'sign-ons': randomUUID(),
    jobs: randomUUID(),
  }
  const insert = (table: string, row: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const names = Object.keys(row)
    const places = names.map((_, index) => `$${index + 1}`)
    return db.query(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')})`, Object.values(row))
  }
  const owner = { provider_id: providerId }
  const at = new Date()
  const later = new Date(at.getTime() + 10 * 365 * 86_400_000)
  await insert('service_profile_version', {
    ...owner,
    profile_id: profileId,
    version: 1,
    body: toJson(profileBody),
    made_at: at,
    reason: 'first',
  })
  await insert('rate_plan', { ...owner, id: ids.plans, name: `${name} plan`, body: toJson(planBody) })
  await insert('acknowledgement', {
    ...owner,
    id: ids.acknowledgements,
    bearer: 'sms',
    text_version: 1,
    text_hash: '00',
    person_id: personId,
    proof: '{}',
    signed_at: at,
  })
  await insert('api_client', {
    ...owner,
    id: ids.clients,
    kind: 'key',
    name: `${name} key`,
    scopes: ['sims:read'],
    created_by: personId,
    created_at: at,
    expires_at: later,
  })
  await insert('webhook', {
    ...owner,
    id: ids.webhooks,
    url: `https://${name.toLowerCase()}.example/hook`,
    types: ['sim.changed'],
    position: 0,
    secret: Buffer.alloc(32),
    created_by: personId,
    created_at: at,
  })
  await insert('sim_action', {
    ...owner,
    id: ids.actions,
    kind: 'sim-change',
    subscription_id: simId,
    imsi,
    actor: personId,
    reason: 'test',
    changes: '[]',
    state: 'done',
    requested_at: at,
  })
  await insert('saved_view', {
    ...owner,
    id: ids['saved-views'],
    owner: personId,
    page: 'sims',
    name: `${name} view`,
    query: '',
    created_at: at,
  })
  await insert('sso_provider', {
    ...owner,
    id: ids['sign-ons'],
    name: `${name} sign-on`,
    profile: 'openid-connect',
    issuer: `https://${name.toLowerCase()}.example`,
    client_id: 'x',
    client_auth: 'client_secret_basic',
    sealed_secret: Buffer.alloc(8),
    default_role: 'provider-viewer',
  })
  await insert('job', {
    ...owner,
    id: ids.jobs,
    kind: 'change',
    state: 'done',
    change: toJson({ kind: 'label', label: null }),
    target: toJson({ filter: '', now: 0 }),
    reason: 'test',
    created_by: personId,
    created_by_name: `${name} person`,
    is_person: true,
    created_at: at,
    changed_at: at,
  })
  return ids
}
