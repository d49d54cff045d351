import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { toJson } from './db.ts'

/** Tables that hold a provider's rows, directly or through an IMSI. */
const tenantTables = [
  'provider',
  'card_batch',
  'card',
  'service_profile',
  'service_profile_version',
  'profile_push',
  'needs_assessment',
  'acknowledgement',
  'rate_plan',
  'usage_counter',
  'usage_record',
  'subscription',
  'auc',
  'registration',
  'signal_event',
  'alarm',
  'control_evidence',
  'ledger_entry',
  'subject_key',
  'person',
  'job',
  'job_chunk',
  'job_problem',
  'health_hour',
  'health_sim',
  'equipment_seen',
  'equipment_change',
  'service_availability',
  'health_due',
  'sim_action',
  'saved_view',
] as const

overBothEngines('tenancy', (store) => {
  let meters: ProviderRows
  let trackers: ProviderRows

  before(async () => {
    meters = await insertProvider(store.db, 'Meters Ltd', '00101100', 5)
    trackers = await insertProvider(store.db, 'Trackers Ltd', '00101200', 7)
  })

  const countAs = async (providerId: string, table: string): Promise<number> => {
    const { rows } = await store.db.asTenant({ providerId }).query<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`)
    return Number(rows[0]?.n)
  }

  test('a tenant sees its own SIMs, the operator all', async () => {
    assert.equal(await countAs(meters.providerId, 'subscription'), 5)
    assert.equal(await countAs(trackers.providerId, 'subscription'), 7)
    assert.equal(await countAs(randomUUID(), 'subscription'), 0)
    const all = await store.db.asTenant({ operator: true }).query<{ n: bigint }>('SELECT count(*) AS n FROM subscription')
    assert.equal(all.rows[0]?.n, 12n)
  })

  test('a WHERE clause that asks for another tenant finds nothing', async () => {
    const tenant = store.db.asTenant({ providerId: meters.providerId })
    assert.deepEqual((await tenant.query('SELECT id FROM subscription WHERE provider_id = $1', [trackers.providerId])).rows, [])
    assert.deepEqual((await tenant.query('SELECT imsi, kcv FROM auc WHERE imsi = $1', [trackers.imsis[0]])).rows, [])
    assert.deepEqual((await tenant.query('SELECT imsi, kcv FROM auc WHERE imsi = $1', [meters.imsis[0]])).rows, [
      { imsi: meters.imsis[0], kcv: 'abc123' },
    ])
  })

  test('a tenant changes its own rows, never the rows of another, and makes none for another', async () => {
    const tenant = store.db.asTenant({ providerId: meters.providerId })
    const change = `UPDATE subscription SET intended = 'suspended' WHERE imsi = $1`
    assert.equal((await tenant.query(change, [meters.imsis[0]])).affected, 1)
    assert.equal((await tenant.query(change, [trackers.imsis[0]])).affected, 0)
    await assert.rejects(
      tenant.query('UPDATE subscription SET provider_id = $1 WHERE imsi = $2', [trackers.providerId, meters.imsis[1]]),
      /row-level security/,
    )
    await assert.rejects(
      tenant.query(`INSERT INTO service_profile (id, provider_id, name, body) VALUES ($1, $2, 'x', '{}')`, [
        randomUUID(),
        trackers.providerId,
      ]),
      /row-level security/,
    )
  })

  test("sealed keys, credentials and sessions are in nobody's reach", async () => {
    for (const scope of [{ providerId: meters.providerId }, { operator: true }] as const) {
      const handle = store.db.asTenant(scope)
      for (const sql of [
        'SELECT sealed_k FROM auc',
        'SELECT * FROM auc',
        'SELECT sims FROM job_chunk',
        'SELECT wrapped_key FROM subject_key',
        'SELECT identifier FROM subject_key',
        'SELECT * FROM credential',
        'SELECT * FROM session',
        'SELECT * FROM claim_token',
        'DELETE FROM ledger_entry',
        "UPDATE auc SET kcv = ''",
        'SELECT * FROM signal_event_other',
      ]) {
        await assert.rejects(handle.query(sql), { code: '42501' }, sql)
      }
    }
    await assert.rejects(store.db.asTenant({ providerId: meters.providerId }).query('SELECT * FROM peer'), { code: '42501' })
  })

  test('the tenant is forgotten when its transaction ends', async () => {
    await countAs(meters.providerId, 'subscription')
    const { rows } = await store.db.query(
      `SELECT current_setting('role') AS role, nullif(current_setting('app.provider', true), '') AS provider`,
    )
    assert.deepEqual(rows, [{ role: 'none', provider: null }])
    await assert.rejects(store.db.asTenant({ providerId: meters.providerId }).query('SELECT 1 / 0'), { code: '22012' })
    const after = await store.db.query(`SELECT current_setting('role') AS role`)
    assert.deepEqual(after.rows, [{ role: 'none' }])
  })

  test('what names no provider belongs to no tenant', async () => {
    await store.db.query(
      `INSERT INTO alarm (id, provider_id, key, severity, source, cause, raised_at, last_at) VALUES ($1, NULL, 'peer-down', 'major', 'links', $2, now(), now())`,
      [randomUUID(), toJson({})],
    )
    assert.equal(await countAs(meters.providerId, 'alarm'), 0)
    assert.equal((await store.db.asTenant({ operator: true }).query('SELECT FROM alarm')).affected, 1)
  })

  test('every table with a provider has row-level security and a policy for both roles', async () => {
    const { rows } = await store.db.query<{ name: string; secured: boolean; roles: string[] }>(
      `SELECT c.relname::text AS name, c.relrowsecurity AS secured,
              ARRAY(SELECT DISTINCT r.rolname::text FROM pg_policy p, pg_roles r WHERE p.polrelid = c.oid AND r.oid = ANY (p.polroles) ORDER BY 1) AS roles
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND (c.relname = ANY ($1::text[]) OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'provider_id'))
       ORDER BY 1`,
      [tenantTables],
    )
    for (const row of rows) assert.deepEqual(row, { name: row.name, secured: true, roles: ['simward_operator', 'simward_tenant'] })
    const found = rows.map(({ name }) => name)
    for (const name of tenantTables) assert.ok(found.includes(name), name)
  })

  test('a role that does not bypass: neither superuser, nor owner, nor with BYPASSRLS', async () => {
    const { rows } = await store.db.query(
      `SELECT rolname::text AS name, rolsuper OR rolbypassrls OR rolcanlogin AS mighty FROM pg_roles WHERE rolname LIKE 'simward%' ORDER BY 1`,
    )
    assert.deepEqual(rows, [
      { name: 'simward_operator', mighty: false },
      { name: 'simward_tenant', mighty: false },
    ])
  })

  test('typed queries run under the same policies, transactions too', async () => {
    const { kysely } = store.db.asTenant({ providerId: trackers.providerId })
    const page = await kysely
      .selectFrom('subscription')
      .select(['imsi', 'intended'])
      .where('imsi', '>', trackers.imsis[1] ?? '')
      .orderBy('imsi')
      .limit(2)
      .execute()
    assert.deepEqual(page, [
      { imsi: trackers.imsis[2], intended: 'active' },
      { imsi: trackers.imsis[3], intended: 'active' },
    ])
    const changed = kysely.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx.updateTable('subscription').set({ class: 'critical' }).executeTakeFirst()
      assert.equal(numUpdatedRows, 7n)
      throw new Error('undo')
    })
    await assert.rejects(changed, /undo/)
    const critical = await kysely.selectFrom('subscription').select('imsi').where('class', '=', 'critical').execute()
    assert.deepEqual(critical, [])
  })

  test('an id that is not one never reaches the database', () => {
    assert.throws(() => store.db.asTenant({ providerId: `' OR true --` }), /not a provider id/)
  })
})
