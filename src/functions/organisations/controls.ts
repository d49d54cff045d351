import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { say } from '#platform/text.ts'

const base = { ruleIds: [], maxAgeMs: 600_000 }

/** Providers that one check looks at. */
const looked = 10_000

export const organisationControls: readonly ControlDefinition[] = [
  {
    ...base,
    id: 'legal-identity',
    title: say('control.legal-identity'),
    wholeFor: ['clp14:3.1-01'],
    partOf: [],
    how: 'The schema lets every IMSI, ICCID and EID belong to exactly one provider; each provider that has SIMs must have a legal identity on record, which a person compared with a document.',
    limits: 'Whether the document was genuine is for the operator to attest; the check names who compared what.',
    check: checkIdentities,
  },
  {
    ...base,
    id: 'own-management',
    title: say('control.own-management'),
    wholeFor: [],
    partOf: ['clp14:5.8.4-01'],
    how: 'Providers with SIMs have persons of their own who may change them and have signed in; the answer says how many of how many.',
    limits: 'Shows that they can and came in, not that they changed anything.',
    check: checkOwnManagement,
  },
]

async function ask<R>({ ports }: CheckContext, sql: string): Promise<R | undefined> {
  const result = await ports.store?.query<R>(sql, [], { priority: 'portal' })
  return result?.rows[0]
}

const withSims = 'EXISTS (SELECT FROM subscription s WHERE s.provider_id = p.id)'

async function checkIdentities(context: CheckContext): Promise<CheckResult> {
  const row = await ask<{ providers: bigint; unverified: bigint; first: string | null }>(
    context,
    `SELECT count(*) AS providers, count(*) FILTER (WHERE verified IS NULL) AS unverified, min(name) FILTER (WHERE verified IS NULL) AS first
     FROM (SELECT p.name, p.verified FROM provider p WHERE ${withSims} LIMIT ${looked}) AS part`,
  )
  const providers = Number(row?.providers ?? 0n)
  if (row === undefined || providers === 0) return unknown('legal-identity.none')
  const unverified = Number(row.unverified)
  if (unverified > 0) return seen('not-met', say('control.legal-identity.unverified', { providers: unverified, first: row.first }), context)
  return seen('met', say('control.legal-identity.verified', { providers }), context)
}

async function checkOwnManagement(context: CheckContext): Promise<CheckResult> {
  const row = await ask<{ providers: bigint; managed: bigint }>(
    context,
    `SELECT count(*) AS providers, count(*) FILTER (WHERE managed) AS managed FROM (
       SELECT EXISTS (SELECT FROM person n WHERE n.provider_id = p.id AND n.disabled_at IS NULL AND n.signed_in_at IS NOT NULL
                        AND n.roles && ARRAY['provider-admin', 'provider-manager']) AS managed
       FROM provider p WHERE ${withSims} LIMIT ${looked}) AS part`,
  )
  const providers = Number(row?.providers ?? 0n)
  if (row === undefined || providers === 0) return unknown('own-management.none')
  const managed = Number(row.managed)
  if (managed === 0) return { status: 'offered', because: say('control.own-management.offered'), evidenceAt: null, sourceClass: null }
  return seen('met', say('control.own-management.some', { managed, providers }), context)
}

function seen(status: 'met' | 'not-met', because: CheckResult['because'], { now }: CheckContext): CheckResult {
  return { status, because, evidenceAt: now, sourceClass: 'observed-in-line' }
}

function unknown(key: 'legal-identity.none' | 'own-management.none'): CheckResult {
  return { status: 'unknown', because: say(`control.${key}`), evidenceAt: null, sourceClass: null }
}
