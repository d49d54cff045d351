import { OperationError } from '#core/errors.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { Identity } from '#platform/session.ts'
import { deviceOf } from './device.ts'
import { goOn, type SignInParts } from './parts.ts'
import type { Asker } from './self.ts'
import type { NewToken } from './sessions.ts'

const {
  getSelf,
  stepUpOptions,
  stepUp,
  addPasskeyOptions,
  addPasskey,
  renamePasskey,
  removePasskey,
  setOwnPassword,
  removeOwnPassword,
  startOwnAuthenticator,
  finishOwnAuthenticator,
  makeRecoveryCodes,
  listOwnSessions,
  endOwnSession,
  endOtherSessions,
} = operations

export const selfRoutes = [
  getSelf,
  stepUpOptions,
  stepUp,
  addPasskeyOptions,
  addPasskey,
  renamePasskey,
  removePasskey,
  setOwnPassword,
  removeOwnPassword,
  startOwnAuthenticator,
  finishOwnAuthenticator,
  makeRecoveryCodes,
  listOwnSessions,
  endOwnSession,
  endOtherSessions,
]

type Setting = { setSession(token: string | null, maxAgeS?: number): void }

function setToken({ setSession }: Setting, { token, maxAgeS }: NewToken): void {
  setSession(token, maxAgeS)
}

/** One's own sign-in. */
export function serveSelf(parts: SignInParts): void {
  serveProofs(parts)
  serveFactors(parts)
  serveSessions(parts)
}

function serveProofs(parts: SignInParts): void {
  const { ctx, people, credentials, proving, own } = parts

  ctx.serve(getSelf, async ({ identity }) => {
    const asker = askerOf(identity)
    const [person, factors] = await Promise.all([people.byId(asker.personId), own.factors(asker.personId)])
    return {
      name: person?.name ?? '',
      email: person?.email ?? null,
      organisation: person?.organisation ?? null,
      ...factors,
      factors: [...asker.factors],
      authenticatedAt: identity?.authenticatedAt ?? ctx.clock.now(),
      mustEnrol: asker.mustEnrol,
      needsPasskey: person?.roles.includes('operator-admin') === true,
    }
  })
  ctx.serve(stepUpOptions, async ({ identity }) => {
    const { personId, mustEnrol } = askerOf(identity)
    const kinds = (await credentials.kindsOf([personId])).get(personId) ?? []
    const hasPasskey = kinds.includes('passkey')
    // Whoever must use a passkey and has one gains nothing by a password.
    const hasPassword = kinds.includes('password') && kinds.includes('totp') && !(mustEnrol !== null && hasPasskey)
    return {
      passkey: hasPasskey ? await proving.passkeyOptions(personId) : null,
      password: hasPassword,
      again: !hasPasskey && !hasPassword,
    }
  })
  ctx.serve(stepUp, async (call) => {
    const asker = askerOf(call.identity)
    const { body } = call
    const proof =
      'response' in body
        ? (await proving.passkey(body.response, asker.personId)).proof
        : await proving.again({ id: asker.personId, name: call.identity?.name ?? '' }, body, call.address)
    return goOn(parts, await own.stepUp(asker, proof, call.address), call)
  })
}

function serveFactors(parts: SignInParts): void {
  const { ctx, own } = parts

  ctx.serve(addPasskeyOptions, ({ identity }) => own.passkeyOptions(askerOf(identity)))
  ctx.serve(addPasskey, async (call) => goOn(parts, await own.addPasskey(askerOf(call.identity), call.body.name, call.body.response), call))
  ctx.serve(renamePasskey, ({ identity, params, body }) => own.renamePasskey(askerOf(identity), params.id, body.name))
  ctx.serve(removePasskey, async (call) => setToken(call, await own.removePasskey(askerOf(call.identity), call.params.id)))
  ctx.serve(setOwnPassword, async (call) => {
    const result = await own.setPassword(askerOf(call.identity), call.body.password, call.body.current ?? null)
    if ('draft' in result) return { authenticator: result.draft }
    setToken(call, result.token)
    return { authenticator: null }
  })
  ctx.serve(removeOwnPassword, async (call) => setToken(call, await own.removePassword(askerOf(call.identity))))
  ctx.serve(startOwnAuthenticator, ({ identity }) => own.startAuthenticator(askerOf(identity)))
  ctx.serve(finishOwnAuthenticator, async (call) => setToken(call, await own.finishAuthenticator(askerOf(call.identity), call.body.code)))
  ctx.serve(makeRecoveryCodes, async (call) => {
    const { codes, token } = await own.makeRecoveryCodes(askerOf(call.identity))
    setToken(call, token)
    return { codes }
  })
}

function serveSessions({ ctx, sessions, own }: SignInParts): void {
  ctx.serve(listOwnSessions, async ({ identity }) => {
    const asker = askerOf(identity)
    const items = await sessions.list(asker.personId)
    return {
      items: items.map(({ userAgent, ...session }) => ({
        ...session,
        current: session.id === asker.sessionId,
        device: deviceOf(userAgent),
      })),
    }
  })
  ctx.serve(endOwnSession, ({ identity, params }) => own.endSession(askerOf(identity), params.id))
  ctx.serve(endOtherSessions, async ({ identity }) => ({ ended: await own.endOthers(askerOf(identity)) }))
}

function askerOf(identity: Identity | null): Asker {
  if (identity === null || identity.sessionKey === null) throw new OperationError('sign-in-needed', 401, 'sign in first')
  return {
    personId: identity.personId,
    sessionId: identity.sessionKey,
    factors: identity.factors,
    mustEnrol: identity.mustEnrol,
  }
}
