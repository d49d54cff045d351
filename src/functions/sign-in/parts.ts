import type { FunctionContext } from '#platform/function.ts'
import type { Session } from '#platform/http/schemas/session.ts'
import type { Identity } from '#platform/session.ts'
import type { Credentials } from './credentials.ts'
import type { Enrolling } from './enrolling.ts'
import type { People, Person } from './people.ts'
import type { Proving } from './proving.ts'
import type { OwnSecurity } from './self.ts'
import type { NewToken, Origin, Proof, Sessions } from './sessions.ts'

export type SignInContext = FunctionContext<'store' | 'installation' | 'navigation' | 'ledger', 'sessions' | 'enrolment' | 'passkeys'>

/** What the routes of sign-in stand on. */
export interface SignInParts {
  ctx: SignInContext
  isDemo: boolean
  people: People
  credentials: Credentials
  sessions: Sessions
  enrolling: Enrolling
  proving: Proving
  own: OwnSecurity
}

interface Entering extends Origin {
  setSession(token: string | null, maxAgeS?: number): void
}

/** Opens a session for whoever has just proven who they are, and says who that is. */
export async function enter(parts: SignInParts, personId: string, proof: Proof, call: Entering): Promise<Session> {
  const { sessions, people } = parts
  const person: Pick<Person, 'id' | 'providerId'> = (await people.byId(personId)) ?? { id: personId, providerId: null }
  const token = await sessions.open(personId, proof, { address: call.address, userAgent: call.userAgent })
  await people.noteSignIn(person, proof.factors, call.address)
  return goOn(parts, token, call)
}

/** Gives the browser its token, and says whom it stands for. */
export async function goOn(parts: SignInParts, token: NewToken, call: Pick<Entering, 'setSession'>): Promise<Session> {
  const { sessions, ctx } = parts
  call.setSession(token.token, token.maxAgeS)
  return sessionView(ctx, await sessions.identify({}, { [sessions.cookie]: token.token }), true)
}

export function sessionView({ ports, clock }: SignInContext, identity: Identity | null, isClaimed: boolean): Session {
  const { installation, store } = ports
  return {
    mode: installation.mode,
    claimed: isClaimed,
    person:
      identity === null
        ? null
        : { id: identity.personId, name: identity.name, roles: [...identity.roles], providerId: identity.providerId },
    permissions: identity === null ? [] : [...identity.permissions],
    mustEnrol: identity?.mustEnrol ?? null,
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
