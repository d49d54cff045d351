import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { say } from '#platform/text.ts'
import { met, notMet, offered, queryRow, unknown } from './check.ts'

const hourMs = 3_600_000
const base = { ruleIds: [], limits: null, maxAgeMs: hourMs }

export const authenticationControls: readonly ControlDefinition[] = [
  {
    ...base,
    id: 'authentication',
    title: say('control.authentication'),
    wholeFor: ['clp14:5.2.3-01'],
    partOf: ['clp14:5.2-01', 'clp14:3-02'],
    how: 'Devices are authenticated with MILENAGE or TUAK (TS 35.205, TS 35.231) and keys of at least 128 bits; vectors in fact given prove it.',
    limits: 'E-UTRAN over S6a; how long endpoints are to last, and so which algorithm they need, is for the customer to say.',
    check: checkAuthentication,
  },
  {
    ...base,
    id: 'tuak',
    title: say('control.tuak'),
    wholeFor: ['clp14:5.2.1-05', 'clp14:5.2.2-04', 'clp14:5.2.3-03'],
    partOf: [],
    how: 'TUAK is there beside MILENAGE; a card batch chooses. Met once vectors were given with it.',
    check: ({ ports }) => {
      const given = ports.hss?.authentication()
      if (given === undefined) return unknown('not-running')
      if (given.vectors.TUAK === 0 || given.lastVectorAt === null) return offered('tuak.offered')
      return met('tuak.used', given.lastVectorAt, { vectors: given.vectors.TUAK })
    },
  },
  {
    ...base,
    id: 'no-comp128',
    title: say('control.no-comp128'),
    wholeFor: ['clp14:5.2.1-04'],
    partOf: [],
    how: 'No card batch on record uses another algorithm than MILENAGE or TUAK; COMP128-1 and -2 are refused by name on import.',
    check: checkAlgorithms,
  },
  {
    ...base,
    id: 'key-sealing',
    title: say('control.key-sealing'),
    wholeFor: [],
    partOf: ['clp14:5.8.3-06', 'clp14:3.1-03', 'clp14:5.2.4-07'],
    how: 'Every K and OPc is sealed with AES-256-GCM under a key of its own below the master key; none is stored, logged or shown in the clear.',
    limits: 'Where the master key itself is kept is the operator’s to attest.',
    check: checkSealing,
  },
]

function checkAuthentication({ ports, now }: CheckContext): CheckResult {
  const given = ports.hss?.authentication()
  if (given === undefined) return unknown('not-running')
  const { lastVectorAt, vectors, resynchronised, resynchronisationRefused } = given
  if (lastVectorAt === null || vectors.MILENAGE === 0) return unknown('authentication.no-vector')
  if (now - lastVectorAt > hourMs) return unknown('stale', { at: lastVectorAt })
  return met('authentication.vectors', lastVectorAt, {
    milenage: vectors.MILENAGE,
    tuak: vectors.TUAK,
    resynchronised,
    resynchronisationRefused,
  })
}

async function checkAlgorithms(context: CheckContext): Promise<CheckResult> {
  const row = await queryRow<{ batches: bigint; other: string | null }>(
    context,
    `SELECT count(*) AS batches, min(parameters->>'algorithm') FILTER (WHERE coalesce(parameters->>'algorithm', '') NOT IN ('MILENAGE', 'TUAK')) AS other
     FROM (SELECT parameters FROM card_batch LIMIT 10000) AS part`,
  )
  const batches = Number(row?.batches ?? 0n)
  if (batches === 0) return unknown('no-cards')
  const other = row?.other ?? null
  return other === null
    ? met('no-comp128.batches', context.now, { batches })
    : notMet('no-comp128.other', context.now, { algorithm: other })
}

async function checkSealing(context: CheckContext): Promise<CheckResult> {
  const unsealed = context.ports.hss?.authentication().unsealedKeys
  if (unsealed === undefined) return unknown('not-running')
  if (unsealed > 0) return notMet('key-sealing.unsealed', context.now, { keys: unsealed })
  // Version 1 and the length of a record: salt, nonce, tag and at least 16 octets of key.
  const row = await queryRow<{ keys: bigint; bad: bigint }>(
    context,
    `SELECT count(*) AS keys, count(*) FILTER (WHERE octet_length(sealed_k) < 61 OR get_byte(sealed_k, 0) <> 1) AS bad
     FROM (SELECT sealed_k FROM auc LIMIT 2000) AS part`,
  )
  const keys = Number(row?.keys ?? 0n)
  if (keys === 0) return unknown('no-cards')
  const bad = Number(row?.bad ?? 0n)
  return bad === 0 ? met('key-sealing.sealed', context.now, { keys }) : notMet('key-sealing.unsealed', context.now, { keys: bad })
}
