import { OperationError } from '#core/errors.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import type { Approval as ApprovalView } from '#platform/http/schemas/approvals.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { Identity } from '#platform/session.ts'
import { approvalControls } from './controls.ts'
import { approvalChannel, type DecisionWanted, Desk, found, noPasskey } from './desk.ts'
import { listApprovals as readPage } from './list.ts'
import { makeReceipt } from './receipt.ts'
import { Runner } from './runner.ts'
import { SelfCheck } from './self-check.ts'
import { approvalOf, selectApproval, selectDecisions, selectWaitingFor } from './store.ts'
import { type Viewer, viewApprovals } from './view.ts'

const { listApprovals, getApproval, getApprovalReceipt, getApprovalSigning, decideApproval, withdrawApproval } = operations

type Context = FunctionContext<'store' | 'ledger' | 'ledgerStatus', 'approvals'>

/** Commands that wait for persons: asked for by other functions, signed with passkeys, executed once enough agreed. */
export const approvalsFunction = defineFunction({
  name: 'approvals',
  config: ['node'],
  provides: ['approvals'],
  needs: ['store', 'ledger', 'ledgerStatus'],
  controls: approvalControls,
  routes: [listApprovals, getApproval, getApprovalReceipt, getApprovalSigning, decideApproval, withdrawApproval],
  navigation: [{ id: 'approvals', path: '/approvals', order: 52 }],
  metrics: [],
  start,
})

async function start(ctx: Context): Promise<AsyncDisposable> {
  const { clock, log, ports, optional } = ctx
  const { store, ledger } = ports
  const notices = () => optional.notices
  const desk = new Desk({
    store,
    ledger,
    clock,
    newId: () => ctx.newId(),
    isDemo: optional.installation?.mode === 'demo',
    passkeys: () => optional.passkeys,
    notices,
  })
  const runner = new Runner({ store, ledger, clock, log, owner: `${ctx.config.node} ${ctx.newId()}`, notices })
  const rpId = (): string => optional.passkeys?.rpId ?? 'localhost'
  const selfCheck = new SelfCheck({
    store,
    ledger,
    clock,
    log,
    rpId,
    keys: () => ports.ledgerStatus.publicKeys(),
    verifier: ports.ledgerStatus.verifier,
  })
  ctx.provide('approvals', {
    request: (draft, tx) => desk.request(draft, tx),
    read: (id) => desk.read(id),
    async waitingFor(kind, imsi) {
      const row = await selectWaitingFor(store, kind, imsi, new Date(clock.now()))
      return row === null ? null : approvalOf(row, await selectDecisions(store, [row.id]))
    },
    withdraw: (id, by) => desk.withdraw(id, by),
    receiptCheck: () => selfCheck.last(),
    on: (kind, execute) => runner.on(kind, execute),
  })
  const stopListening = await store.listen(
    approvalChannel,
    (id) => {
      void runner.sweep()
      void tell(ctx, id)
    },
    () => void runner.sweep(),
  )
  serve(ctx, desk)
  runner.start()
  selfCheck.start()
  return {
    async [Symbol.asyncDispose]() {
      await stopListening()
      await runner.close()
      await selfCheck.close()
    },
  }
}

/** Readers of the portal hear that something changed, and read it themselves. */
async function tell({ events, ports, log }: Context, id: string): Promise<void> {
  if (!events.wanted({ operator: true })) return
  try {
    const row = await selectApproval(ports.store, id)
    if (row === null) return
    const event = { approval: { id, state: row.state } }
    events.publish('approvals', event)
    if (row.provider_id !== null) events.publish('approvals', event, { providerId: row.provider_id })
  } catch (error) {
    log.debug({ err: error }, 'nobody was told of an approval')
  }
}

function serve(ctx: Context, desk: Desk): void {
  const isDemo = ctx.optional.installation?.mode === 'demo'
  const viewerOf = async (identity: Identity): Promise<Viewer> => ({
    identity,
    canSign: isDemo || (await ctx.optional.passkeys?.list(identity.personId))?.length !== 0,
    obstacle: (row, decisions) => desk.obstacle(row, decisions, identity),
  })
  const viewOf = async (call: Pick<Call, 'db' | 'identity'>, id: string): Promise<ApprovalView> => {
    const [view] = await viewApprovals(call.db, [await found(call.db, id)], await viewerOf(person(call)))
    if (view === undefined) throw new Error('an approval has no view')
    return view
  }
  ctx.serve(listApprovals, async (call) => {
    const page = await readPage(call.db, call.query, ctx.clock.now())
    return { ...page, items: await viewApprovals(call.db, page.items, await viewerOf(person(call))) }
  })
  ctx.serve(getApproval, (call) => viewOf(call, call.params.id))
  ctx.serve(getApprovalReceipt, async (call) => {
    const row = await found(call.db, call.params.id)
    // About one of its SIMs, but the operator's own: the provider may read it, not carry it away.
    if (call.identity?.providerId !== null && call.identity?.providerId !== row.provider_id)
      throw new OperationError('not-allowed', 403, 'this approval is the operator’s own: its receipt is for the operator')
    const { store, ledger, ledgerStatus } = ctx.ports
    const keys = await ledgerStatus.publicKeys()
    const file = await makeReceipt({ store, ledger, rpId: ctx.optional.passkeys?.rpId ?? 'localhost', keys }, row)
    if (file === null) throw new OperationError('receipt-not-yet', 503, 'its newest entry is not signed yet: ask again in a few seconds')
    return `${JSON.stringify(file, null, 2)}\n`
  })
  ctx.serve(getApprovalSigning, async (call) => {
    const by = person(call)
    const { row, challenge } = await desk.challenge(call.db, { id: call.params.id, by, decision: call.query.decision })
    return { commandHash: row.command_hash.toString('hex'), options: isDemo ? null : await signingOptions(ctx, by, challenge) }
  })
  ctx.serve(decideApproval, async (call) => {
    const { decision, reason, response = null } = call.body
    const wanted: DecisionWanted = { id: call.params.id, by: person(call), decision, reason, address: call.address, response }
    await desk.decide(call.db, wanted)
    return await viewOf(call, call.params.id)
  })
  ctx.serve(withdrawApproval, async (call) => {
    await desk.withdrawOwn(call.db, call.params.id, { personId: person(call).personId, reason: call.body.reason, address: call.address })
    return await viewOf(call, call.params.id)
  })
}

async function signingOptions({ optional }: Context, by: Identity, challenge: Buffer) {
  const { passkeys } = optional
  if (passkeys === undefined) throw new OperationError('not-running', 503, 'the function that knows passkeys does not run in this process')
  const known = await passkeys.list(by.personId)
  if (known.length === 0) throw noPasskey()
  return {
    challenge: challenge.toString('base64url'),
    rpId: passkeys.rpId,
    allowCredentials: known.map(({ id, transports }) => ({ id, type: 'public-key' as const, transports: [...transports] })),
    userVerification: 'required' as const,
    timeout: 120_000,
  }
}

function person({ identity }: Pick<Call, 'identity'>): Identity {
  if (identity === null) throw new OperationError('sign-in-needed', 401, 'sign in first')
  return identity
}
