import type { CheckContext, CheckResult, ControlDefinition, Status } from '#platform/control.ts'
import { say } from '#platform/text.ts'

const base = { ruleIds: [], limits: null, maxAgeMs: 60_000 }

export const signInControls: readonly ControlDefinition[] = [
  {
    ...base,
    id: 'password-reset',
    title: say('control.password-reset'),
    wholeFor: ['clp14:5.8.4-05'],
    partOf: [],
    how: 'A password is changed by whoever knows it, after a fresh proof; whoever lost everything starts anew by a one-time link that an administrator begins, which ends their sessions at once and replaces every factor. Passwords are kept as argon2id and never expire.',
    limits: 'How the link reaches its person is not seen.',
    check: (context) => unlessDemo(context, checkReset),
  },
  {
    ...base,
    id: 'second-factor',
    title: say('control.second-factor'),
    wholeFor: ['clp14:5.8.6-01'],
    partOf: [],
    how: 'Everybody who can come in has a passkey, a password with an authenticator app, or comes by their organisation’s sign-on; counted over all people.',
    limits: 'What an organisation’s own provider asks for is its own; Simward reads what it says.',
    check: (context) => unlessDemo(context, checkSecondFactor),
  },
  {
    ...base,
    id: 'identity-enablers',
    title: say('control.identity-enablers'),
    wholeFor: ['clp14:5.8.6-02'],
    partOf: [],
    how: 'FIDO passkeys, OpenID Connect and Mobile Connect are ways to sign in; counted where they are in use. ETSI MSS is not built.',
    check: (context) => unlessDemo(context, checkEnablers),
  },
  {
    ...base,
    id: 'assurance-levels',
    title: say('control.assurance-levels'),
    wholeFor: ['clp14:5.8.6-03'],
    partOf: [],
    how: 'Each session has a level: one factor, two, or one that cannot be phished (a passkey with PIN or fingerprint). Administrators of the operator need the highest, sensitive actions a fresh proof.',
    check: (context) => unlessDemo(context, checkAssurance),
  },
]

/** The demo has no accounts at all; nobody signs in, and it answers to this machine only. */
async function unlessDemo(context: CheckContext, check: (context: CheckContext) => Promise<CheckResult>): Promise<CheckResult> {
  const { installation, sessions, store } = context.ports
  if (installation === undefined || sessions === undefined || store === undefined) return result('unknown', 'not-running', null)
  if (installation.mode === 'demo') return result('not-applicable', 'portal-sign-in.demo', null)
  if (!(await sessions.claimed())) return result('unknown', 'portal-sign-in.unclaimed', null)
  return check(context)
}

async function checkReset(context: CheckContext): Promise<CheckResult> {
  const row = await first<{ passwords: bigint; weak: bigint; standing: bigint }>(
    context,
    `SELECT (SELECT count(*) FROM credential WHERE kind = 'password') AS passwords,
       (SELECT count(*) FROM credential WHERE kind = 'password' AND body->>'algorithm' IS DISTINCT FROM 'argon2id') AS weak,
       (SELECT count(*) FROM claim_token t WHERE t.purpose = 'recover' AND t.used_at IS NULL AND t.expires_at > $1
          AND EXISTS (SELECT FROM session s WHERE s.person_id = t.person_id AND s.created_at < t.created_at)) AS standing`,
    [new Date(context.now)],
  )
  const passwords = Number(row.passwords)
  if (Number(row.weak) > 0) return result('not-met', 'password-reset.weak', context.now, { persons: Number(row.weak) })
  if (Number(row.standing) > 0) return result('not-met', 'password-reset.sessions', context.now, { persons: Number(row.standing) })
  return passwords === 0
    ? result('met', 'password-reset.none', context.now)
    : result('met', 'password-reset.kept', context.now, { persons: passwords })
}

async function checkSecondFactor(context: CheckContext): Promise<CheckResult> {
  const row = await first<{ persons: bigint; single: bigint }>(
    context,
    `SELECT count(*) AS persons, count(*) FILTER (WHERE NOT kinds && ARRAY['passkey', 'oidc'] AND NOT kinds @> ARRAY['password', 'totp']) AS single
     FROM (SELECT c.person_id, array_agg(c.kind) AS kinds FROM credential c JOIN person p ON p.id = c.person_id
           WHERE p.disabled_at IS NULL GROUP BY c.person_id LIMIT 10000) AS part`,
  )
  const single = Number(row.single)
  return single > 0
    ? result('not-met', 'second-factor.single', context.now, { persons: single })
    : result('met', 'second-factor.all', context.now, { persons: Number(row.persons) })
}

async function checkEnablers(context: CheckContext): Promise<CheckResult> {
  const row = await first<{ passkeys: bigint; oidc: bigint; mobile: bigint }>(
    context,
    `SELECT (SELECT count(DISTINCT person_id) FROM credential WHERE kind = 'passkey') AS passkeys,
       (SELECT count(*) FROM sso_provider WHERE enabled AND profile = 'openid-connect') AS oidc,
       (SELECT count(*) FROM sso_provider WHERE enabled AND profile = 'mobile-connect') AS mobile`,
  )
  const params = { passkeys: Number(row.passkeys), oidc: Number(row.oidc), mobile: Number(row.mobile) }
  const isUsed = Object.values(params).some((count) => count > 0)
  return isUsed ? result('met', 'identity-enablers.used', context.now, params) : result('offered', 'identity-enablers.offered', null)
}

async function checkAssurance(context: CheckContext): Promise<CheckResult> {
  const row = await first<{ one: bigint; two: bigint; three: bigint; unsaid: bigint }>(
    context,
    `SELECT count(*) FILTER (WHERE level = 1) AS one, count(*) FILTER (WHERE level = 2) AS two, count(*) FILTER (WHERE level = 3) AS three,
       count(*) FILTER (WHERE level IS NULL) AS unsaid
     FROM (SELECT coalesce((body->>'assurance')::int, CASE WHEN phishing_resistant THEN 3 END) AS level FROM session
           WHERE expires_at > $1 LIMIT 10000) AS part`,
    [new Date(context.now)],
  )
  const params = { one: Number(row.one), two: Number(row.two), three: Number(row.three) }
  if (Number(row.unsaid) > 0) return result('not-met', 'assurance-levels.unsaid', context.now, { sessions: Number(row.unsaid) })
  return params.one + params.two + params.three === 0
    ? result('unknown', 'assurance-levels.nobody', null)
    : result('met', 'assurance-levels.each', context.now, params)
}

function result(status: Status, key: string, evidenceAt: number | null, params: Record<string, number> = {}): CheckResult {
  return { status, because: say(`control.${key}`, params), evidenceAt, sourceClass: evidenceAt === null ? null : 'observed-in-line' }
}

/** One row of counts over what is small by nature: people, their factors, their sessions. */
async function first<R>({ ports }: CheckContext, sql: string, params: readonly unknown[] = []): Promise<R> {
  const answer = await ports.store?.query<R>(sql, params, { priority: 'portal' })
  const row = answer?.rows[0]
  if (row === undefined) throw new Error('a count gave no row')
  return row
}
