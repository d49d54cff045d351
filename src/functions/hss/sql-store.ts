import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { CardBatch } from '#domain/card.ts'
import type { ServiceProfile } from '#domain/profile.ts'
import type { ImposedState, IntendedState, SubscriptionClass } from '#domain/subscription.ts'
import type { Db, Tx } from '#store/db.ts'
import { createGroupCommit } from '#store/group-commit.ts'
import { fence, type PartitionLease } from '#store/partition-lease.ts'
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

const loadSql = `
  SELECT s.imsi, s.id, s.provider_id, s.msisdn, s.home_plmn, s.intended, s.imposed, s.class, s.locked_imei,
         s.profile_id, s.batch_id, a.sealed_k, a.sealed_opc, a.seq_reserved, a.given_to,
         r.mme_host, r.mme_realm, r.visited_plmn, r.partner_id, r.peer_id, r.registered_at, r.purged, r.imei,
         r.imeisv, r.rat_type
    FROM subscription s
    JOIN auc a ON a.imsi = s.imsi
    LEFT JOIN registration r ON r.imsi = s.imsi
   WHERE s.imsi = ANY($1::text[])`

// seq_reserved only rises, whatever the order of commits: a lower value would let a SEQ be issued twice.
const authSql = `
  UPDATE auc SET seq_reserved = GREATEST(auc.seq_reserved, v.seq), given_to = string_to_array(v.given, ',')
    FROM unnest($1::text[], $2::int8[], $3::text[]) AS v(imsi, seq, given)
   WHERE auc.imsi = v.imsi`

const registrationSql = `
  INSERT INTO registration (imsi, mme_host, mme_realm, visited_plmn, partner_id, peer_id, registered_at, purged, imei, imeisv, rat_type)
  SELECT v.imsi, v.mme_host, v.mme_realm, v.visited_plmn, v.partner_id, v.peer_id, to_timestamp(v.at / 1000.0), v.purged, v.imei, v.imeisv, v.rat_type
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::float8[], $8::bool[], $9::text[], $10::text[], $11::int4[])
      AS v(imsi, mme_host, mme_realm, visited_plmn, partner_id, peer_id, at, purged, imei, imeisv, rat_type)
  ON CONFLICT (imsi) DO UPDATE SET
    mme_host = excluded.mme_host, mme_realm = excluded.mme_realm, visited_plmn = excluded.visited_plmn,
    partner_id = excluded.partner_id, peer_id = excluded.peer_id, registered_at = excluded.registered_at,
    purged = excluded.purged, imei = excluded.imei, imeisv = excluded.imeisv, rat_type = excluded.rat_type`

/**
 * The HSS's store port over the database: reads in one query, writes by group commit. `lease` gives the right to write on
 * PostgreSQL, where another process may take the partition over; null where the store has one process only.
 */
export function createSqlHssStore(
  db: Db,
  clock: Clock,
  lease: () => PartitionLease | null,
  partition = 'main',
): HssStore & { forgetShared(): void } {
  // Profiles and batches are few and shared by many subscribers: read once, by id.
  const profiles = new Map<string, ServiceProfile>()
  const batches = new Map<string, CardBatch>()
  const commit = createGroupCommit<HssWrite>({
    db,
    clock,
    windowMs: 2,
    maxBatch: limits.hss.commitBatch,
    async write(tx, writes) {
      const held = lease()
      if (held !== null) await fence(tx, held)
      await applyWrites(tx, writes)
    },
  })
  return {
    async load(imsis) {
      const { rows } = await db.query<LoadedRow>(loadSql, [imsis], { prepare: 'hss-load' })
      await loadShared(db, rows, profiles, batches)
      const found = new Map<string, SubscriberRow>()
      for (const row of rows) {
        const profile = profiles.get(row.profile_id)
        const batch = batches.get(row.batch_id)
        if (profile !== undefined && batch !== undefined) found.set(row.imsi, toSubscriberRow(row, profile, batch))
      }
      return found
    },
    write: (write, done) => commit.add(write, done),
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
      profiles.clear()
      batches.clear()
    },
  }
}

async function loadShared(
  db: Db,
  rows: readonly LoadedRow[],
  profiles: Map<string, ServiceProfile>,
  batches: Map<string, CardBatch>,
): Promise<void> {
  const missingProfiles = [...new Set(rows.map((row) => row.profile_id))].filter((id) => !profiles.has(id))
  if (missingProfiles.length > 0) {
    const found = await db.query<{ id: string; body: ServiceProfile }>('SELECT id, body FROM service_profile WHERE id = ANY($1::uuid[])', [
      missingProfiles,
    ])
    for (const row of found.rows) profiles.set(row.id, row.body)
  }
  const missingBatches = [...new Set(rows.map((row) => row.batch_id))].filter((id) => !batches.has(id))
  if (missingBatches.length > 0) {
    const found = await db.query<CardBatch>('SELECT id, supplier, accreditation, parameters FROM card_batch WHERE id = ANY($1::uuid[])', [
      missingBatches,
    ])
    for (const row of found.rows) batches.set(row.id, row)
  }
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

/** Writes of one IMSI in one batch become one: the highest SEQ, the latest grants, the latest registration. */
async function applyWrites(tx: Tx, writes: readonly HssWrite[]): Promise<void> {
  const auth = new Map<string, { seq: bigint; given: readonly string[] }>()
  const registrations = new Map<string, HssWrite & { kind: 'registration' }>()
  const locks = new Map<string, string>()
  for (const write of writes) {
    if (write.kind === 'lock') {
      locks.set(write.imsi, write.imei)
      continue
    }
    if (write.kind === 'registration') registrations.set(write.imsi, write)
    const before = auth.get(write.imsi)?.seq ?? 0n
    const seq = write.kind === 'auth' ? write.seqReserved : 0n
    auth.set(write.imsi, { seq: seq > before ? seq : before, given: write.givenTo })
  }
  if (auth.size > 0) {
    const rows = [...auth]
    await tx.query(authSql, [rows.map(([imsi]) => imsi), rows.map(([, row]) => row.seq), rows.map(([, row]) => row.given.join(','))], {
      prepare: 'hss-auth',
    })
  }
  if (registrations.size > 0) await writeRegistrations(tx, [...registrations.values()])
  for (const [imsi, imei] of locks) {
    await tx.query('UPDATE subscription SET locked_imei = $2 WHERE imsi = $1 AND locked_imei IS NULL', [imsi, imei])
  }
}

async function writeRegistrations(tx: Tx, writes: readonly (HssWrite & { kind: 'registration' })[]): Promise<void> {
  const column = <T>(read: (write: HssWrite & { kind: 'registration' }) => T): T[] => writes.map(read)
  await tx.query(
    registrationSql,
    [
      column((w) => w.imsi),
      column((w) => w.registration.mmeHost),
      column((w) => w.registration.mmeRealm),
      column((w) => w.registration.visitedPlmn),
      column((w) => w.registration.partnerId),
      column((w) => w.registration.peerId),
      column((w) => w.registration.registeredAt),
      column((w) => w.registration.purged),
      column((w) => w.registration.imei),
      column((w) => w.registration.softwareVersion),
      column((w) => w.registration.ratType),
    ],
    { prepare: 'hss-registration' },
  )
}
