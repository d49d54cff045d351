import { type Static, Type } from 'typebox'
import { intendedStates, subscriptionClasses } from '#domain/subscription.ts'
import { defineOperation } from '../operation.ts'
import { FilterText, Id, Message, Nullable, Page, PageQuery, Time, Words } from './common.ts'
import { SignalRow } from './signals.ts'

const imposedReasons = ['imei-lock', 'blocklisted', 'held', 'quota', 'abuse', 'operator-barring'] as const

const Effective = Type.Union(
  [
    Type.Object({ canConnect: Type.Literal(true) }),
    Type.Object({
      canConnect: Type.Literal(false),
      because: Words(['inventory', 'suspended', 'retired', ...imposedReasons]),
      permanent: Type.Boolean(),
      by: Type.String(),
    }),
  ],
  { title: 'EffectiveState' },
)

const simRow = {
  id: Type.String(),
  imsi: Type.String(),
  iccid: Type.String(),
  msisdn: Nullable(Type.String()),
  provider: Type.Object({ id: Type.String(), name: Type.String() }),
  class: Words(subscriptionClasses),
  intended: Words(intendedStates),
  effective: Effective,
  profile: Type.Object({ id: Type.String(), name: Type.String(), version: Type.Integer() }),
  lastSeenAt: Nullable(Time),
  visitedPlmn: Nullable(Type.String()),
  partnerName: Nullable(Type.String()),
  imei: Nullable(Type.String()),
  label: Nullable(Type.String()),
  group: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  planId: Nullable(Type.String()),
  held: Type.Boolean({ description: 'Its next attach waits for a person' }),
  lockedImei: Nullable(Type.String()),
  use: Words(['iot', 'handset']),
}

export const SimRow = Type.Object(simRow, { title: 'SimRow' })
export type SimRow = Static<typeof SimRow>

const Imposed = Type.Object({
  reason: Words(imposedReasons),
  by: Type.String(),
  since: Time,
  expiresAt: Nullable(Time),
  note: Type.String(),
})

const Apn = Type.Object({
  name: Type.String(),
  pdn: Type.String(),
  qci: Type.Integer(),
  arpPriority: Type.Integer(),
  localBreakout: Type.Boolean(),
  maxUplinkKbps: Type.Integer(),
  maxDownlinkKbps: Type.Integer(),
})

const ProfileView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  version: Type.Integer(),
  apns: Type.Array(Apn),
  voice: Type.Boolean(),
  sms: Type.Boolean(),
  otaSms: Type.Boolean(),
  roaming: Type.Object({ kind: Words(['anywhere', 'partners', 'home-only']), partners: Type.Array(Type.String()) }),
  imeiLock: Type.Boolean(),
  periodicTauSeconds: Type.Integer(),
  maxUplinkKbps: Type.Integer(),
  maxDownlinkKbps: Type.Integer(),
  compiled: Type.String({ description: 'S6a Subscription-Data as text' }),
})

const CanConnect = Type.Object(
  {
    value: Type.Boolean(),
    because: Nullable(Message),
    since: Nullable(Time),
    by: Nullable(Type.String()),
    control: Nullable(Type.String()),
    requirementIds: Type.Array(Type.String()),
    ruleId: Nullable(Type.String()),
    sticky: Nullable(
      Type.Object({
        resultCode: Type.Integer(),
        at: Time,
        clears: Message,
      }),
    ),
  },
  { title: 'CanConnect' },
)

export const SimDetail = Type.Object(
  {
    ...simRow,
    canConnect: CanConnect,
    imposed: Type.Array(Imposed),
    changedAt: Time,
    homePlmn: Type.String(),
    hssPartition: Type.String(),
    version: Type.Integer(),
    nextStates: Type.Array(Words(intendedStates), { description: 'Steps of the life cycle that may be taken from here' }),
    profileView: ProfileView,
    card: Type.Object({
      iccid: Type.String(),
      eid: Nullable(Type.String()),
      formFactor: Type.String(),
      use: Words(['iot', 'handset']),
      batchId: Type.String(),
      supplier: Nullable(Type.String({ description: 'null: the batch is the operator’s own' })),
      accreditation: Nullable(Type.Object({ scheme: Type.String(), reference: Type.String(), validUntil: Time })),
      otherImsis: Type.Array(Type.String()),
    }),
    registration: Nullable(
      Type.Object({
        mmeHost: Type.String(),
        mmeRealm: Type.String(),
        visitedPlmn: Type.String(),
        partnerId: Nullable(Type.String()),
        peerId: Nullable(Type.String()),
        registeredAt: Time,
        purged: Type.Boolean(),
        imei: Nullable(Type.String()),
        imeisv: Nullable(Type.String()),
        ratType: Nullable(Type.Integer()),
      }),
    ),
    expectedNext: Nullable(Type.Object({ from: Time, to: Time, because: Message })),
    kcv: Type.String({ description: 'Key check value; the key itself never leaves the vault' }),
    algorithm: Nullable(Words(['MILENAGE', 'TUAK'])),
  },
  { title: 'SimDetail' },
)
export type SimDetail = Static<typeof SimDetail>

export const TimelineItem = Type.Object(
  {
    id: Type.String(),
    at: Time,
    lane: Words(['signalling', 'policy', 'people']),
    key: Nullable(Type.String()),
    params: Message.properties.params,
    signal: Nullable(SignalRow),
    by: Nullable(Type.String()),
    byName: Nullable(Type.String({ description: 'null: no person, or one whom the reader may not know' })),
  },
  { title: 'TimelineItem' },
)
export type TimelineItem = Static<typeof TimelineItem>

const simSorts = ['imsi', '-imsi', '-lastSeen'] as const

export const simOperations = {
  listSims: defineOperation({
    id: 'listSims',
    method: 'GET',
    path: '/sims',
    tag: 'sims',
    summary: 'Subscriptions, a page by key',
    permission: 'sims:read',
    query: Type.Object({ filter: FilterText, ...PageQuery, sort: Type.Optional(Words(simSorts)) }, { additionalProperties: false }),
    response: Page(SimRow),
  }),
  getSim: defineOperation({
    id: 'getSim',
    method: 'GET',
    path: '/sims/{id}',
    tag: 'sims',
    summary: 'One subscription with its card, and whether it can connect now; the id may be an IMSI',
    permission: 'sims:read',
    versioned: true,
    params: Id,
    response: SimDetail,
  }),
  getSimTimeline: defineOperation({
    id: 'getSimTimeline',
    method: 'GET',
    path: '/sims/{id}/timeline',
    tag: 'sims',
    summary: 'What happened to it: signalling, policy and people, newest first',
    permission: 'sims:read',
    params: Id,
    query: Type.Object({ ...PageQuery }, { additionalProperties: false }),
    response: Page(TimelineItem),
  }),
}
