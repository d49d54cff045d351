import { OperationError } from '#core/errors.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { Person } from '#platform/http/schemas/people.ts'
import { isUuid } from '#platform/page.ts'
import { permissionsOf, personRoles } from '#platform/permission.ts'
import { checkGrant, checkManage, isPersonRole, lockOf, mayGrant, organisationOf } from './granting.ts'
import { enrolmentOf, makeLink } from './links.ts'
import { actorOf, changePerson, invite, requirePerson } from './service.ts'
import { listPersons, type PersonRow } from './store.ts'

const {
  listRoles,
  listPeople,
  getPerson,
  invitePerson,
  changePerson: changeOperation,
  changeRoles,
  disablePerson,
  enablePerson,
  invitePersonAgain,
  startRecovery,
  listPersonSessions,
  endPersonSessions,
  endPersonSession,
} = operations

type PeopleContext = FunctionContext<'ledger' | 'subjects', never>

/** The persons of each organisation: who they are, what they may do, and how they come in. */
export const peopleFunction = defineFunction({
  name: 'people',
  config: [],
  provides: [],
  needs: ['ledger', 'subjects'],
  controls: [],
  routes: [
    listRoles,
    listPeople,
    getPerson,
    invitePerson,
    changeOperation,
    changeRoles,
    disablePerson,
    enablePerson,
    invitePersonAgain,
    startRecovery,
    listPersonSessions,
    endPersonSessions,
    endPersonSession,
  ],
  navigation: [{ id: 'people', path: '/people', order: 72 }],
  metrics: [],
  async start(ctx) {
    serveReading(ctx)
    serveChanges(ctx)
    serveComingIn(ctx)
    serveSessions(ctx)
    return { async [Symbol.asyncDispose]() {} }
  },
})

type Shown = Pick<Call, 'identity' | 'db' | 'setVersion'>

async function show(ctx: PeopleContext, id: string, call: Shown): Promise<Person> {
  const row = await requirePerson(call.db, id)
  const [view] = await viewsOf(ctx, [row], call)
  if (view === undefined) throw new Error('a row without a view')
  call.setVersion(row.version)
  return view
}

async function viewsOf(ctx: PeopleContext, rows: readonly PersonRow[], call: Pick<Call, 'identity'>): Promise<Person[]> {
  const actor = actorOf(call)
  const factors = await ctx.optional.enrolment?.factorsOf(rows.map(({ id }) => id))
  return rows.map((row) => {
    const own = [...(factors?.get(row.id) ?? [])]
    const isSet = own.length > 0 || row.sso_only || row.signed_in_at !== null
    return {
      id: row.id,
      name: row.name,
      email: row.email,
      language: row.language as Person['language'],
      roles: row.roles.filter(isPersonRole),
      provider: row.provider_id === null ? null : { id: row.provider_id, name: row.provider_name ?? '' },
      state: row.disabled_at !== null ? 'disabled' : isSet ? 'active' : 'invited',
      ssoOnly: row.sso_only,
      factors: own,
      signedInAt: row.signed_in_at?.getTime() ?? null,
      createdAt: row.created_at.getTime(),
      lock: lockOf(actor, row),
      version: row.version,
    }
  })
}

function serveReading(ctx: PeopleContext): void {
  ctx.serve(listRoles, (call) => {
    const actor = actorOf(call)
    const seen = personRoles.filter((role) => actor.providerId === null || organisationOf(role) === 'provider')
    return {
      items: seen.map((role) => ({
        role,
        organisation: organisationOf(role),
        permissions: permissionsOf([role]),
        grantable: mayGrant(actor, role),
      })),
    }
  })
  ctx.serve(listPeople, async (call) => {
    const page = await listPersons(call.db, call.query, ctx.clock.now())
    return { ...page, items: await viewsOf(ctx, page.items, call) }
  })
  ctx.serve(getPerson, (call) => show(ctx, call.params.id, call))
}

function serveChanges(ctx: PeopleContext): void {
  ctx.serve(changeOperation, async (call) => {
    const { reason, ...change } = call.body
    const decide = () => (Object.keys(change).length === 0 ? undefined : change)
    await changePerson(ctx, call.params.id, { kind: 'person-changed', reason, ownToo: true, versioned: true, decide }, call)
    return show(ctx, call.params.id, call)
  })
  ctx.serve(changeRoles, async (call) => {
    const { roles, reason } = call.body
    await changePerson(
      ctx,
      call.params.id,
      {
        kind: 'roles-changed',
        reason,
        versioned: true,
        decide(before, actor) {
          checkGrant(actor, roles, before.provider_id)
          return { roles: [...roles] }
        },
      },
      call,
    )
    return show(ctx, call.params.id, call)
  })
  ctx.serve(disablePerson, async (call) => {
    const { id } = call.params
    const { reason } = call.body
    const at = new Date(ctx.clock.now())
    const decide = (before: PersonRow) => (before.disabled_at === null ? { disabled_at: at } : undefined)
    await changePerson(ctx, id, { kind: 'person-disabled', reason, decide }, call)
    const sessionsEnded = (await endedSessions(ctx, id, call)) ?? 0
    return { person: await show(ctx, id, call), sessionsEnded }
  })
  ctx.serve(enablePerson, async (call) => {
    const decide = (before: PersonRow) => (before.disabled_at === null ? undefined : { disabled_at: null })
    await changePerson(ctx, call.params.id, { kind: 'person-enabled', reason: call.body.reason, decide }, call)
    return show(ctx, call.params.id, call)
  })
}

/** How many there are, where it is only asked what would end. */
async function endedSessions({ optional }: PeopleContext, id: string, call: Call): Promise<number | undefined> {
  if (call.isRehearsal) return (await optional.enrolment?.sessionsOf(id))?.length
  return await optional.enrolment?.endSessions(id, actorOf(call).personId)
}

function serveComingIn(ctx: PeopleContext): void {
  ctx.serve(invitePerson, async (call) => {
    const { provider, email = null, language = null, ssoOnly = false, name, roles, reason } = call.body
    // Before the account is made: without links nobody could come in by it.
    const enrolment = ssoOnly ? null : enrolmentOf(ctx.optional)
    const id = await invite(ctx, { name, roles, reason, email, language, ssoOnly, provider }, call)
    const link = (await enrolment?.link(id, 'invite', actorOf(call).personId)) ?? null
    return { person: await show(ctx, id, call), link }
  })
  ctx.serve(invitePersonAgain, (call) => makeLink(ctx, call.params.id, 'invite', call.body.reason, call))
  ctx.serve(startRecovery, (call) => makeLink(ctx, call.params.id, 'recover', call.body.reason, call))
}

/** Where people are signed in. Sessions are nobody's rows: whose they are is asked of the person, under the caller's rights. */
function serveSessions(ctx: PeopleContext): void {
  ctx.serve(listPersonSessions, async (call) => {
    const { id } = await requirePerson(call.db, call.params.id)
    const sessions = await enrolmentOf(ctx.optional).sessionsOf(id)
    return { items: sessions.map((session) => ({ ...session, factors: [...session.factors] })) }
  })
  ctx.serve(endPersonSessions, async (call) => {
    const person = await requirePerson(call.db, call.params.id)
    const actor = actorOf(call)
    checkManage(actor, person)
    return { ended: await enrolmentOf(ctx.optional).endSessions(person.id, actor.personId) }
  })
  ctx.serve(endPersonSession, async (call) => {
    const { id, session } = call.params
    const person = await requirePerson(call.db, id)
    const actor = actorOf(call)
    checkManage(actor, person)
    const ended = isUuid(session) && (await enrolmentOf(ctx.optional).endSession(person.id, session, actor.personId))
    if (!ended) throw new OperationError('person-session-unknown', 404, 'there is no such session of this person')
  })
}
