import type { SubscriptionChange } from '#platform/change.ts'
import type { Serve } from '#platform/function.ts'
import type { Operation } from '#platform/http/operation.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { ChangeAnswer } from '#platform/http/schemas/sim-actions.ts'
import { actionNames, actionView, listActionRows, readAction } from './action-store.ts'
import type { Actions } from './actions.ts'

const { updateSim, setSimState, holdSim, releaseSim, setSimImeiLock, barSim, liftSim, listActions, getAction } = operations

export const actionRoutes: readonly Operation[] = [
  updateSim,
  setSimState,
  holdSim,
  releaseSim,
  setSimImeiLock,
  barSim,
  liftSim,
  listActions,
  getAction,
]

type OnOne = Pick<Call, 'identity' | 'address' | 'db'> & {
  params: { id: string }
  query: { dryRun?: boolean }
  body: { reason: string }
}

/** The ways by which a person or a client changes one SIM. */
export function serveActions(serve: Serve, actions: Actions): void {
  const ask = (call: OnOne, changes: readonly SubscriptionChange[], checkVersion?: (version: number) => void): Promise<ChangeAnswer> =>
    actions.ask({
      id: call.params.id,
      changes,
      reason: call.body.reason,
      dryRun: call.query.dryRun === true,
      actor: call.identity?.personId ?? 'nobody',
      address: call.address,
      db: call.db,
      ...(checkVersion === undefined ? {} : { checkVersion }),
    })
  serve(updateSim, (call) => ask(call, changesOf(call.body), (version) => call.checkVersion(version)))
  serve(setSimState, (call) => ask(call, [{ kind: 'state', to: call.body.to }]))
  serve(holdSim, (call) => ask(call, [{ kind: 'hold', held: true }]))
  serve(releaseSim, async (call) => {
    const answer = await ask(call, [{ kind: 'lift', reason: 'held' }])
    if (answer.outcome === 'accepted' && answer.action !== null) {
      const { sim, actor, reason } = answer.action
      await actions.released(sim.imsi, { actor, reason, address: call.address })
    }
    return answer
  })
  serve(setSimImeiLock, (call) => ask(call, [{ kind: 'imei-lock', imei: call.body.imei }]))
  serve(barSim, (call) =>
    ask(call, [{ kind: 'impose', reason: 'operator-barring', expiresAt: call.body.expiresAt ?? null, note: call.body.reason }]),
  )
  serve(liftSim, (call) => ask(call, [{ kind: 'lift', reason: call.body.what }]))
  serve(listActions, async ({ db, query }) => {
    const page = await listActionRows(db, query)
    const names = await actionNames(
      db,
      page.items.map(({ actor }) => actor),
    )
    return { ...page, items: page.items.map((row) => actionView(row, names)) }
  })
  serve(getAction, async ({ db, params }) => {
    const row = await actions.settled(await readAction(db, params.id))
    return actionView(row, await actionNames(db, [row.actor]))
  })
}

/** In the order in which a person would do them; what is left out stays as it is. */
function changesOf(body: Call<typeof updateSim>['body']): SubscriptionChange[] {
  const changes: SubscriptionChange[] = []
  if (body.label !== undefined) changes.push({ kind: 'label', label: body.label })
  if (body.groupId !== undefined) changes.push({ kind: 'group', groupId: body.groupId })
  if (body.planId !== undefined) changes.push({ kind: 'plan', planId: body.planId })
  if (body.profileId !== undefined) changes.push({ kind: 'profile', profileId: body.profileId })
  if (body.hssPartition !== undefined) changes.push({ kind: 'partition', hssPartition: body.hssPartition })
  if (body.lockedImei !== undefined) changes.push({ kind: 'imei-lock', imei: body.lockedImei })
  if (body.class !== undefined) changes.push({ kind: 'class', to: body.class })
  return changes
}
