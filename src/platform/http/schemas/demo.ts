import { type Static, Type } from 'typebox'
import { reasons } from '#guard/verdict.ts'
import { defineOperation } from '../operation.ts'
import { Message, Nullable, Time, Words } from './common.ts'
import { actions } from './signals.ts'

export const Attack = Type.Object(
  {
    name: Type.String(),
    claims: Message,
    wouldHaveGiven: Message,
    ruleId: Type.String(),
    requirementIds: Type.Array(Type.String()),
    last: Nullable(
      Type.Object({
        at: Time,
        refused: Type.Boolean(),
        action: Words(actions),
        reason: Words(reasons),
        ruleId: Type.String(),
        resultCode: Nullable(Type.Integer()),
        vectors: Type.Integer(),
        signalId: Nullable(Type.String()),
      }),
    ),
  },
  { title: 'Attack' },
)
export type Attack = Static<typeof Attack>

export const StoryStep = Type.Object(
  {
    id: Type.String(),
    at: Nullable(Time),
    chapter: Type.String(),
    key: Type.String(),
    params: Message.properties.params,
    state: Words(['waiting', 'running', 'done', 'failed']),
    link: Nullable(Type.String()),
  },
  { title: 'StoryStep' },
)
export type StoryStep = Static<typeof StoryStep>

export const Outage = Type.Object(
  { running: Type.Boolean(), startedAt: Nullable(Time), devices: Type.Integer(), spreadS: Type.Number(), back: Type.Integer() },
  { title: 'Outage' },
)

export const demoOperations = {
  listAttacks: defineOperation({
    id: 'listAttacks',
    method: 'GET',
    path: '/demo/attacks',
    tag: 'demo',
    summary: 'Attacks that the simulator can make',
    permission: 'demo:run',
    demoOnly: true,
    response: Type.Object({ items: Type.Array(Attack) }),
  }),
  runAttack: defineOperation({
    id: 'runAttack',
    method: 'POST',
    path: '/demo/attacks/{name}',
    tag: 'demo',
    summary: 'Make one attack now, over a real socket',
    permission: 'demo:run',
    demoOnly: true,
    params: Type.Object({ name: Type.String({ maxLength: 64 }) }),
    response: Attack,
  }),
  getStory: defineOperation({
    id: 'getStory',
    method: 'GET',
    path: '/demo/story',
    tag: 'demo',
    summary: 'The demo’s story so far',
    permission: 'demo:run',
    demoOnly: true,
    response: Type.Object({ steps: Type.Array(StoryStep), done: Type.Boolean(), outage: Outage }),
  }),
  startOutage: defineOperation({
    id: 'startOutage',
    method: 'POST',
    path: '/demo/outage',
    tag: 'demo',
    summary: 'Take a region down and let its devices return',
    permission: 'demo:run',
    demoOnly: true,
    body: Type.Object(
      {
        devices: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
        spreadS: Type.Optional(Type.Number({ minimum: 0, maximum: 3600 })),
      },
      { additionalProperties: false },
    ),
    response: Outage,
  }),
}
