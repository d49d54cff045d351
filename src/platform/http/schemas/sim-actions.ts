import { type Static, Type } from 'typebox'
import { intendedStates, subscriptionClasses } from '#domain/subscription.ts'
import { defineOperation } from '../operation.ts'
import { Id, Message, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'

export const actionStates = ['waiting', 'committed', 'telling', 'done', 'failed', 'dropped'] as const
export type ActionState = (typeof actionStates)[number]

const ChangeLine = Type.Object({
  kind: Words(['state', 'profile', 'class', 'group', 'plan', 'label', 'imei-lock', 'hold', 'partition', 'impose', 'lift']),
  from: Nullable(Type.String({ description: 'As a person reads it: names of profiles and groups, not ids' })),
  to: Nullable(Type.String()),
})
export type ChangeLine = Static<typeof ChangeLine>

export const SimAction = Type.Object(
  {
    id: Type.String(),
    sim: Type.Object({ id: Type.String(), imsi: Type.String() }),
    providerId: Type.String(),
    actor: Type.String(),
    actorName: Nullable(Type.String()),
    address: Nullable(Type.String()),
    reason: Type.String(),
    changes: Type.Array(ChangeLine),
    state: Words(actionStates, {
      description:
        'waiting for persons; committed: the network functions obey it; telling its serving node; done; failed; dropped: nobody agreed',
    }),
    approvalId: Nullable(Type.String()),
    told: Nullable(
      Type.Object({
        outcome: Words(['confirmed', 'failed', 'not-registered'], {
          description: 'not-registered: no node serves it; it meets the new state at its next attempt',
        }),
        operation: Nullable(Words(['IDR', 'CLR'])),
        resultCode: Nullable(Type.Integer({ description: 'Result-Code or Experimental-Result-Code of the serving node' })),
        at: Time,
      }),
    ),
    problem: Nullable(Type.String()),
    requestedAt: Time,
    committedAt: Nullable(Time),
    doneAt: Nullable(Time),
  },
  { title: 'SimAction' },
)
export type SimAction = Static<typeof SimAction>

const ChangePreview = Type.Object(
  {
    outcome: Words(['changed', 'unchanged', 'refused', 'needs-approval']),
    code: Nullable(Type.String()),
    detail: Nullable(Type.String()),
    needed: Nullable(Type.Integer({ description: 'Persons who must agree in all' })),
    changes: Type.Array(ChangeLine),
    effects: Type.Array(Message, { description: 'What will happen to the device and to whom' }),
  },
  { title: 'SimChangePreview' },
)
export type ChangePreview = Static<typeof ChangePreview>

const ChangeAnswer = Type.Object(
  {
    outcome: Words(['previewed', 'accepted', 'waiting', 'unchanged']),
    preview: ChangePreview,
    action: Nullable(SimAction),
    approvalId: Nullable(Type.String()),
  },
  { title: 'SimChangeAnswer' },
)
export type ChangeAnswer = Static<typeof ChangeAnswer>

const closed = { additionalProperties: false }
const DryRun = Type.Object({ dryRun: Type.Optional(Type.Boolean({ description: 'Say what would happen, and change nothing' })) }, closed)
const onOne = { tag: 'sims', permission: 'sims:write', status: 202, params: Id, query: DryRun, response: ChangeAnswer } as const
const Imei = Type.String({ pattern: '^[0-9]{14}$', description: '14 digits; the 15th is spare or a check digit' })

export const simActionOperations = {
  updateSim: defineOperation({
    ...onOne,
    id: 'updateSim',
    method: 'PATCH',
    path: '/sims/{id}',
    summary: 'Change what of a subscription its owner decides; all of it or nothing',
    versioned: true,
    body: Type.Object(
      {
        reason: Reason,
        class: Type.Optional(Words(subscriptionClasses)),
        label: Type.Optional(Nullable(Type.String({ maxLength: 120 }))),
        groupId: Type.Optional(Nullable(Type.String({ maxLength: 64 }))),
        planId: Type.Optional(Nullable(Type.String({ maxLength: 64 }))),
        profileId: Type.Optional(Type.String({ maxLength: 64 })),
        hssPartition: Type.Optional(Type.String({ maxLength: 32 })),
        lockedImei: Type.Optional(Nullable(Imei)),
      },
      closed,
    ),
  }),
  setSimState: defineOperation({
    ...onOne,
    id: 'setSimState',
    method: 'POST',
    path: '/sims/{id}/state',
    summary: 'A step of the life cycle; `retired` is the only one without a way back',
    body: Type.Object({ to: Words(intendedStates), reason: Reason }, closed),
  }),
  holdSim: defineOperation({
    ...onOne,
    id: 'holdSim',
    method: 'POST',
    path: '/sims/{id}/hold',
    summary: 'Let its next attach wait for a person',
    body: Type.Object({ reason: Reason }, closed),
  }),
  releaseSim: defineOperation({
    ...onOne,
    id: 'releaseSim',
    method: 'POST',
    path: '/sims/{id}/release',
    summary: 'Let a held SIM in at its next attempt',
    peopleOnly: true,
    stepUp: true,
    body: Type.Object({ reason: Reason }, closed),
  }),
  setSimImeiLock: defineOperation({
    ...onOne,
    id: 'setSimImeiLock',
    method: 'POST',
    path: '/sims/{id}/imei-lock',
    summary: 'Bind the card to another device, or release it: then the next device seen is bound',
    body: Type.Object({ imei: Nullable(Imei), reason: Reason }, closed),
  }),
  barSim: defineOperation({
    ...onOne,
    id: 'barSim',
    method: 'POST',
    path: '/sims/{id}/bar',
    summary: 'Bar it for the operator, until lifted or until a time',
    body: Type.Object({ reason: Reason, expiresAt: Type.Optional(Nullable(Time)) }, closed),
  }),
  liftSim: defineOperation({
    ...onOne,
    id: 'liftSim',
    method: 'POST',
    path: '/sims/{id}/lift',
    summary: 'Take away what a control or the operator imposed',
    body: Type.Object({ what: Words(['quota', 'abuse', 'operator-barring', 'imei-lock']), reason: Reason }, closed),
  }),
  listActions: defineOperation({
    id: 'listActions',
    method: 'GET',
    path: '/actions',
    tag: 'sims',
    summary: 'Changes of single SIMs, newest first',
    permission: 'sims:read',
    query: Type.Object({ ...PageQuery, imsi: Type.Optional(Type.String({ pattern: '^[0-9]{6,15}$' })) }, closed),
    response: Page(SimAction),
  }),
  getAction: defineOperation({
    id: 'getAction',
    method: 'GET',
    path: '/actions/{id}',
    tag: 'sims',
    summary: 'One change: whether it is committed, and what the serving node made of it',
    permission: 'sims:read',
    params: Id,
    response: SimAction,
  }),
} as const
