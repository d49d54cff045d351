import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Serve } from '#platform/function.ts'
import type { Operation } from '#platform/http/operation.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { SavedView } from '#platform/http/schemas/saved-views.ts'
import { isUuid } from '#platform/page.ts'
import type { Identity } from '#platform/session.ts'
import type { TenantDb, Tx } from '#store/db.ts'

const { listSavedViews, createSavedView, deleteSavedView } = operations

export const viewRoutes: readonly Operation[] = [listSavedViews, createSavedView, deleteSavedView]

interface ViewRow {
  id: string
  page: 'sims'
  name: string
  query: string
  created_at: Date
}

/** Filters and columns that a person keeps under a name: the database shows each person their own. */
export function serveViews(serve: Serve, own: { now(): number; newId(): string }): void {
  serve(listSavedViews, async ({ db, identity, query }) => {
    const rows = await asPerson(db, identity, async (tx) => {
      const found = await tx.query<ViewRow>(
        'SELECT id, page, name, query, created_at FROM saved_view WHERE page = $1 ORDER BY lower(name) LIMIT $2',
        [query.page, limits.subscriptions.savedViews],
      )
      return found.rows
    })
    return { items: rows.map(view) }
  })
  serve(createSavedView, async ({ db, identity, body }) => {
    const row = { id: own.newId(), ...body, created_at: new Date(own.now()) }
    await asPerson(db, identity, async (tx, owner) => {
      const { rows } = await tx.query<{ n: bigint }>('SELECT count(*) AS n FROM saved_view')
      if (Number(rows[0]?.n ?? 0n) >= limits.subscriptions.savedViews)
        throw new OperationError('too-many-views', 409, `${limits.subscriptions.savedViews} views are kept already: delete one`)
      await tx.query('DELETE FROM saved_view WHERE page = $1 AND lower(name) = lower($2)', [row.page, row.name])
      await tx.query('INSERT INTO saved_view (id, provider_id, owner, page, name, query, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)', [
        row.id,
        'providerId' in db.scope ? db.scope.providerId : null,
        owner,
        row.page,
        row.name,
        row.query,
        row.created_at,
      ])
    })
    return view(row)
  })
  serve(deleteSavedView, async ({ db, identity, params }) => {
    const affected = isUuid(params.id)
      ? await asPerson(db, identity, async (tx) => (await tx.query('DELETE FROM saved_view WHERE id = $1', [params.id])).affected)
      : 0
    if (affected === 0) throw new OperationError('view-unknown', 404, 'there is no such view of yours')
  })
}

/** The policies of the table compare with who is asking, for this transaction only. */
async function asPerson<T>(db: TenantDb, identity: Identity | null, run: (tx: Tx, owner: string) => Promise<T>): Promise<T> {
  const owner = identity?.personId ?? ''
  return await db.transaction(async (tx) => {
    await tx.query("SELECT set_config('app.person', $1, true)", [owner])
    return await run(tx, owner)
  })
}

function view({ id, page, name, query, created_at: createdAt }: ViewRow): SavedView {
  return { id, page, name, query, createdAt: createdAt.getTime() }
}
