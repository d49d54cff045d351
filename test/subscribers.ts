import { randomUUID } from 'node:crypto'
import { type Db, toJson } from '#store/db.ts'

/** What a test's rows hang on: one provider with a batch, a profile and some SIMs. */
export interface ProviderRows {
  providerId: string
  batchId: string
  profileId: string
  imsis: readonly string[]
}

/** Data over one access point, and nothing else. */
const profileBody = {
  apns: [{ name: 'meters.iot', pdn: 'IPv4', qci: 9, arpPriority: 12, localBreakout: false, maxUplinkKbps: 64, maxDownlinkKbps: 64 }],
  voice: false,
  sms: false,
  otaSms: true,
  roamingArea: { kind: 'anywhere' },
  imeiLock: false,
  periodicTauSeconds: 0,
  maxUplinkKbps: 64,
  maxDownlinkKbps: 64,
  equivalentPlmns: [],
}

/** Inserts a provider and `count` SIMs whose IMSIs begin with `prefix` (test network 001-01 or 999-xx). */
export async function insertProvider(db: Db, name: string, prefix: string, count: number): Promise<ProviderRows> {
  const [providerId, batchId, profileId] = [randomUUID(), randomUUID(), randomUUID()]
  const imsis = Array.from({ length: count }, (_, index) => prefix + String(index).padStart(15 - prefix.length, '0'))
  const cards = imsis.map(() => randomUUID())
  await db.transaction(async (tx) => {
    await tx.query('INSERT INTO provider (id, name) VALUES ($1, $2)', [providerId, name])
    await tx.query(`INSERT INTO card_batch (id, provider_id, supplier, parameters) VALUES ($1, $2, 'Test supplier', $3)`, [
      batchId,
      providerId,
      toJson({ algorithm: 'MILENAGE', indBits: 5 }),
    ])
    await tx.query(`INSERT INTO service_profile (id, provider_id, name, body) VALUES ($1, $2, 'Meters', $3)`, [
      profileId,
      providerId,
      toJson(profileBody),
    ])
    await tx.query(
      `INSERT INTO card (id, provider_id, iccid, form_factor, use, batch_id)
       SELECT id, $1, '8999' || imsi, 'MFF2', 'iot', $2 FROM unnest($3::uuid[], $4::text[]) AS v (id, imsi)`,
      [providerId, batchId, cards, imsis],
    )
    await tx.query(
      `INSERT INTO subscription (id, provider_id, card_id, imsi, home_plmn, intended, profile_id, batch_id)
       SELECT id, $1, card, imsi, '001-01', 'active', $2, $3 FROM unnest($4::uuid[], $5::uuid[], $6::text[]) AS v (id, card, imsi)`,
      [providerId, profileId, batchId, imsis.map(() => randomUUID()), cards, imsis],
    )
    await tx.query(
      `INSERT INTO auc (imsi, sealed_k, sealed_opc, kcv) SELECT imsi, '\\x01', '\\x02', 'abc123' FROM unnest($1::text[]) AS v (imsi)`,
      [imsis],
    )
  })
  return { providerId, batchId, profileId, imsis }
}
