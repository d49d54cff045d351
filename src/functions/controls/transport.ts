import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { say } from '#platform/text.ts'
import { met, notMet, queryRow, unknown } from './check.ts'

const base = { ruleIds: [], limits: null }
/** The whole chain is read again within this time. */
const ledgerAgeMs = 600_000

export const transportControls: readonly ControlDefinition[] = [
  {
    ...base,
    id: 'diameter-tls',
    title: say('control.diameter-tls'),
    wholeFor: [],
    partOf: ['clp14:3-04', 'clp14:3-02'],
    how: 'Links to other networks run over TLS with certificates of both sides, the name in the certificate being the peer’s identity.',
    limits: 'What lies behind an agent is not seen; other protocols are not Simward’s to carry yet.',
    maxAgeMs: 60_000,
    check: checkLinks,
  },
  {
    ...base,
    id: 'ledger',
    title: say('control.ledger'),
    wholeFor: [],
    partOf: ['clp14:5.8.3-06', 'clp14:5.1-06'],
    how: 'Every change and approval is a row of an append-only, hash-chained ledger with signed checkpoints; the whole chain is verified again and again.',
    maxAgeMs: ledgerAgeMs,
    check: ({ ports, now }) => {
      const last = ports.ledgerStatus?.verification()
      if (last === undefined) return unknown('not-running')
      if (last === null) return unknown('ledger.not-verified-yet')
      if (!last.ok) return notMet('ledger.broken', last.at)
      return now - last.at > ledgerAgeMs ? unknown('stale', { at: last.at }) : met('ledger.verified', last.at)
    },
  },
  {
    ...base,
    id: 'portal-encryption',
    title: say('control.portal-encryption'),
    wholeFor: ['clp14:5.8.4-03'],
    partOf: ['clp14:1.3-03'],
    how: 'Portal and API speak TLS by a named profile: modern (1.3 only, hybrid post-quantum key agreement) or sp800-52r2 (also 1.2, suites and curves of FIPS only).',
    maxAgeMs: 60_000,
    check: checkPortal,
  },
  {
    ...base,
    id: 'portal-sign-in',
    title: say('control.portal-sign-in'),
    wholeFor: ['clp14:5.8.4-04'],
    partOf: ['clp14:1.3-03'],
    how: 'No default account; passwords of 15 characters or more, checked against known and context words, kept as argon2id, always with a second factor; or a passkey.',
    maxAgeMs: 60_000,
    check: checkSignIn,
  },
]

function checkLinks({ ports, now }: CheckContext): CheckResult {
  if (ports.links === undefined || ports.network === undefined) return unknown('not-running')
  const external = new Set(
    ports.network
      .peers()
      .filter(({ linkClass }) => linkClass !== 'own')
      .map(({ id }) => id),
  )
  const open = ports.links.links().filter(({ peerId, up }) => up && external.has(peerId))
  if (open.length === 0) return unknown('diameter-tls.no-link')
  const plain = open.filter(({ tls }) => tls === null).map(({ peerId }) => peerId)
  if (plain.length > 0) return notMet('diameter-tls.plain', now, { peers: plain.slice(0, 10).join(', '), count: plain.length })
  return met('diameter-tls.all', now, { links: open.length })
}

async function checkSignIn(context: CheckContext): Promise<CheckResult> {
  const { installation, sessions } = context.ports
  if (installation === undefined || sessions === undefined) return unknown('not-running')
  // The demo has no accounts at all; nobody signs in, and it answers to this machine only.
  if (installation.mode === 'demo') return { ...unknown('portal-sign-in.demo'), status: 'not-applicable' }
  if (!(await sessions.claimed())) return unknown('portal-sign-in.unclaimed')
  const row = await queryRow<{ persons: bigint; single: bigint }>(
    context,
    `SELECT count(*) AS persons, count(*) FILTER (WHERE kinds && ARRAY['password'] AND NOT kinds && ARRAY['totp']) AS single
     FROM (SELECT array_agg(kind) AS kinds FROM credential GROUP BY person_id LIMIT 10000) AS part`,
  )
  const single = Number(row?.single ?? 0n)
  const persons = Number(row?.persons ?? 0n)
  return single === 0
    ? met('portal-sign-in.two-factors', context.now, { persons })
    : notMet('portal-sign-in.one-factor', context.now, { persons: single })
}

function checkPortal({ config, now }: CheckContext): CheckResult {
  if (config('httpTlsCert') !== null)
    return met('portal-encryption.profile', now, { profile: String(config('httpTlsProfile') ?? 'modern') })
  if (config('httpBehindProxy') === true) return unknown('portal-encryption.proxy')
  return notMet('portal-encryption.plain', now, { host: String(config('httpHost')) })
}
