import { defineFunction } from '#platform/function.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { decodeCursor, encodeCursor, pageLimit } from '#platform/page.ts'
import { ClientsAtTheDoor } from './port.ts'
import { clientView, selectClient, selectClients } from './rows.ts'
import { Clients, grantable } from './service.ts'

const { listClients, getClient, createClient, updateClient, rotateClient, revokeClient } = operations

/** Programs that act for an organisation: API keys and OAuth clients, each with the least that it needs. */
export const clientsFunction = defineFunction({
  name: 'clients',
  config: [],
  needs: ['store', 'ledger'],
  provides: ['clients'],
  controls: [],
  routes: [listClients, getClient, createClient, updateClient, rotateClient, revokeClient],
  navigation: [{ id: 'developers', path: '/developers', order: 90 }],
  metrics: [],
  async start(ctx) {
    const { clock } = ctx
    const { store: db, ledger } = ctx.ports
    ctx.provide('clients', new ClientsAtTheDoor({ db, clock }))
    const clients = new Clients({ clock, ledger, newId: () => ctx.newId(), notices: () => ctx.optional.notices })
    ctx.serve(listClients, async ({ db: tenant, query, identity }) => {
      const limit = pageLimit(query.limit)
      const before = decodeCursor(query.cursor, 1)?.[0]
      const rows = await selectClients(tenant, clock.now(), { before: typeof before === 'string' ? before : null, limit: limit + 1 })
      const { rows: counted } = await tenant.query<{ n: bigint }>('SELECT count(*) AS n FROM api_client')
      const items = rows.slice(0, limit).map((row) => clientView(row, clock.now()))
      return {
        items,
        next: rows.length > limit ? encodeCursor([items.at(-1)?.id ?? null]) : null,
        count: { value: Number(counted[0]?.n ?? 0), capped: false },
        grantable: grantable(identity, identity?.providerId != null),
      }
    })
    ctx.serve(getClient, async ({ db: tenant, params, setVersion }) => {
      const client = clientView(await selectClient(tenant, params.id, clock.now()), clock.now())
      setVersion(client.version)
      return client
    })
    ctx.serve(createClient, (call) => clients.create(call))
    ctx.serve(updateClient, (call) => clients.update(call))
    ctx.serve(rotateClient, (call) => clients.rotate(call))
    ctx.serve(revokeClient, (call) => clients.revoke(call))
    return { async [Symbol.asyncDispose]() {} }
  },
})
