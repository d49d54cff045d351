import { OperationError } from '#core/errors.ts'
import type { Context } from '#platform/context.ts'
import type { Serve } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { ProviderDetail } from '#platform/http/schemas/organisations.ts'
import type { Ports } from '#platform/ports.ts'
import { changeProvider, createProvider, listProviders, type ProviderWriting, readProvider } from './providers.ts'

const {
  listProviders: listOperation,
  createProvider: createOperation,
  getProvider,
  changeProvider: changeOperation,
  verifyProvider,
  signAgreement,
  endAgreement,
  suspendProvider,
  resumeProvider,
} = operations

export const providerRoutes = [
  listOperation,
  createOperation,
  getProvider,
  changeOperation,
  verifyProvider,
  signAgreement,
  endAgreement,
  suspendProvider,
  resumeProvider,
]

type ServingContext = Pick<Context, 'clock' | 'newId'> & { serve: Serve; ports: Pick<Ports, 'ledger'> }

/** Providers as the operator's people see and change them. */
export function serveProviders({ serve, ports, clock, newId }: ServingContext): void {
  const writing: ProviderWriting = { ledger: ports.ledger, clock }
  const show = async (id: string, { db, setVersion }: Pick<Call, 'db' | 'setVersion'>): Promise<ProviderDetail> => {
    const provider = await readProvider(db, id)
    setVersion(provider.version)
    return provider
  }
  serve(listOperation, ({ db, query }) => listProviders(db, query, clock.now()))
  serve(getProvider, (call) => show(call.params.id, call))
  serve(createOperation, async (call) => {
    const { name, legal = null, contact = null, reason } = call.body
    const id = newId()
    await createProvider(writing, id, { name, legal, contact, reason }, call)
    return show(id, call)
  })
  serve(changeOperation, async (call) => {
    const { reason, ...change } = call.body
    await changeProvider(writing, call.params.id, 'provider-changed', reason, call, (before) => {
      if (Object.keys(change).length === 0) return undefined
      const sameLegal = change.legal === undefined || JSON.stringify(change.legal) === JSON.stringify(before.legal)
      // Somebody checked what stood there, not what stands there now.
      return sameLegal ? change : { ...change, verified: null }
    })
    return show(call.params.id, call)
  })
  serveDecisions(serve, writing, show)
}

/** What is decided about a provider as a whole. */
function serveDecisions(
  serve: Serve,
  writing: ProviderWriting,
  show: (id: string, call: Pick<Call, 'db' | 'setVersion'>) => Promise<ProviderDetail>,
): void {
  serve(verifyProvider, async (call) => {
    const { evidence, reason } = call.body
    await changeProvider(writing, call.params.id, 'provider-verified', reason, call, ({ legal }, now) => {
      if (legal === null)
        throw new OperationError('legal-missing', 409, 'put the legal identity on record first: there is nothing to verify')
      return { verified: { ...now, evidence } }
    })
    return show(call.params.id, call)
  })
  serve(signAgreement, async (call) => {
    const { reason, reference, signedAt } = call.body
    await changeProvider(writing, call.params.id, 'agreement-signed', reason, call, (_before, { at }) => {
      if (signedAt > at) throw new OperationError('signed-later', 422, 'an agreement that is signed in the future is not in force yet')
      return { agreement: { reference, signedAt } }
    })
    return show(call.params.id, call)
  })
  serve(endAgreement, async (call) => {
    await changeProvider(writing, call.params.id, 'agreement-ended', call.body.reason, call, ({ agreement }) => {
      if (agreement === null) throw new OperationError('agreement-missing', 409, 'there is no agreement on record')
      return { agreement: null }
    })
    return show(call.params.id, call)
  })
  serve(suspendProvider, async (call) => {
    const { reason } = call.body
    await changeProvider(writing, call.params.id, 'provider-suspended', reason, call, ({ suspended }, now) =>
      suspended === null ? { suspended: { ...now, reason } } : undefined,
    )
    return show(call.params.id, call)
  })
  serve(resumeProvider, async (call) => {
    await changeProvider(writing, call.params.id, 'provider-resumed', call.body.reason, call, ({ suspended }) =>
      suspended === null ? undefined : { suspended: null },
    )
    return show(call.params.id, call)
  })
}
