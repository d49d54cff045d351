import { OperationError } from '#core/errors.ts'
import type { Vault } from '#crypto/vault.ts'
import type { ConfigValues } from '#platform/config.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { Session } from '#platform/http/schemas/session.ts'
import type { Identity } from '#platform/session.ts'
import { Claiming } from './claiming.ts'
import { createPasskeyPort } from './passkey-port.ts'
import type { Site } from './passkeys.ts'
import { People } from './people.ts'
import { demoSessions, Sessions } from './sessions.ts'
import { SigningIn } from './signing-in.ts'
import { Throttle } from './throttle.ts'
import { Tokens } from './tokens.ts'

const {
  getSession,
  getClaim,
  claimPasskeyOptions,
  claimPasskeyVerify,
  claimPassword,
  claimTotp,
  signInPasskeyOptions,
  signInPasskeyVerify,
  signInPassword,
  signOut,
} = operations

type Context = FunctionContext<'store' | 'installation' | 'navigation' | 'ledger', 'sessions' | 'passkeys'>

/** Who may come in: the claim of a new installation, passkeys, passwords with one-time codes, sessions. */
export function signInFunction(own: { vault: Vault }) {
  return defineFunction({
    name: 'sign-in',
    config: ['httpOrigin', 'httpTlsKey', 'httpHost', 'httpPort', 'sessionIdleMinutes', 'sessionHours', 'claimHours'],
    needs: ['store', 'installation', 'navigation', 'ledger'],
    provides: ['sessions', 'passkeys'],
    controls: [],
    routes: [
      getSession,
      getClaim,
      claimPasskeyOptions,
      claimPasskeyVerify,
      claimPassword,
      claimTotp,
      signInPasskeyOptions,
      signInPasskeyVerify,
      signInPassword,
      signOut,
    ],
    navigation: [],
    metrics: [],
    start: (ctx) => start(ctx, own.vault),
  })
}

async function start(ctx: Context, vault: Vault): Promise<AsyncDisposable> {
  const { clock, config, ports } = ctx
  const isDemo = ports.installation.mode === 'demo'
  const sessions = new Sessions(
    ports.store,
    clock,
    {
      idleMs: config.sessionIdleMinutes * 60_000,
      absoluteMs: config.sessionHours * 3_600_000,
    },
    config.httpTlsKey !== null || config.httpOrigin?.startsWith('https:') === true,
  )
  ctx.provide('sessions', isDemo ? demoSessions : sessions)
  const people = new People({ db: ports.store, clock, newId: () => ctx.newId(), ledger: ports.ledger })
  const tokens = new Tokens(ports.store, clock)
  const site = siteOf(config, ports.installation.name)
  ctx.provide('passkeys', createPasskeyPort({ db: ports.store, site, clock }))
  const claiming = new Claiming({ people, tokens, vault, site, clock, newId: () => ctx.newId(), lifeMs: config.claimHours * 3_600_000 })
  const signingIn = new SigningIn({ people, tokens, vault, site, clock, throttle: new Throttle(clock) })
  if (!isDemo && !(await sessions.claimed())) await announceClaim(ctx, claiming)

  const view = (identity: Identity | null, isClaimed: boolean): Session => sessionView(ctx, identity, isClaimed)
  const enter = async (
    personId: string,
    how: string,
    call: { address: string; setSession(token: string | null, maxAgeS?: number): void },
  ): Promise<Session> => {
    const { token, maxAgeS } = await sessions.open(personId, how)
    await people.noteSignIn(personId, how, call.address)
    call.setSession(token, maxAgeS)
    const identity = await sessions.identify({}, { [sessions.cookie]: token })
    return view(identity, true)
  }
  const notInDemo = (): void => {
    if (isDemo) throw new OperationError('demo-only', 404, 'the demo has no sign-in')
  }

  ctx.serve(getSession, async ({ identity }) => view(identity, isDemo ? false : await sessions.claimed()))
  ctx.serve(getClaim, async ({ query }) => ({ valid: !isDemo && (await claiming.isValid(query.token)) }))
  ctx.serve(claimPasskeyOptions, ({ body }) => {
    notInDemo()
    return claiming.passkeyOptions(body.token, body.name)
  })
  ctx.serve(claimPasskeyVerify, async (call) => enter(await claiming.passkey(call.body.token, call.body.response), 'passkey', call))
  ctx.serve(claimPassword, ({ body }) => {
    notInDemo()
    return claiming.password(body.token, body.name, body.password)
  })
  ctx.serve(claimTotp, async (call) => enter(await claiming.totp(call.body.token, call.body.code), 'password', call))
  ctx.serve(signInPasskeyOptions, () => {
    notInDemo()
    return signingIn.passkeyOptions()
  })
  ctx.serve(signInPasskeyVerify, async (call) => enter(await signingIn.passkey(call.body.response), 'passkey', call))
  ctx.serve(signInPassword, async (call) => {
    notInDemo()
    return enter(await signingIn.password(call.body), 'password', call)
  })
  ctx.serve(signOut, async ({ identity, setSession }) => {
    if (identity?.sessionKey != null) await sessions.close(identity.sessionKey)
    setSession(null)
    return undefined
  })
  return { async [Symbol.asyncDispose]() {} }
}

function siteOf(config: ConfigValues, name: string): Site {
  if (config.httpOrigin === null) return { id: 'localhost', name, origin: null }
  const url = new URL(config.httpOrigin)
  return { id: url.hostname, name, origin: url.origin }
}

/** Nothing has a default password: who can read this process's output claims it, once. */
async function announceClaim(ctx: Context, claiming: Claiming): Promise<void> {
  const { config, log } = ctx
  const origin = config.httpOrigin ?? `http://localhost:${config.httpPort}`
  const url = new URL('/claim', origin)
  url.searchParams.set('token', await claiming.invite())
  log.warn({ url: url.href, hours: config.claimHours }, 'nobody has claimed this installation: open the link once')
}

function sessionView({ ports, clock }: Context, identity: Identity | null, isClaimed: boolean): Session {
  const { installation, store } = ports
  return {
    mode: installation.mode,
    claimed: isClaimed,
    person:
      identity === null
        ? null
        : { id: identity.personId, name: identity.name, roles: [...identity.roles], providerId: identity.providerId },
    permissions: identity === null ? [] : [...identity.permissions],
    installation: {
      name: installation.name,
      plmn: installation.plmn,
      node: installation.node,
      engine: store.engine,
      version: installation.version,
      startedAt: installation.startedAt,
      language: installation.language,
    },
    navigation: ports.navigation.map(({ id, path }) => ({ id, path })),
    now: clock.now(),
  }
}
