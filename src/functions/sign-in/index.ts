import type { Vault } from '#crypto/vault.ts'
import type { ConfigValues } from '#platform/config.ts'
import { defineFunction } from '#platform/function.ts'
import { signInControls } from './controls.ts'
import { Credentials } from './credentials.ts'
import { Enrolling } from './enrolling.ts'
import { entryRoutes, serveEntry } from './entry-routes.ts'
import type { SignInContext } from './parts.ts'
import { createPasskeyPort } from './passkey-port.ts'
import type { Site } from './passkeys.ts'
import { PasswordRules } from './passwords.ts'
import { People } from './people.ts'
import { Proving } from './proving.ts'
import { OwnSecurity } from './self.ts'
import { selfRoutes, serveSelf } from './self-routes.ts'
import { demoSessions, Sessions } from './sessions.ts'
import { Members } from './sso/members.ts'
import { serveSignOns, signOnRoutes } from './sso/settings.ts'
import { SignOn } from './sso/sign-on.ts'
import { Throttle } from './throttle.ts'
import { Tokens } from './tokens.ts'

const hourMs = 3_600_000

/** Who may come in: one-time links, passkeys, passwords with one-time codes, sessions, and one's own security. */
export function signInFunction(own: { vault: Vault }) {
  return defineFunction({
    name: 'sign-in',
    config: [
      'httpOrigin',
      'httpTlsKey',
      'httpHost',
      'httpPort',
      'sessionIdleMinutes',
      'providerIdleMinutes',
      'sessionHours',
      'claimHours',
      'inviteHours',
      'recoverHours',
      'ssoInsideHosts',
      'breachedPasswords',
      'httpTlsProfile',
      'httpTlsCert',
      'httpBehindProxy',
    ],
    needs: ['store', 'installation', 'navigation', 'ledger'],
    provides: ['sessions', 'enrolment', 'passkeys'],
    controls: signInControls,
    routes: [...entryRoutes, ...selfRoutes, ...signOnRoutes],
    navigation: [{ id: 'sign-ons', path: '/sign-ons', order: 90 }],
    metrics: [],
    start: (ctx) => start(ctx, own.vault),
  })
}

async function start(ctx: SignInContext, vault: Vault): Promise<AsyncDisposable> {
  const { clock, config, ports, log } = ctx
  const { store: db, ledger, installation } = ports
  const isDemo = installation.mode === 'demo'
  const newId = (): string => ctx.newId()
  const sessions = new Sessions(db, clock, sessionLimits(config), isSecure(config))
  const credentials = new Credentials({ db, clock, newId })
  const people = new People({ db, newId, ledger, credentials })
  const tokens = new Tokens(db, clock)
  const site = siteOf(config, installation.name)
  const rules = new PasswordRules([installation.name, 'Simward'], config.breachedPasswords)
  const throttle = new Throttle(clock)
  const common = { people, credentials, sessions, tokens, vault, rules, site, clock, newId, ledger }
  const enrolling = new Enrolling({
    ...common,
    origin: () => originOf(config),
    lifeMs: { claim: config.claimHours * hourMs, invite: config.inviteHours * hourMs, recover: config.recoverHours * hourMs },
  })
  const proving = new Proving({
    ...common,
    throttle,
    onCodesClosed: (personId) => {
      log.warn({ person: personId }, 'wrong codes with the right password: somebody else may have it')
      void ledger.append({ kind: 'password-guessed', actor: 'sign-in', body: { person: personId } }).catch(() => {})
    },
    onRefused: (refusal) => log.info(refusal, 'a proof of who one is was refused'),
  })
  ctx.provide('sessions', isDemo ? demoSessions : sessions)
  ctx.provide('enrolment', enrolling.port())
  ctx.provide('passkeys', createPasskeyPort({ db, site, clock }))

  const parts = { ctx, isDemo, people, credentials, sessions, enrolling, proving, own: new OwnSecurity(common) }
  serveEntry(parts)
  serveSelf(parts)
  const members = new Members({ people, credentials, ledger, newId })
  const insideHosts = config.ssoInsideHosts
  const signOn = new SignOn({ db, tokens, vault, site, clock, log, ledger, members, insideHosts })
  serveSignOns({ entry: parts, signOn, vault, insideHosts, origin: () => originOf(config) })
  return { async [Symbol.asyncDispose]() {} }
}

function sessionLimits(config: ConfigValues): ConstructorParameters<typeof Sessions>[2] {
  return {
    idleMs: config.sessionIdleMinutes * 60_000,
    providerIdleMs: config.providerIdleMinutes * 60_000,
    absoluteMs: config.sessionHours * hourMs,
  }
}

function isSecure(config: ConfigValues): boolean {
  return config.httpTlsKey !== null || config.httpOrigin?.startsWith('https:') === true
}

function originOf(config: ConfigValues): string {
  return config.httpOrigin ?? `http://localhost:${config.httpPort}`
}

function siteOf(config: ConfigValues, name: string): Site {
  if (config.httpOrigin === null) return { id: 'localhost', name, origin: null }
  const url = new URL(config.httpOrigin)
  return { id: url.hostname, name, origin: url.origin }
}
