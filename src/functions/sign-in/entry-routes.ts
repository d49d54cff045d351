import { OperationError } from '#core/errors.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { enter, type SignInParts, sessionView } from './parts.ts'

const {
  getSession,
  lookAtLink,
  claimPasskeyOptions,
  claimPasskeyVerify,
  claimPassword,
  claimTotp,
  signInPasskeyOptions,
  signInPasskeyVerify,
  signInPassword,
  signOut,
} = operations

export const entryRoutes = [
  getSession,
  lookAtLink,
  claimPasskeyOptions,
  claimPasskeyVerify,
  claimPassword,
  claimTotp,
  signInPasskeyOptions,
  signInPasskeyVerify,
  signInPassword,
  signOut,
]

/** What needs no session: one's first sign-in by a link, and every later one. */
export function serveEntry(parts: SignInParts): void {
  const { ctx, isDemo, sessions, enrolling, proving } = parts
  const { installation } = ctx.ports
  const notInDemo = (): void => {
    if (isDemo) throw new OperationError('demo-only', 404, 'the demo has no sign-in')
  }

  ctx.serve(getSession, async ({ identity }) => sessionView(ctx, identity, isDemo ? false : await sessions.claimed()))
  ctx.serve(lookAtLink, async ({ body }) => {
    const link = isDemo ? null : await enrolling.look(body.token)
    const person = link?.person ?? null
    return {
      valid: link !== null,
      purpose: link?.purpose ?? null,
      installation: installation.name,
      person:
        person === null ? null : { name: person.name, organisation: person.organisation, roles: person.roles, language: person.language },
    }
  })
  ctx.serve(claimPasskeyOptions, ({ body }) => {
    notInDemo()
    return enrolling.passkeyOptions(body.token, body.name)
  })
  ctx.serve(claimPasskeyVerify, async (call) => {
    const { personId, proof } = await enrolling.passkey(call.body.token, call.body.response)
    return enter(parts, personId, proof, call)
  })
  ctx.serve(claimPassword, ({ body }) => {
    notInDemo()
    return enrolling.password(body.token, body.password, body.name)
  })
  ctx.serve(claimTotp, async (call) => {
    const { personId, proof } = await enrolling.totp(call.body.token, call.body.code)
    return enter(parts, personId, proof, call)
  })
  ctx.serve(signInPasskeyOptions, () => {
    notInDemo()
    return proving.passkeyOptions()
  })
  ctx.serve(signInPasskeyVerify, async (call) => {
    const { personId, proof } = await proving.passkey(call.body.response, call.address)
    return enter(parts, personId, proof, call)
  })
  ctx.serve(signInPassword, async (call) => {
    notInDemo()
    const { name, ...typed } = call.body
    const { person, proof } = await proving.byName(name, typed, call.address)
    return enter(parts, person.id, proof, call)
  })
  ctx.serve(signOut, async ({ identity, setSession }) => {
    if (identity?.sessionKey != null) await sessions.close(identity.sessionKey)
    setSession(null)
    return undefined
  })
}
