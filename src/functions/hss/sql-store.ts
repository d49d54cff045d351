import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { CardBatch } from '#domain/card.ts'
import { readProfileBody, type ServiceProfile, type StoredProfileBody } from '#domain/profile.ts'
import type { ImposedState, IntendedState, SubscriptionClass } from '#domain/subscription.ts'
import { createBatches } from '#store/batches.ts'
import { type Db, type QueryOptions, storeUnavailable } from '#store/db.ts'
import { leaseLost, type PartitionLease } from '#store/partition-lease.ts'
import { commitWrites } from './sql-writes.ts'
import type { HssStore, HssWrite, SubscriberRow } from './subscriber.ts'

interface LoadedRow {
  imsi: string
  id: string
  provider_id: string
  msisdn: string | null
  home_plmn: string
  intended: IntendedState
  imposed: readonly ImposedState[]
  class: SubscriptionClass
  locked_imei: string | null
  hold_next_attach: boolean
  profile_id: string
  batch_id: string
  sealed_k: Buffer
  sealed_opc: Buffer | null
  seq_reserved: bigint
  given_to: string[]
  mme_host: string | null
  mme_realm: string
  visited_plmn: string
  partner_id: string | null
  peer_id: string | null
  registered_at: Date
  purged: boolean
  imei: string | null
  imeisv: string | null
  rat_type: number | null
}

interface ProfileRow {
  id: string
  provider_id: string
  name: string
  version: number
  body: StoredProfileBody
}

const columnsSql = `
  SELECT s.imsi, s.id, s.provider_id, s.msisdn, s.home_plmn, s.intended, s.imposed, s.class, s.locked_imei,
         s.hold_next_attach, s.profile_id, s.batch_id, a.sealed_k, a.sealed_opc, a.seq_reserved, a.given_to,
         r.mme_host, r.mme_realm, r.visited_plmn, r.partner_id, r.peer_id, r.registered_at, r.purged, r.imei,
         r.imeisv, r.rat_type
    FROM subscription s
    JOIN auc a ON a.imsi = s.imsi`
const loadSql = `${columnsSql} LEFT JOIN registration r ON r.imsi = s.imsi WHERE s.imsi = ANY($1::text[])`
const servedSql = `${columnsSql} JOIN registration r ON r.imsi = s.imsi AND NOT r.purged WHERE s.imsi = ANY($1::text[])`

/** The right to write: `alone` where the store has one process only, else the lease held now, or null where there is none. */
export type WriteRight = 'alone' | PartitionLease | null

/**
 * The HSS's store port over the database: reads in one query, writes by group commit. A write is made under the right that
 * held when it was planned: between losing a lease and having it again another process may have issued numbers, so what was
 * planned before is refused (`lease-lost`), never committed under the later lease.
 */
export function createSqlHssStore(db: Db, clock: Clock, right: () => WriteRight, partition = 'main'): HssStore & { forgetShared(): void } {
  // Profiles and batches are few and shared by many subscribers: read once, by id.
  let shared: Shared = { profiles: new Map(), batches: new Map() }
  const commit = createBatches<{ write: HssWrite; right: WriteRight }>({
    clock,
    windowMs: 2,
    maxBatch: limits.hss.commitBatch,
    async commit(rows) {
      const held = right()
      if (held === null || rows.some((row) => row.right !== held)) throw leaseLost({ partition })
      await commitWrites(
        db,
        rows.map((row) => row.write),
        held === 'alone' ? null : held,
      )
    },
    insideTransaction: () => db.insideTransaction(),
  })
  const load = async (sql: string, imsis: readonly string[], how: QueryOptions): Promise<ReadonlyMap<string, SubscriberRow>> => {
    const { rows } = await db.query<LoadedRow>(sql, [imsis], how)
    // Kept for the whole of this load: what is forgotten meanwhile must not make a subscriber look absent.
    const { profiles, batches } = await loadShared(db, rows, shared)
    const found = new Map<string, SubscriberRow>()
    for (const row of rows) {
      const profile = profiles.get(row.profile_id)
      const batch = batches.get(row.batch_id)
      // Absent is what the store positively does not have (OPERATOR.md §1: 5001 sticks); this one is there.
      if (profile === undefined || batch === undefined) throw storeUnavailable(`the profile or batch of ${row.id} could not be read`)
      found.set(row.imsi, toSubscriberRow(row, profile, batch))
    }
    return found
  }
  return {
    load: (imsis) => load(loadSql, imsis, { prepare: 'hss-load' }),
    loadServed: (imsis) => load(servedSql, imsis, { priority: 'job' }),
    write(write, done) {
      const held = right()
      if (held === null) done(leaseLost({ partition }))
      else commit.add({ write, right: held }, done)
    },
    async loadIndSlots() {
      const { rows } = await db.query<{ node_key: string }>('SELECT node_key FROM ind_slot WHERE hss_partition = $1 ORDER BY ind', [
        partition,
      ])
      return rows.map((row) => row.node_key)
    },
    addIndSlot(nodeKey, slot) {
      // Lost on a crash at worst: the node then gets another IND, which SEQ rising over all IND values makes harmless.
      db.query(
        'INSERT INTO ind_slot (hss_partition, node_key, ind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        [partition, nodeKey, slot],
        { priority: 'job' },
      ).catch(() => {})
    },
    close: () => commit.close(),
    forgetShared() {
      // New maps: a load under way goes on with those it began with, and puts nothing old into these.
      shared = { profiles: new Map(), batches: new Map() }
    },
  }
}

interface Shared {
  readonly profiles: Map<string, ServiceProfile>
  readonly batches: Map<string, CardBatch>
}

/** Adds what these rows need and is not there yet. */
async function loadShared(db: Db, rows: readonly LoadedRow[], shared: Shared): Promise<Shared> {
  const { profiles, batches } = shared
  const missingProfiles = [...new Set(rows.map((row) => row.profile_id))].filter((id) => !profiles.has(id))
  if (missingProfiles.length > 0) {
    const found = await db.query<ProfileRow>(
      'SELECT id, provider_id, name, version, body FROM service_profile WHERE id = ANY($1::uuid[])',
      [missingProfiles],
    )
    for (const { id, provider_id: providerId, name, version, body } of found.rows)
      profiles.set(id, { ...readProfileBody(body), id, providerId, name, version })
  }
  const missingBatches = [...new Set(rows.map((row) => row.batch_id))].filter((id) => !batches.has(id))
  if (missingBatches.length > 0) {
    const found = await db.query<CardBatch>('SELECT id, supplier, accreditation, parameters FROM card_batch WHERE id = ANY($1::uuid[])', [
      missingBatches,
    ])
    for (const row of found.rows) batches.set(row.id, row)
  }
  return shared
}

function toSubscriberRow(row: LoadedRow, profile: ServiceProfile, batch: CardBatch): SubscriberRow {
  return {
    imsi: row.imsi,
    subscriptionId: row.id,
    providerId: row.provider_id,
    msisdn: row.msisdn,
    homePlmn: row.home_plmn,
    intended: row.intended,
    imposed: row.imposed,
    class: row.class,
    lockedImei: row.locked_imei,
    holdNextAttach: row.hold_next_attach,
    profile,
    batch,
    sealedK: row.sealed_k,
    sealedOpc: row.sealed_opc,
    seqReserved: row.seq_reserved,
    givenTo: row.given_to,
    registration:
      row.mme_host === null
        ? null
        : {
            mmeHost: row.mme_host,
            mmeRealm: row.mme_realm,
            visitedPlmn: row.visited_plmn,
            partnerId: row.partner_id,
            peerId: row.peer_id ?? '',
            registeredAt: row.registered_at.getTime(),
            purged: row.purged,
            imei: row.imei,
            softwareVersion: row.imeisv,
            ratType: row.rat_type ?? 0,
          },
  }
}
