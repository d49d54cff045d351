import { type Static, Type } from 'typebox'
import { reasons } from '#guard/verdict.ts'
import { defineOperation } from '../operation.ts'
import { Alarm } from './alarms.ts'
import { Message, Nullable, Time, Words } from './common.ts'
import { StatusCounts } from './controls.ts'
import { actions } from './signals.ts'

const states = ['ok', 'attention', 'refused', 'unknown'] as const

const Points = Type.Object({
  at: Time,
  critical: Type.Number(),
  standard: Type.Number(),
  deferrable: Type.Number(),
  offered: Type.Number(),
  rejected: Type.Number(),
})

const Readouts = Type.Object(
  {
    registrationsPerSecond: Nullable(Type.Number()),
    capacity: Nullable(Type.Number({ description: 'Registrations per second that admission control lets pass' })),
    attachSuccess: Nullable(Type.Number({ description: 'Share, 0 to 1; null where nothing was asked' })),
    attachObjective: Type.Number(),
    answerP99Ms: Nullable(Type.Number()),
    answerObjectiveMs: Type.Number(),
    vectorsToUnproven: Type.Integer(),
    vectors: Type.Integer(),
    criticalBack: Nullable(Type.Integer()),
    criticalTotal: Nullable(Type.Integer()),
    criticalP95S: Nullable(Type.Number()),
    devicesInT3402: Nullable(Type.Integer({ description: 'Only the simulator knows; null on a live network' })),
  },
  { title: 'Readouts' },
)

const Load = Type.Object(
  {
    stepS: Type.Number(),
    capacity: Nullable(Type.Number()),
    points: Type.Array(Points, { description: 'Per second figures: processed by class, offered and rejected in all' }),
    computed: Nullable(
      Type.Object({
        points: Type.Array(Type.Object({ at: Time, value: Type.Number() })),
        key: Type.String(),
        params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()])),
        peak: Type.Number(),
        criticalSilent: Type.Integer(),
      }),
    ),
  },
  { title: 'Load' },
)

export const Overview = Type.Object(
  {
    at: Time,
    windowS: Type.Integer(),
    verdict: Type.Object({
      state: Words(states),
      key: Type.String(),
      params: Message.properties.params,
      line: Nullable(Message),
    }),
    readouts: Readouts,
    load: Nullable(Load),
    events: Type.Array(Type.Object({ at: Time, key: Type.String(), params: Message.properties.params })),
    verdicts: Type.Array(
      Type.Object({
        reason: Words(reasons),
        action: Words(actions),
        answer: Nullable(Type.Integer({ description: 'The result code mostly given; null where none' })),
        count: Type.Integer(),
        when: Type.Array(Type.Integer(), { description: 'Counts in equal buckets over the window, oldest first' }),
      }),
    ),
    judged: Type.Integer(),
    partners: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        plmns: Type.Array(Type.String()),
        state: Words(states),
        registrationsPerSecond: Type.Number(),
        success: Nullable(Type.Number()),
        p95Ms: Nullable(Type.Number()),
        spark: Type.Array(Type.Number()),
      }),
    ),
    alarms: Type.Array(Alarm),
    controls: StatusCounts,
    needsYou: Type.Array(
      Type.Object({ key: Type.String(), params: Message.properties.params, state: Words(states), since: Time, link: Type.String() }),
    ),
    ledger: Type.Object({ verifiedAt: Nullable(Time), ok: Nullable(Type.Boolean()) }),
    store: Type.Object({ engine: Words(['pglite', 'postgresql']), latencyMs: Nullable(Type.Number()) }),
  },
  { title: 'Overview' },
)
export type Overview = Static<typeof Overview>

export const overviewOperations = {
  getOverview: defineOperation({
    id: 'getOverview',
    method: 'GET',
    path: '/overview',
    tag: 'overview',
    summary: 'The answer and its evidence over a window',
    permission: 'overview:read',
    // Literals and not an integer of Type.Unsafe: the validator reads a query's text as the former only.
    query: Type.Object({ windowS: Type.Optional(Type.Union([Type.Literal(300), Type.Literal(3600), Type.Literal(86400)])) }),
    response: Overview,
  }),
}
