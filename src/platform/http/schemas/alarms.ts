import { type Static, Type } from 'typebox'
import { defineOperation } from '../operation.ts'
import { Count, Id, Message, Nullable, Time, Words } from './common.ts'

const alarmStates = ['raised', 'acknowledged', 'cleared'] as const
const severities = ['critical', 'major', 'minor', 'warning'] as const

export const Alarm = Type.Object(
  {
    id: Type.String(),
    key: Type.String({ description: 'What the alarm is about; a second one with the same key only counts up' }),
    kind: Type.String(),
    severity: Words(severities),
    state: Words(alarmStates),
    title: Message,
    cause: Message,
    action: Message,
    owner: Nullable(Type.String()),
    source: Type.String({ description: 'The function that raised it' }),
    partnerId: Nullable(Type.String()),
    imsi: Nullable(Type.String()),
    raisedAt: Time,
    lastAt: Time,
    count: Type.Integer(),
    acknowledgedAt: Nullable(Time),
    clearedAt: Nullable(Time),
    note: Nullable(Type.String()),
  },
  { title: 'Alarm' },
)
export type Alarm = Static<typeof Alarm>

export const Objective = Type.Object(
  {
    id: Type.String(),
    target: Type.Number({ description: 'Share that should be good, 0 to 1' }),
    windowS: Type.Integer(),
    good: Nullable(Type.Number({ description: 'Share that was good; null where nothing was asked' })),
    budgetLeft: Nullable(Type.Number({ description: 'Share of the error budget left; below 0 it is overspent' })),
    burn: Type.Array(Type.Object({ windowS: Type.Integer(), rate: Nullable(Type.Number()) })),
    state: Words(['ok', 'attention', 'refused', 'unknown']),
  },
  { title: 'Objective' },
)
export type Objective = Static<typeof Objective>

const Outlet = Type.Object({
  id: Words(['webhook', 'syslog', 'email']),
  configured: Type.Boolean(),
  detail: Type.String({ description: 'Where it goes, or which setting to give' }),
  sent: Type.Integer(),
  failed: Type.Integer(),
  dropped: Type.Integer(),
  lastError: Nullable(Type.String()),
})

const Note = Type.Object({ note: Type.String({ maxLength: 1000 }) }, { additionalProperties: false })

export const alarmOperations = {
  listAlarms: defineOperation({
    id: 'listAlarms',
    method: 'GET',
    path: '/alarms',
    tag: 'alarms',
    summary: 'Alarms, newest first; raised and acknowledged ones unless asked otherwise',
    permission: 'alarms:read',
    query: Type.Object({ state: Type.Optional(Words(['raised', 'acknowledged', 'cleared', 'open', 'all'])) }),
    response: Type.Object({
      items: Type.Array(Alarm),
      next: Nullable(Type.String()),
      count: Count,
      objectives: Type.Array(Objective),
      outlets: Type.Array(Outlet),
    }),
  }),
  acknowledgeAlarm: defineOperation({
    id: 'acknowledgeAlarm',
    method: 'POST',
    path: '/alarms/{id}/acknowledge',
    tag: 'alarms',
    summary: 'Take ownership of an alarm',
    permission: 'alarms:write',
    params: Id,
    body: Note,
    response: Alarm,
  }),
  clearAlarm: defineOperation({
    id: 'clearAlarm',
    method: 'POST',
    path: '/alarms/{id}/clear',
    tag: 'alarms',
    summary: 'Say that the cause is gone',
    permission: 'alarms:write',
    params: Id,
    body: Note,
    response: Alarm,
  }),
}
