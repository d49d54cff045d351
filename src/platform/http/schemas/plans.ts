import { type Static, Type } from 'typebox'
import { limits } from '#core/limits.ts'
import { defineOperation } from '../operation.ts'
import { Count, Id, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'

const closed = { additionalProperties: false }
const ProviderId = Type.Optional(Type.String({ maxLength: 64, description: 'For whom; a provider’s own people leave it out' }))
const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const Period = Type.Union(
  [
    Type.Object({ kind: Type.Literal('calendar-month') }, closed),
    Type.Object(
      {
        kind: Type.Literal('days'),
        days: Type.Integer({ minimum: 1, maximum: 366 }),
        anchor: Type.Integer({ description: 'The day on which a period began, ms since the epoch' }),
      },
      closed,
    ),
  ],
  { title: 'PlanPeriod' },
)

const planBody = {
  period: Period,
  includedBytes: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'In one period, both ways' }),
  alertsPercent: Type.Array(Type.Integer({ minimum: 1, maximum: 1_000 }), { maxItems: 8 }),
  cutOffPercent: Nullable(
    Type.Integer({ minimum: 1, maximum: 1_000, description: 'Critical SIMs are never cut off: an alarm tells instead' }),
  ),
}

export const Plan = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    provider: Type.Object({ id: Type.String(), name: Type.String() }),
    version: Type.Integer(),
    ...planBody,
    periodStart: Time,
    periodEnd: Time,
    sims: Count,
    overAlert: Count,
    cutOff: Count,
  },
  { title: 'Plan' },
)
export type Plan = Static<typeof Plan>

export const SimUsage = Type.Object(
  {
    plan: Nullable(Type.Object({ id: Type.String(), name: Type.String(), ...planBody })),
    periodStart: Time,
    periodEnd: Time,
    bytesUp: Bytes,
    bytesDown: Bytes,
    alertedPercent: Type.Integer(),
    cutOffAt: Nullable(Time),
    changedAt: Nullable(Time),
    past: Type.Array(Type.Object({ periodStart: Time, periodEnd: Time, bytes: Bytes })),
  },
  { title: 'SimUsage' },
)
export type SimUsage = Static<typeof SimUsage>

const TopRow = Type.Object(
  {
    imsi: Type.String(),
    label: Nullable(Type.String()),
    class: Type.String(),
    bytesUp: Bytes,
    bytesDown: Bytes,
    percent: Nullable(Type.Number({ description: 'Of what the plan includes' })),
    cutOffAt: Nullable(Time),
    changedAt: Time,
  },
  { title: 'UsageRow' },
)
export type TopRow = Static<typeof TopRow>

const ImportFault = Type.Object({
  line: Type.Integer(),
  column: Nullable(Type.String()),
  code: Words(['imsi-invalid', 'time-invalid', 'bytes-invalid', 'reference-invalid', 'source-invalid', 'imsi-unknown', 'text-invalid']),
  value: Type.String(),
})

export const UsageImport = Type.Object(
  {
    dryRun: Type.Boolean(),
    rows: Type.Integer(),
    recorded: Type.Integer({ description: 'Or, in a dry run, rows that would be' }),
    duplicates: Type.Integer({ description: 'Counted before, by source and reference' }),
    unknown: Type.Integer({ description: 'Rows about no SIM of yours' }),
    wrong: Type.Integer(),
    faults: Type.Array(ImportFault, { description: `The first ${limits.usage.errorsNamed}` }),
    bytes: Bytes,
  },
  { title: 'UsageImport' },
)
export type UsageImport = Static<typeof UsageImport>

const tag = 'plans' as const
const Name = Type.String({ minLength: 1, maxLength: 64 })

export const planOperations = {
  listPlans: defineOperation({
    id: 'listPlans',
    method: 'GET',
    path: '/plans',
    tag,
    summary: 'Rate plans with how many SIMs are on them, over an alert or cut off now',
    permission: 'plans:read',
    query: Type.Object({ ...PageQuery, providerId: ProviderId }, closed),
    response: Page(Plan),
  }),
  getPlan: defineOperation({
    id: 'getPlan',
    method: 'GET',
    path: '/plans/{id}',
    tag,
    summary: 'One rate plan',
    permission: 'plans:read',
    versioned: true,
    params: Id,
    response: Plan,
  }),
  createPlan: defineOperation({
    id: 'createPlan',
    method: 'POST',
    path: '/plans',
    tag,
    summary: 'A new rate plan',
    permission: 'plans:write',
    status: 201,
    body: Type.Object({ providerId: ProviderId, name: Name, ...planBody, reason: Reason }, closed),
    response: Type.Object({ id: Type.String(), version: Type.Integer() }),
  }),
  changePlan: defineOperation({
    id: 'changePlan',
    method: 'PUT',
    path: '/plans/{id}',
    tag,
    summary: 'Change a rate plan; who was cut off and is within it again is let in',
    permission: 'plans:write',
    versioned: true,
    params: Id,
    body: Type.Object({ name: Name, ...planBody, reason: Reason }, closed),
    response: Plan,
  }),
  removePlan: defineOperation({
    id: 'removePlan',
    method: 'DELETE',
    path: '/plans/{id}',
    tag,
    summary: 'Remove a rate plan that no SIM is on',
    rehearsable: true,
    permission: 'plans:write',
    params: Id,
    query: Type.Object({ reason: Reason }, closed),
  }),
  listTopUsage: defineOperation({
    id: 'listTopUsage',
    method: 'GET',
    path: '/plans/{id}/usage',
    tag,
    summary: 'The SIMs of a plan that used most in its running period',
    permission: 'plans:read',
    params: Id,
    query: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.usage.topRows })) }, closed),
    response: Type.Object({ items: Type.Array(TopRow) }),
  }),
  exportUsage: defineOperation({
    id: 'exportUsage',
    method: 'GET',
    path: '/plans/{id}/usage.csv',
    tag,
    summary: 'The same as a file, those that used most first',
    permission: 'plans:read',
    params: Id,
    download: 'text/csv',
  }),
  getSimUsage: defineOperation({
    id: 'getSimUsage',
    method: 'GET',
    path: '/sims/{id}/usage',
    tag,
    summary: 'What one SIM used in the running period of its plan, and before; the id may be an IMSI',
    permission: 'plans:read',
    params: Id,
    response: SimUsage,
  }),
  importUsage: defineOperation({
    id: 'importUsage',
    method: 'POST',
    path: '/usage/import',
    tag,
    summary: 'Usage records as CSV: imsi, from, to, bytes_up, bytes_down, reference[, source]; only looks unless dryRun=false',
    permission: 'usage:write',
    upload: 'text/csv',
    query: Type.Object({ dryRun: Type.Optional(Type.Boolean({ description: 'Default true' })) }, closed),
    response: UsageImport,
  }),
}
