import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Call } from '#platform/http/route.ts'
import type { Count } from '#platform/http/schemas/common.ts'
import type { Group } from '#platform/http/schemas/groups.ts'
import { isUuid } from '#platform/page.ts'
import { type TenantDb, type Tx, toJson } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { checkPlace, inTreeOrder, subtreeOf } from './group-tree.ts'

interface GroupRow {
  id: string
  providerId: string
  parentId: string | null
  name: string
  service: Group['service']
  cardUse: Group['cardUse']
  version: number
}

const columns = `g.id, g.provider_id AS "providerId", g.parent_id AS "parentId", g.name, g.service, g.card_use AS "cardUse", g.version`

async function treeOf(db: Pick<TenantDb, 'query'> | Tx, providerId: string): Promise<GroupRow[]> {
  const { rows } = await db.query<GroupRow>(`SELECT ${columns} FROM sim_group g WHERE g.provider_id = $1`, [providerId])
  return rows
}

/** The whole tree, each group with the SIMs that are in itself. Counted some groups at a time, each to a bound. */
export async function listGroups(db: TenantDb, providerId: string): Promise<Group[]> {
  const rows = inTreeOrder(await treeOf(db, providerId))
  const { groupsCountedAtOnce, simsCounted } = limits.organisations
  const counts = new Map<string, Count>()
  for (let from = 0; from < rows.length; from += groupsCountedAtOnce) {
    const ids = rows.slice(from, from + groupsCountedAtOnce).map(({ id }) => id)
    for (const [id, count] of await countSims(db, ids, simsCounted)) counts.set(id, count)
  }
  return rows.map((row) => ({ ...row, sims: counts.get(row.id) ?? { value: 0, capped: false } }))
}

async function countSims(db: TenantDb, ids: readonly string[], cap: number): Promise<Map<string, Count>> {
  const { rows } = await db.query<{ id: string; n: bigint }>(
    `SELECT v.id, (SELECT count(*) FROM (SELECT 1 FROM subscription s WHERE s.group_id = v.id LIMIT ${cap + 1}) AS part) AS n
       FROM unnest($1::uuid[]) AS v (id)`,
    [ids],
  )
  return new Map(rows.map(({ id, n }) => [id, { value: Math.min(Number(n), cap), capped: Number(n) > cap }]))
}

async function readRow(db: Pick<TenantDb, 'query'> | Tx, id: string): Promise<GroupRow> {
  const { rows } = isUuid(id) ? await db.query<GroupRow>(`SELECT ${columns} FROM sim_group g WHERE g.id = $1`, [id]) : { rows: [] }
  const [row] = rows
  if (row === undefined) throw unknownGroup(id)
  return row
}

export async function readGroup(db: TenantDb, id: string): Promise<{ group: Group; below: Count }> {
  const row = await readRow(db, id)
  const own = await countSims(db, [id], limits.organisations.simsCounted)
  const inside = [...subtreeOf(await treeOf(db, row.providerId), id)]
  const cap = limits.http.cappedCount
  const { rows } = await db.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM (SELECT 1 FROM subscription s WHERE s.group_id = ANY ($1::uuid[]) LIMIT ${cap + 1}) AS part`,
    [inside],
  )
  const n = Number(rows[0]?.n ?? 0n)
  return { group: { ...row, sims: own.get(id) ?? { value: 0, capped: false } }, below: { value: Math.min(n, cap), capped: n > cap } }
}

function unknownGroup(id: string): OperationError {
  return new OperationError('group-unknown', 404, `there is no group ${id}`)
}

export interface GroupWriting {
  ledger: Ledger
  clock: Clock
}

type Caller = Pick<Call, 'identity' | 'db' | 'address' | 'checkVersion' | 'isRehearsal'>

/** One change of a provider's tree at a time: two moves that each are fine could together close a circle. */
async function lockTree(tx: Tx, providerId: string): Promise<GroupRow[]> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`groups of ${providerId}`])
  return treeOf(tx, providerId)
}

export async function createGroup(
  { ledger, clock }: GroupWriting,
  row: Omit<GroupRow, 'version'>,
  reason: string | undefined,
  call: Caller,
): Promise<void> {
  await ledger.record(
    async (tx, note) => {
      const { rows } = await tx.query('SELECT 1 FROM provider WHERE id = $1', [row.providerId])
      if (rows.length === 0) throw new OperationError('provider-unknown', 404, `there is no provider ${row.providerId}`)
      const tree = await lockTree(tx, row.providerId)
      if (tree.length >= limits.organisations.groups) {
        throw new OperationError('group-limit', 422, `a provider has at most ${limits.organisations.groups} groups`)
      }
      checkPlace(tree, null, row.parentId)
      refuseTakenName(tree, row)
      await tx.query(
        `INSERT INTO sim_group (id, provider_id, parent_id, name, service, card_use, created_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
        [row.id, row.providerId, row.parentId, row.name, orNull(row.service), row.cardUse, new Date(clock.now())],
      )
      const { id: groupId, providerId, ...after } = row
      note({ kind: 'group-created', ...by(call, providerId), body: { groupId, after, reason: reason ?? null, address: call.address } })
    },
    { scope: call.db.scope },
  )
}

export async function changeGroup(
  { ledger, clock }: GroupWriting,
  id: string,
  change: Partial<Pick<GroupRow, 'name' | 'parentId' | 'service' | 'cardUse'>>,
  reason: string | undefined,
  call: Caller,
): Promise<void> {
  await ledger.record(
    async (tx, note) => {
      const { providerId } = await readRow(tx, id)
      const tree = await lockTree(tx, providerId)
      const before = tree.find((row) => row.id === id)
      if (before === undefined) throw unknownGroup(id)
      call.checkVersion(before.version)
      const after = { ...before, ...change }
      if (after.parentId !== before.parentId) checkPlace(tree, id, after.parentId)
      refuseTakenName(tree, after)
      if (after.cardUse !== before.cardUse) await refuseOtherCards(tx, id, after.cardUse)
      await tx.query(
        `UPDATE sim_group SET name = $2, parent_id = $3, service = $4, card_use = $5, changed_at = $6, version = version + 1 WHERE id = $1`,
        [id, after.name, after.parentId, orNull(after.service), after.cardUse, new Date(clock.now())],
      )
      const names = Object.keys(change) as (keyof typeof change)[]
      const former = Object.fromEntries(names.map((name) => [name, before[name]]))
      note({
        kind: 'group-changed',
        ...by(call, providerId),
        body: { groupId: id, before: former, after: change, reason: reason ?? null, address: call.address },
      })
    },
    { scope: call.db.scope },
  )
}

export async function deleteGroup({ ledger }: GroupWriting, id: string, reason: string | undefined, call: Caller): Promise<void> {
  await ledger.record(
    async (tx, note) => {
      const { providerId } = await readRow(tx, id)
      const tree = await lockTree(tx, providerId)
      const row = tree.find((one) => one.id === id)
      if (row === undefined) throw unknownGroup(id)
      call.checkVersion(row.version)
      if (tree.some(({ parentId }) => parentId === id)) throw notEmpty('groups')
      const { rows } = await tx.query('SELECT 1 FROM subscription WHERE group_id = $1 LIMIT 1', [id])
      if (rows.length > 0) throw notEmpty('SIMs')
      await tx.query('DELETE FROM sim_group WHERE id = $1', [id])
      note({
        kind: 'group-deleted',
        ...by(call, providerId),
        body: { groupId: id, before: { name: row.name, parentId: row.parentId }, reason: reason ?? null, address: call.address },
      })
    },
    { scope: call.db.scope, rehearsal: call.isRehearsal },
  )
}

/** IoT and handset UICCs are kept apart (CLP.14 §5.1): the group is kept for one of them only while it holds no other. */
async function refuseOtherCards(tx: Tx, id: string, use: GroupRow['cardUse']): Promise<void> {
  if (use === null) return
  const { rows } = await tx.query(
    'SELECT 1 FROM subscription s JOIN card c ON c.id = s.card_id WHERE s.group_id = $1 AND c.use <> $2 LIMIT 1',
    [id, use],
  )
  if (rows.length > 0) throw new OperationError('group-card-use', 409, `the group holds UICCs that are not for ${use}: move them first`)
}

function orNull(service: GroupRow['service']): string | null {
  return service === null ? null : toJson(service)
}

function notEmpty(what: string): OperationError {
  return new OperationError('group-not-empty', 409, `the group still holds ${what}: move them first`)
}

function refuseTakenName(tree: readonly GroupRow[], { id, parentId, name }: Pick<GroupRow, 'id' | 'parentId' | 'name'>): void {
  const other = tree.find((row) => row.id !== id && row.parentId === parentId && row.name.toLowerCase() === name.toLowerCase())
  if (other !== undefined) throw new OperationError('group-name', 409, `there is a group ${other.name} at that place already`)
}

function by({ identity }: Pick<Call, 'identity'>, providerId: string): { actor: string; providerId: string } {
  return { actor: identity?.personId ?? 'nobody', providerId }
}
