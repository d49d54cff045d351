import type { Db } from '#store/db.ts'
import { fenceSql, leaseLost, type PartitionLease } from '#store/partition-lease.ts'
import { toArray } from '#store/values.ts'
import type { HssWrite } from './subscriber.ts'

/**
 * The writes of one commit in one statement. A statement is its own transaction: one message to the database and one
 * back, where BEGIN, a fence, an update and COMMIT are four of each.
 */

interface Part {
  name: string
  /** Columns of `v`, which holds the values, in the order in which `params` gives them. */
  columns: string
  types: readonly string[]
  before: string
  after: string
  /** Joins `v` to the table, where there is a condition already. */
  condition: string
}

const parts = {
  // seq_reserved only rises, whatever the order of commits: a lower value would let a SEQ be issued twice.
  auth: {
    name: 'auth',
    columns: 'imsi, seq, given',
    types: ['text', 'int8', 'text'],
    before: `UPDATE auc SET seq_reserved = GREATEST(auc.seq_reserved, v.seq), given_to = string_to_array(v.given, ',') FROM`,
    condition: 'auc.imsi = v.imsi',
    after: '',
  },
  registration: {
    name: 'registration',
    columns: 'imsi, mme_host, mme_realm, visited_plmn, partner_id, peer_id, at, purged, imei, imeisv, rat_type',
    types: ['text', 'text', 'text', 'text', 'uuid', 'text', 'float8', 'bool', 'text', 'text', 'int4'],
    before: `INSERT INTO registration (imsi, mme_host, mme_realm, visited_plmn, partner_id, peer_id, registered_at, purged, imei, imeisv, rat_type)
      SELECT v.imsi, v.mme_host, v.mme_realm, v.visited_plmn, v.partner_id, v.peer_id, to_timestamp(v.at / 1000.0), v.purged, v.imei, v.imeisv, v.rat_type FROM`,
    condition: 'true',
    after: `ON CONFLICT (imsi) DO UPDATE SET
      mme_host = excluded.mme_host, mme_realm = excluded.mme_realm, visited_plmn = excluded.visited_plmn,
      partner_id = excluded.partner_id, peer_id = excluded.peer_id, registered_at = excluded.registered_at,
      purged = excluded.purged, imei = excluded.imei, imeisv = excluded.imeisv, rat_type = excluded.rat_type`,
  },
  lock: {
    name: 'lock',
    columns: 'imsi, imei',
    types: ['text', 'text'],
    before: 'UPDATE subscription SET locked_imei = v.imei FROM',
    condition: 'subscription.imsi = v.imsi AND subscription.locked_imei IS NULL',
    after: '',
  },
} as const satisfies Record<string, Part>

type Kind = keyof typeof parts
const kinds: readonly Kind[] = ['auth', 'registration', 'lock']

/**
 * Writes all or nothing; resolves when it is durable. Writes of one IMSI become one: the highest SEQ, the latest grants,
 * the latest registration. `lease` null: the store has one process only. Rejects with `lease-lost` where another process
 * owns the partition; nothing is written then.
 */
export async function commitWrites(db: Db, writes: readonly HssWrite[], lease: PartitionLease | null): Promise<void> {
  const values = valuesOf(writes)
  const present = kinds.filter((kind) => values[kind].length > 0)
  const isFenced = lease !== null
  const params: unknown[] = isFenced ? [lease.partition, lease.epoch] : []
  for (const kind of present) params.push(...columnsOf(values[kind], parts[kind].types.length))
  const name = `hss-write${isFenced ? '-fenced' : ''}-${present.join('-')}`
  const { rows } = await db.query<{ held: bigint }>(statement(present, isFenced), params, { prepare: name })
  if (isFenced && rows[0]?.held !== 1n) throw leaseLost(lease)
}

function statement(present: readonly Kind[], isFenced: boolean): string {
  let next = isFenced ? 3 : 1
  const clauses = present.map((kind) => {
    const { before, columns, types, condition, after } = parts[kind]
    const from = `unnest(${types.map((type) => `$${next++}::${type}[]`).join(', ')}) AS v(${columns})`
    // Read before the first row is written: the lock on the lease is taken, or nothing is written.
    const guard = isFenced ? 'EXISTS (SELECT 1 FROM fence) AND ' : ''
    return `${kind} AS (${before} ${from} WHERE ${guard}${condition} ${after})`
  })
  return `WITH ${isFenced ? `fence AS MATERIALIZED (${fenceSql}), ` : ''}${clauses.join(', ')}
    SELECT ${isFenced ? '(SELECT count(*) FROM fence)' : '1::int8'} AS held`
}

type Row = readonly (string | number | bigint | boolean | null)[]

function valuesOf(writes: readonly HssWrite[]): Readonly<Record<Kind, readonly Row[]>> {
  const auth = new Map<string, { seq: bigint; given: readonly string[] }>()
  const registrations = new Map<string, HssWrite & { kind: 'registration' }>()
  const locks = new Map<string, string>()
  for (const write of writes) {
    if (write.kind === 'lock') {
      locks.set(write.imsi, write.imei)
      continue
    }
    if (write.kind === 'registration') registrations.set(write.imsi, write)
    const before = auth.get(write.imsi)
    const seq = write.kind === 'auth' ? write.seqReserved : 0n
    auth.set(write.imsi, { seq: before !== undefined && before.seq > seq ? before.seq : seq, given: write.givenTo })
  }
  return {
    auth: Array.from(auth, ([imsi, row]) => [imsi, row.seq, row.given.join(',')]),
    registration: Array.from(registrations.values(), registrationRow),
    lock: [...locks],
  }
}

function registrationRow({ imsi, registration: r }: HssWrite & { kind: 'registration' }): Row {
  return [imsi, r.mmeHost, r.mmeRealm, r.visitedPlmn, r.partnerId, r.peerId, r.registeredAt, r.purged, r.imei, r.softwareVersion, r.ratType]
}

function columnsOf(rows: readonly Row[], width: number): string[] {
  return Array.from({ length: width }, (_, column) => toArray(rows.map((row) => row[column] ?? null)))
}
