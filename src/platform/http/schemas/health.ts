import { type Static, Type } from 'typebox'
import { reasons } from '#guard/verdict.ts'
import { defineOperation } from '../operation.ts'
import { Count, Nullable, Page, PageQuery, Time, Words } from './common.ts'

const states = ['ok', 'attention', 'refused', 'unknown'] as const
const Provider = Type.Object({ id: Type.String(), name: Type.String() })
const ProviderId = Type.Optional(
  Type.String({ format: 'uuid', description: 'For the operator: which provider. A provider’s own people leave it out' }),
)
const Window = Type.Optional(
  Type.Integer({ minimum: 3_600, maximum: 2_592_000, description: 'How far back, in seconds; default 86400. Counted by the hour' }),
)
const EvidenceAt = Nullable(Type.Integer({ description: 'When the newest of it happened; null: nothing was seen' }))
const Network = Type.Object({
  plmn: Type.String({ description: '"" for what is not on record' }),
  name: Nullable(Type.String()),
  count: Type.Integer(),
})

const Attacks = Type.Object({
  refused: Type.Integer(),
  passed: Type.Integer({ description: 'Found forged by a rule that does not act' }),
  sims: Count,
  byRule: Type.Array(
    Type.Object({ ruleId: Type.String(), reason: Words(reasons), refused: Type.Integer(), passed: Type.Integer(), lastAt: Time }),
  ),
  byNetwork: Type.Array(Network, { description: 'Which network the messages claimed to come from' }),
  overTime: Type.Array(Type.Object({ at: Time, count: Type.Integer() }), {
    description: 'By the hour, or by the day over more than two days',
  }),
  evidenceAt: EvidenceAt,
})

const Refused = Type.Object({
  devices: Count,
  byReason: Type.Array(Type.Object({ reason: Words(reasons), devices: Count, messages: Type.Integer(), lastAt: Time })),
  evidenceAt: EvidenceAt,
})

const EquipmentChange = Type.Object({
  imsi: Type.String(),
  from: Type.String({ description: '14 digits' }),
  to: Type.String(),
  outcome: Words(['registered', 'refused'], { description: 'refused: the IMEI lock kept it out' }),
  visitedPlmn: Type.String(),
  times: Type.Integer(),
  lastAt: Time,
})

const Equipment = Type.Object({
  state: Words(['watched', 'no-agreement'], { description: 'no-agreement: without a data-processing agreement devices are not watched' }),
  observed: Count,
  changed: Count,
  recent: Type.Array(EquipmentChange),
  evidenceAt: EvidenceAt,
})

const Radio = Type.Object({
  weak: Count,
  byType: Type.Array(Type.Object({ ratType: Type.Integer({ description: 'TS 29.212 §5.3.31' }), weak: Type.Boolean(), sims: Count })),
  unsaid: Count,
})

const Due = Type.Object({
  kind: Words(['card-batch', 'client']),
  name: Type.String(),
  subject: Type.String(),
  dueAt: Nullable(Type.Integer({ description: 'null: none is on record' })),
  state: Words(states),
  checkedAt: Time,
})

const Waiting = Type.Object({ kind: Words(['held', 'approvals', 'quotas']), count: Count })

export const Health = Type.Object(
  {
    at: Time,
    provider: Provider,
    windowS: Type.Integer(),
    attacks: Attacks,
    refused: Refused,
    equipment: Equipment,
    radio: Radio,
    due: Type.Array(Due),
    waiting: Type.Array(Waiting),
  },
  { title: 'Health' },
)
export type Health = Static<typeof Health>

const ProviderHealth = Type.Object(
  {
    provider: Provider,
    state: Words(states),
    attacks: Type.Integer(),
    passed: Type.Integer(),
    refusedMessages: Type.Integer(),
    equipmentChanges: Type.Integer(),
    agreement: Type.Boolean(),
    servicesBelow: Type.Integer({ description: 'Services under their objective' }),
    evidenceAt: EvidenceAt,
  },
  { title: 'ProviderHealth' },
)
export type ProviderHealth = Static<typeof ProviderHealth>

const ServiceNetwork = Type.Object({
  plmn: Type.String(),
  name: Nullable(Type.String()),
  gotIn: Type.Integer(),
  keptOut: Type.Integer(),
  lastGotInAt: Nullable(Type.Integer()),
  usable: Type.Boolean({ description: 'A device of this service registered there within 30 days' }),
})

export const ServiceHealth = Type.Object(
  {
    id: Type.String(),
    kind: Words(['group', 'profile'], { description: 'profile: SIMs in no group that is a service' }),
    name: Type.String(),
    target: Nullable(Type.Number({ description: 'null: a profile has no objective of its own' })),
    windowS: Type.Integer(),
    gotIn: Type.Integer({ description: 'Devices that got in; one that retries counts once within five minutes' }),
    keptOut: Type.Integer(),
    refused: Type.Integer({ description: 'Refused by policy: not unavailability' }),
    good: Nullable(Type.Number({ description: 'Got in, of all that tried; null where none did' })),
    budgetLeft: Nullable(Type.Number()),
    burn: Type.Array(Type.Object({ windowS: Type.Integer(), rate: Nullable(Type.Number()) })),
    state: Words(states),
    usableNetworks: Type.Integer(),
    networks: Type.Array(ServiceNetwork),
    hours: Type.Array(Type.Object({ at: Time, gotIn: Type.Integer(), keptOut: Type.Integer() }), { description: 'The last 24 h' }),
    evidenceAt: EvidenceAt,
  },
  { title: 'ServiceHealth' },
)
export type ServiceHealth = Static<typeof ServiceHealth>

const grades = ['proven', 'claimed', 'on-record', 'absent'] as const
export const SeenDevice = Type.Object(
  {
    imsi: Type.String(),
    imei: Nullable(Type.String()),
    softwareVersion: Nullable(Type.String()),
    eid: Nullable(Type.String()),
    visitedPlmn: Type.String(),
    networkName: Nullable(Type.String()),
    ratType: Nullable(Type.Integer()),
    assurance: Type.Object({
      imsi: Words(grades, { description: 'proven: it authenticated with the key of its card' }),
      network: Words(grades, { description: 'proven: the link shows that it is this partner’s' }),
      imei: Words(grades, { description: 'on-record: the device is the one that the SIM is bound to; claimed: the device says so' }),
      eid: Words(grades),
    }),
    firstAt: Time,
    seenAt: Time,
  },
  { title: 'SeenDevice' },
)
export type SeenDevice = Static<typeof SeenDevice>

export const healthOperations = {
  getHealth: defineOperation({
    id: 'getHealth',
    method: 'GET',
    path: '/health',
    tag: 'health',
    summary: 'Security health of one provider: attacks on its SIMs, devices refused and why, devices that changed, what runs out',
    permission: 'health:read',
    query: Type.Object({ providerId: ProviderId, windowS: Window }),
    response: Health,
  }),
  listProviderHealth: defineOperation({
    id: 'listProviderHealth',
    method: 'GET',
    path: '/health/providers',
    tag: 'health',
    summary: 'Providers that the asker sees, worst first',
    permission: 'health:read',
    query: Type.Object({ windowS: Window }),
    response: Type.Object({ items: Type.Array(ProviderHealth), count: Count }),
  }),
  listServiceHealth: defineOperation({
    id: 'listServiceHealth',
    method: 'GET',
    path: '/health/services',
    tag: 'health',
    summary: 'Availability of the services of one provider against their objectives, and the networks that they can use',
    permission: 'health:read',
    query: Type.Object({ providerId: ProviderId }),
    response: Type.Object({ at: Time, items: Type.Array(ServiceHealth), count: Count }),
  }),
  listSeenDevices: defineOperation({
    id: 'listSeenDevices',
    method: 'GET',
    path: '/health/devices',
    tag: 'health',
    summary: 'Which device, card and network were last observed with each IMSI, and how sure each of them is',
    permission: 'health:read',
    query: Type.Object({
      providerId: ProviderId,
      weak: Type.Optional(Type.Boolean({ description: 'GERAN and UTRAN only' })),
      ...PageQuery,
    }),
    response: Page(SeenDevice),
  }),
}
