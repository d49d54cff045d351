import { sealKeys } from '#crypto/credentials.ts'
import { keyCheckValue, type Vault } from '#crypto/vault.ts'
import { generateSim, type SimCard } from '#sim/cards.ts'
import { type Db, toJson } from '#store/db.ts'
import { groupIdOf, seedOrganisations } from './organisations.ts'
import { needsRows, planRows } from './plans.ts'
import { batchRows, cardRow, idOf, partnerRows, peerRows, profileRows, providerRows } from './rows.ts'

const rowsPerInsert = 1000

export interface SeedOptions {
  sims: number
  seed: number
  now: number
  /** Hears how many SIMs are in. */
  progress?(done: number): void
}

/**
 * Fills an empty store with the simulated world: networks, providers and SIMs, their keys sealed. What is there stays as it
 * is, so that a second start changes nothing.
 */
export async function seedWorld(db: Db, vault: Vault, options: SeedOptions): Promise<void> {
  await seedOperator(db, options.now)
  const { rows } = await db.query<{ count: bigint }>('SELECT count(*) AS count FROM subscription')
  const present = Number(rows[0]?.count ?? 0n)
  const idFor = rememberedIds()
  let inserting: Promise<unknown> = Promise.resolve()
  for (let from = present; from < options.sims; from += rowsPerInsert) {
    const count = Math.min(rowsPerInsert, options.sims - from)
    const params = simColumns(
      Array.from({ length: count }, (_, i) => generateSim(from + i, options.seed)),
      vault,
      idFor,
    )
    await inserting
    inserting = db.query(insertSims, params).then(() => options.progress?.(from + count))
    // The statement leaves, and while the database is at it the next rows are made.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await inserting
}

async function seedOperator(db: Db, now: number): Promise<void> {
  const year = 365 * 86_400_000
  await db.transaction(async (tx) => {
    for (const row of providerRows(now - year)) {
      await tx.query('INSERT INTO provider (id, name, data_processing_agreement) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
        row.id,
        row.name,
        row.dataProcessingAgreement === null ? null : toJson(row.dataProcessingAgreement),
      ])
    }
    await seedOrganisations(tx, now)
    for (const row of batchRows(now + year)) {
      await tx.query('INSERT INTO card_batch (id, supplier, accreditation, parameters) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
        row.id,
        row.supplier,
        row.accreditation === null ? null : toJson(row.accreditation),
        toJson(row.parameters),
      ])
    }
    for (const row of profileRows()) {
      await tx.query(
        'INSERT INTO service_profile (id, provider_id, name, version, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
        [row.id, row.providerId, row.name, row.version, toJson(row)],
      )
    }
    for (const row of planRows()) {
      await tx.query('INSERT INTO rate_plan (id, provider_id, name, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
        row.id,
        row.providerId,
        row.name,
        toJson(row.body),
      ])
    }
    for (const { id, profile, answers } of needsRows()) {
      await tx.query(
        'INSERT INTO needs_assessment (id, provider_id, profile_id, answers, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING',
        [id, profile.providerId, profile.id, toJson(answers), 'installation', new Date(now - year)],
      )
    }
    for (const row of partnerRows(now)) {
      await tx.query('INSERT INTO partner (id, name, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [row.id, row.name, toJson(row)])
    }
    for (const row of peerRows()) {
      await tx.query('INSERT INTO peer (id, identity, body, enabled) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
        row.id,
        row.identity,
        toJson(row),
        row.enabled,
      ])
    }
  })
}

/** Providers, profiles and batches are few: their ids are made once. */
function rememberedIds(): typeof idOf {
  const ids = new Map<string, string>()
  return (kind, name) => {
    const key = `${kind} ${name}`
    const id = ids.get(key) ?? idOf(kind, name)
    ids.set(key, id)
    return id
  }
}

/** Cards, their subscriptions and keys in one statement, which is one transaction. */
const insertSims = `
  WITH cards AS (
    INSERT INTO card (id, provider_id, iccid, eid, form_factor, use, batch_id)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[])
    ON CONFLICT DO NOTHING
  ), subscriptions AS (
    INSERT INTO subscription (id, card_id, provider_id, imsi, msisdn, home_plmn, intended, class, profile_id, batch_id, plan_id, group_id)
    SELECT v.id, v.card_id, v.provider_id, v.imsi, v.msisdn, v.home_plmn, 'active', v.class, v.profile_id, v.batch_id, v.plan_id, v.group_id
      FROM unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[], $16::uuid[],
        $19::uuid[], $20::uuid[]) AS v(id, card_id, provider_id, imsi, msisdn, home_plmn, class, profile_id, batch_id, plan_id, group_id)
    ON CONFLICT DO NOTHING
  )
  INSERT INTO auc (imsi, sealed_k, kcv)
  SELECT * FROM unnest($11::text[], $17::bytea[], $18::text[]) ON CONFLICT DO NOTHING`

function simColumns(sims: readonly SimCard[], vault: Vault, idFor: typeof idOf): unknown[] {
  const column = <T>(read: (sim: SimCard) => T): T[] => sims.map(read)
  const cards = sims.map((sim) => cardRow(sim, idFor))
  return [
    cards.map((card) => card.id),
    cards.map((card) => card.providerId),
    cards.map((card) => card.iccid),
    cards.map((card) => card.eid),
    cards.map((card) => card.formFactor),
    cards.map((card) => card.use),
    cards.map((card) => card.batchId),
    column((sim) => idOf('subscription', sim.imsi)),
    cards.map((card) => card.id),
    column((sim) => idFor('provider', sim.providerId)),
    column((sim) => sim.imsi),
    column((sim) => sim.msisdn),
    column((sim) => sim.homePlmn),
    column((sim) => sim.class),
    column((sim) => idFor('profile', sim.profileId)),
    column((sim) => idFor('batch', sim.batchId)),
    column((sim) => sealKeys(vault, sim.imsi, sim)),
    column((sim) => keyCheckValue(sim.k)),
    column((sim) => idFor('plan', sim.providerId)),
    column((sim) => groupIdOf(sim, idFor)),
  ]
}
