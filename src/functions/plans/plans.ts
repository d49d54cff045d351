import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { periodOf, planFault, type RatePlan } from '#domain/rate-plan.ts'
import type { Call } from '#platform/http/route.ts'
import type { Count } from '#platform/http/schemas/common.ts'
import type { operations } from '#platform/http/schemas/operations.ts'
import type { Plan } from '#platform/http/schemas/plans.ts'
import { identityOf, providerFor } from '#platform/http/tenant.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from '#platform/page.ts'
import { type TenantDb, type Tx, toJson } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'

type Operations = typeof operations

export interface PlanRow {
  id: string
  provider_id: string
  provider_name: string
  name: string
  version: number
  body: RatePlan
}

const columns = 'r.id, r.provider_id, p.name AS provider_name, r.name, r.version, r.body'
const countCap = 1_000

/** Throws `plan-unknown` (404), also for another tenant's. */
export async function readPlan(db: Pick<TenantDb, 'query'> | Pick<Tx, 'query'>, id: string): Promise<PlanRow> {
  const { rows } = isUuid(id)
    ? await db.query<PlanRow>(`SELECT ${columns} FROM rate_plan r JOIN provider p ON p.id = r.provider_id WHERE r.id = $1`, [id])
    : { rows: [] }
  const [row] = rows
  if (row === undefined) throw new OperationError('plan-unknown', 404, `there is no rate plan ${id.slice(0, 64)}`)
  return row
}

export async function listPlans({ db, query }: Call<Operations['listPlans']>, now: number): Promise<Page<Plan>> {
  const limit = pageLimit(query.limit)
  const after = decodeCursor(query.cursor, 2)
  const of = query.providerId
  const providerId = of !== undefined && isUuid(of) ? of : null
  const { rows } = await db.query<PlanRow>(
    `SELECT ${columns} FROM rate_plan r JOIN provider p ON p.id = r.provider_id
      WHERE ($1::uuid IS NULL OR r.provider_id = $1::uuid) AND ($2::text IS NULL OR (r.name, r.id::text) > ($2::text, $3::text))
      ORDER BY r.name, r.id::text LIMIT ${limit + 1}`,
    [providerId, after?.[0] ?? null, after?.[1] ?? null],
  )
  const items: Plan[] = []
  for (const row of rows.slice(0, limit)) items.push(await planView(db, row, now))
  const last = rows[limit - 1]
  const total = await capped(db, 'SELECT FROM rate_plan WHERE $1::uuid IS NULL OR provider_id = $1::uuid', [providerId])
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor([last.name, last.id]) : null, count: total }
}

/** With how many SIMs stand where; each count is bounded and reads from the top of the plan's own index. */
export async function planView(db: TenantDb, row: PlanRow, now: number): Promise<Plan> {
  const { start, end } = periodOf(row.body, now)
  const { includedBytes, alertsPercent, cutOffPercent } = row.body
  const least = (percent: number | undefined): string =>
    percent === undefined ? '9223372036854775807' : String((BigInt(includedBytes) * BigInt(percent) + 99n) / 100n)
  const inPeriod = 'SELECT FROM usage_counter WHERE provider_id = $1 AND plan_id = $2 AND period_start = $3 AND total >= $4::int8'
  const at = [row.provider_id, row.id, new Date(start)]
  return {
    id: row.id,
    name: row.name,
    provider: { id: row.provider_id, name: row.provider_name },
    version: row.version,
    ...bodyView(row.body),
    periodStart: start,
    periodEnd: end,
    sims: await capped(db, 'SELECT FROM subscription WHERE plan_id = $1', [row.id]),
    overAlert: await capped(db, inPeriod, [...at, least(alertsPercent[0])]),
    cutOff: await capped(db, `${inPeriod} AND cut_off_at IS NOT NULL`, [...at, least(cutOffPercent ?? undefined)]),
  }
}

export function bodyView({ period, includedBytes, alertsPercent, cutOffPercent }: RatePlan) {
  return { period: { ...period }, includedBytes, alertsPercent: [...alertsPercent], cutOffPercent }
}

async function capped(db: TenantDb, select: string, params: readonly unknown[]): Promise<Count> {
  const { rows } = await db.query<{ n: bigint }>(`SELECT count(*) AS n FROM (${select} LIMIT ${countCap + 1}) AS part`, params)
  const n = Number(rows[0]?.n ?? 0n)
  return { value: Math.min(n, countCap), capped: n > countCap }
}

interface Editing {
  ledger: Ledger
  now(): number
  newId(): string
}

function checkedPlan(body: RatePlan): RatePlan {
  const { period, includedBytes, alertsPercent, cutOffPercent } = body
  const plan: RatePlan = { period, includedBytes, alertsPercent, cutOffPercent }
  switch (planFault(plan)) {
    case 'alerts-order':
      throw new OperationError('plan-invalid', 422, 'alerts rise, each above the one before')
    case 'cut-off-below-alert':
      throw new OperationError('plan-invalid', 422, 'the cut-off comes last: no alert lies above it')
    case null:
      return plan
  }
}

export async function createPlan(
  call: Call<Operations['createPlan']>,
  { ledger, now, newId }: Editing,
): Promise<{ id: string; version: number }> {
  const identity = identityOf(call)
  const providerId = await providerFor(call, call.body.providerId)
  const body = checkedPlan(call.body as RatePlan)
  const name = call.body.name.trim()
  const id = newId()
  await ledger.record(
    async (tx, note) => {
      await requireName(tx, providerId, name, null)
      await tx.query('INSERT INTO rate_plan (id, provider_id, name, body, changed_at) VALUES ($1, $2, $3, $4, $5)', [
        id,
        providerId,
        name,
        toJson(body),
        new Date(now()),
      ])
      note({
        kind: 'plan-created',
        actor: identity.personId,
        providerId,
        body: { planId: id, name, plan: body, reason: call.body.reason, address: call.address },
      })
    },
    { scope: call.db.scope },
  )
  return { id, version: 1 }
}

async function requireName(tx: Tx, providerId: string, name: string, self: string | null): Promise<void> {
  const { rows } = await tx.query<{ id: string; name: string }>('SELECT id, name FROM rate_plan WHERE provider_id = $1', [providerId])
  if (rows.some((row) => row.name === name && row.id !== self))
    throw new OperationError('plan-name', 409, `there is a rate plan ${name} already: choose another name`)
  if (self === null && rows.length >= limits.usage.plansPerProvider)
    throw new OperationError('too-many-plans', 409, `a provider has at most ${limits.usage.plansPerProvider} rate plans`)
}

export async function changePlan(call: Call<Operations['changePlan']>, { ledger, now }: Editing): Promise<void> {
  const identity = identityOf(call)
  const body = checkedPlan(call.body as RatePlan)
  const name = call.body.name.trim()
  const { id } = call.params
  await ledger.record(
    async (tx, note) => {
      const before = await readPlan(tx, id)
      call.checkVersion(before.version)
      await requireName(tx, before.provider_id, name, id)
      const { affected } = await tx.query(
        'UPDATE rate_plan SET name = $2, body = $3, version = version + 1, changed_at = $4 WHERE id = $1 AND version = $5',
        [id, name, toJson(body), new Date(now()), before.version],
      )
      if (affected === 0)
        throw new OperationError('version-changed', 412, 'somebody else changed this meanwhile: read it again and repeat the change')
      note({
        kind: 'plan-changed',
        actor: identity.personId,
        providerId: before.provider_id,
        body: {
          planId: id,
          before: { name: before.name, plan: before.body },
          after: { name, plan: body },
          reason: call.body.reason,
          address: call.address,
        },
      })
    },
    { scope: call.db.scope },
  )
}

export async function removePlan(call: Call<Operations['removePlan']>, { ledger }: Editing): Promise<void> {
  const identity = identityOf(call)
  const { id } = call.params
  await ledger.record(
    async (tx, note) => {
      const plan = await readPlan(tx, id)
      const { rows } = await tx.query('SELECT FROM subscription WHERE plan_id = $1 LIMIT 1', [id])
      if (rows.length > 0) throw new OperationError('plan-in-use', 409, `SIMs are on the plan ${plan.name}: give them another one first`)
      await tx.query('DELETE FROM rate_plan WHERE id = $1', [id])
      note({
        kind: 'plan-removed',
        actor: identity.personId,
        providerId: plan.provider_id,
        body: { planId: id, name: plan.name, reason: call.query.reason, address: call.address },
      })
    },
    { scope: call.db.scope, rehearsal: call.isRehearsal },
  )
}
