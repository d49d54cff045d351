import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Context } from '#platform/context.ts'
import type { Serve } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { isUuid } from '#platform/page.ts'
import type { Ports } from '#platform/ports.ts'
import { changeGroup, createGroup, deleteGroup, type GroupWriting, listGroups, readGroup } from './groups.ts'

const {
  listGroups: listOperation,
  createGroup: createOperation,
  getGroup,
  changeGroup: changeOperation,
  deleteGroup: deleteOperation,
} = operations

export const groupRoutes = [listOperation, createOperation, getGroup, changeOperation, deleteOperation]

type ServingContext = Pick<Context, 'clock' | 'newId'> & { serve: Serve; ports: Pick<Ports, 'ledger'> }

/** Nested groups of SIMs, for whoever owns the SIMs and for the operator. */
export function serveGroups({ serve, ports, clock, newId }: ServingContext): void {
  const writing: GroupWriting = { ledger: ports.ledger, clock }
  const show = async (id: string, { db, setVersion }: Pick<Call, 'db' | 'setVersion'>) => {
    const found = await readGroup(db, id)
    setVersion(found.group.version)
    return found
  }
  serve(listOperation, async ({ db, query, identity }) => ({
    items: await listGroups(db, ownerOf(identity, query.provider)),
    most: limits.organisations.groups,
    depth: limits.organisations.groupDepth,
  }))
  serve(getGroup, (call) => show(call.params.id, call))
  serve(createOperation, async (call) => {
    const { provider, parentId = null, name, service = null, cardUse = null, reason } = call.body
    const id = newId()
    await createGroup(writing, { id, providerId: ownerOf(call.identity, provider), parentId, name, service, cardUse }, reason, call)
    return (await show(id, call)).group
  })
  serve(changeOperation, async (call) => {
    const { reason, ...change } = call.body
    await changeGroup(writing, call.params.id, change, reason, call)
    return (await show(call.params.id, call)).group
  })
  serve(deleteOperation, (call) => deleteGroup(writing, call.params.id, call.query.reason, call))
}

/** A provider's person speaks of their own; another's id is one that does not exist. Somebody of the operator says whose. */
function ownerOf(identity: Call['identity'], asked: string | undefined): string {
  const own = identity?.providerId ?? null
  if (own !== null && (asked === undefined || asked === own)) return own
  if (own === null && asked === undefined) {
    throw new OperationError('provider-needed', 422, 'groups belong to one provider: give its id as provider')
  }
  if (own !== null || asked === undefined || !isUuid(asked))
    throw new OperationError('provider-unknown', 404, `there is no provider ${asked}`)
  return asked
}
