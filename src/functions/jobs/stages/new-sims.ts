import type { AlgorithmParameters } from '#domain/subscription.ts'
import type { Tx } from '#store/db.ts'
import type { NewSim } from '../csv/new-sims.ts'
import type { RowOutcome } from './stage.ts'

/** What stands in the way of new SIMs: an IMSI that is taken, or a card of somebody else. */

const fine: RowOutcome = { outcome: 'changed', code: null, detail: '', needed: 1 }
const refused = (code: string, detail: string): RowOutcome => ({ outcome: 'refused', code, detail, needed: 1 })

export async function checkNewSims(tx: Tx, sims: readonly NewSim[]): Promise<RowOutcome[]> {
  const { rows: taken } = await tx.query<{ imsi: string }>('SELECT imsi FROM subscription WHERE imsi = ANY ($1::text[])', [
    sims.map(({ imsi }) => imsi),
  ])
  const imsis = new Set(taken.map(({ imsi }) => imsi))
  const cards = await cardsOf(tx, sims)
  return sims.map((sim) => {
    if (imsis.has(sim.imsi)) return refused('imsi-taken', 'a SIM has this IMSI already')
    const card = cards.get(sim.iccid)
    // A second IMSI on one card is normal; a card of another provider is not.
    if (card !== undefined && card.owner !== sim.owner) return refused('iccid-taken', 'another provider has this card')
    return fine
  })
}

async function cardsOf(tx: Tx, sims: readonly NewSim[]): Promise<ReadonlyMap<string, { id: string; owner: string }>> {
  const { rows } = await tx.query<{ id: string; iccid: string; owner: string }>(
    'SELECT id, iccid, provider_id AS owner FROM card WHERE iccid = ANY ($1::text[])',
    [sims.map(({ iccid }) => iccid)],
  )
  return new Map(rows.map(({ iccid, ...card }) => [iccid, card]))
}

const insertSql = `
  WITH cards AS (
    INSERT INTO card (id, provider_id, iccid, eid, form_factor, use, batch_id)
    SELECT v.id, v.owner, v.iccid, v.eid, v.form_factor, v.use, $1
      FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) AS v (id, owner, iccid, eid, form_factor, use)
  ), keys AS (
    INSERT INTO auc (imsi, sealed_k, kcv, seq_reserved)
    SELECT v.imsi, decode(v.sealed, 'base64'), v.kcv, $8 FROM unnest($9::text[], $10::text[], $11::text[]) AS v (imsi, sealed, kcv)
  )
  INSERT INTO subscription (id, provider_id, card_id, imsi, msisdn, home_plmn, intended, class, profile_id, batch_id, label, changed_at)
  SELECT v.id, v.owner, v.card, v.imsi, v.msisdn, $12, 'inventory', v.class, v.profile, $1, v.label, $13
    FROM unnest($9::text[], $14::uuid[], $15::uuid[], $16::uuid[], $17::text[], $18::text[], $19::uuid[], $20::text[])
      AS v (imsi, id, owner, card, msisdn, class, profile, label)`

/** Makes those that may be made, in state `inventory`, and says what became of each. */
export async function insertNewSims(
  tx: Tx,
  sims: readonly NewSim[],
  { batchId, parameters, homePlmn, now }: { batchId: string; parameters: AlgorithmParameters; homePlmn: string; now: number },
): Promise<RowOutcome[]> {
  const outcomes = await checkNewSims(tx, sims)
  const made = sims.filter((_, i) => outcomes[i]?.outcome === 'changed')
  if (made.length === 0) return outcomes
  const known = await cardsOf(tx, made)
  const cards = new Map<string, NewSim>()
  for (const sim of made) if (!known.has(sim.iccid) && !cards.has(sim.iccid)) cards.set(sim.iccid, sim)
  const fresh = [...cards.values()]
  const of = <T>(rows: readonly NewSim[], read: (sim: NewSim) => T): T[] => rows.map(read)
  const firstSeq = BigInt(parameters.startSqn) >> BigInt(parameters.indBits)
  await tx.query(insertSql, [
    batchId,
    of(fresh, (sim) => sim.cardId),
    of(fresh, (sim) => sim.owner),
    of(fresh, (sim) => sim.iccid),
    of(fresh, (sim) => sim.eid),
    of(fresh, (sim) => sim.formFactor),
    of(fresh, (sim) => sim.use),
    firstSeq,
    of(made, (sim) => sim.imsi),
    of(made, (sim) => sim.sealed),
    of(made, (sim) => sim.kcv),
    homePlmn,
    new Date(now),
    of(made, (sim) => sim.id),
    of(made, (sim) => sim.owner),
    of(made, (sim) => known.get(sim.iccid)?.id ?? cards.get(sim.iccid)?.cardId ?? sim.cardId),
    of(made, (sim) => sim.msisdn),
    of(made, (sim) => sim.class),
    of(made, (sim) => sim.profileId),
    of(made, (sim) => sim.label),
  ])
  return outcomes
}
