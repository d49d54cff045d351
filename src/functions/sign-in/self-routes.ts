import { OperationError } from '#core/errors.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
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

  ctx.serve(getSelf, async (call) => {
    const { identity } = call
    const asker = askerOf(call)
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
  ctx.serve(stepUpOptions, async (call) => {
    const { personId, mustEnrol } = askerOf(call)
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
    const asker = askerOf(call)
    const { body } = call
    const proof =
      'response' in body
        ? (await proving.passkey(body.response, call.address, asker.personId)).proof
        : await proving.again({ id: asker.personId, name: call.identity?.name ?? '' }, body, call.address)
    return goOn(parts, await own.stepUp(asker, proof, call.address), call)
  })
}

function serveFactors(parts: SignInParts): void {
  const { ctx, own } = parts

  ctx.serve(addPasskeyOptions, (call) => own.passkeyOptions(askerOf(call)))
  ctx.serve(addPasskey, async (call) => goOn(parts, await own.addPasskey(askerOf(call), call.body.name, call.body.response), call))
  ctx.serve(renamePasskey, (call) => own.renamePasskey(askerOf(call), call.params.id, call.body.name))
  ctx.serve(removePasskey, async (call) => setToken(call, await own.removePasskey(askerOf(call), call.params.id)))
  ctx.serve(setOwnPassword, async (call) => {
    const result = await own.setPassword(askerOf(call), call.body.password, call.body.current ?? null)
    if ('draft' in result) return { authenticator: result.draft }
    setToken(call, result.token)
    return { authenticator: null }
  })
  ctx.serve(removeOwnPassword, async (call) => setToken(call, await own.removePassword(askerOf(call))))
  ctx.serve(startOwnAuthenticator, (call) => own.startAuthenticator(askerOf(call)))
  ctx.serve(finishOwnAuthenticator, async (call) => setToken(call, await own.finishAuthenticator(askerOf(call), call.body.code)))
  ctx.serve(makeRecoveryCodes, async (call) => {
    const { codes, token } = await own.makeRecoveryCodes(askerOf(call))
    setToken(call, token)
    return { codes }
  })
}

function serveSessions({ ctx, sessions, own }: SignInParts): void {
  ctx.serve(listOwnSessions, async (call) => {
    const asker = askerOf(call)
    const items = await sessions.list(asker.personId)
    return {
      items: items.map(({ userAgent, ...session }) => ({
        ...session,
        current: session.id === asker.sessionId,
        device: deviceOf(userAgent),
      })),
    }
  })
  ctx.serve(endOwnSession, (call) => own.endSession(askerOf(call), call.params.id))
  ctx.serve(endOtherSessions, async (call) => ({ ended: await own.endOthers(askerOf(call)) }))
}

function askerOf({ identity, address }: Pick<Call, 'identity' | 'address'>): Asker {
  if (identity === null || identity.sessionKey === null) throw new OperationError('sign-in-needed', 401, 'sign in first')
  return {
    personId: identity.personId,
    sessionId: identity.sessionKey,
    factors: identity.factors,
    mustEnrol: identity.mustEnrol,
    address,
  }
}
