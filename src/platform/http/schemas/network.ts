import { type Static, Type } from 'typebox'
import { partnerWaivers } from '#domain/partner.ts'
import { ruleModes } from '#guard/rule.ts'
import { reasons } from '#guard/verdict.ts'
import { defineOperation } from '../operation.ts'
import { Count, Id, Nullable, Plmn, Reason, Time, Words } from './common.ts'
import { actions } from './signals.ts'

const Name = Type.String({ minLength: 1, maxLength: 255 })
const Names = (maxItems: number) => Type.Array(Name, { maxItems })

const partnerBody = {
  name: Name,
  plmns: Type.Array(Plmn, { minItems: 1, maxItems: 64 }),
  realms: Names(256),
  hosts: Names(4096),
  addresses: Names(4096),
  location: Nullable(
    Type.Tuple([
      Type.Number({ minimum: -90, maximum: 90 }),
      Type.Number({ minimum: -180, maximum: 180 }),
      Type.Number({ minimum: 0, maximum: 20_038 }),
    ]),
  ),
  via: Names(64),
  topologyHiding: Type.Boolean(),
  agreedRate: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
  validFrom: Time,
  validUntil: Nullable(Time),
  source: Name,
  confirmedAt: Time,
  waivers: Type.Array(Words(partnerWaivers), { maxItems: partnerWaivers.length }),
  equivalentPlmns: Type.Array(Plmn, { maxItems: 64 }),
  nodeNumbers: Type.Optional(Type.Array(Type.String({ pattern: '^\\+?[0-9]{1,15}$' }), { maxItems: 1024 })),
  abatement: Type.Optional(Words(['random', 'low-priority-first'])),
}

export const PartnerRow = Type.Object(
  {
    id: Type.String(),
    ...partnerBody,
    live: Type.Object({
      peers: Type.Array(Type.Object({ id: Type.String(), identity: Type.String(), up: Type.Boolean() })),
      registrationsPerSecond: Type.Number(),
      success: Nullable(Type.Number()),
      p95Ms: Nullable(Type.Number()),
      refused: Type.Integer(),
      waiversUsed: Type.Record(Type.String(), Type.Integer()),
      registered: Nullable(Type.Integer({ description: 'SIMs of ours there now' })),
      ageS: Type.Number({ description: 'Since the data was last confirmed' }),
    }),
  },
  { title: 'Partner' },
)
export type PartnerRow = Static<typeof PartnerRow>

const peerBody = {
  identity: Name,
  realm: Name,
  role: Words(['node', 'agent']),
  linkClass: Words(['own', 'national', 'ipx']),
  transport: Words(['tcp', 'tls']),
  realms: Names(256),
  connectTo: Nullable(Type.Object({ host: Name, port: Type.Integer({ minimum: 1, maximum: 65_535 }) }, { additionalProperties: false })),
  enabled: Type.Boolean(),
}

export const PeerView = Type.Object(
  {
    id: Type.String(),
    ...peerBody,
    live: Type.Object({
      state: Type.String({ description: 'open, closed, ...' }),
      up: Type.Boolean(),
      tls: Nullable(Type.Object({ version: Type.String(), cipher: Type.String(), certificateExpiresAt: Nullable(Time) })),
      remoteAddress: Nullable(Type.String()),
      openSince: Nullable(Time),
      messagesIn: Nullable(Type.Integer()),
      messagesOut: Nullable(Type.Integer()),
    }),
  },
  { title: 'Peer' },
)
export type PeerView = Static<typeof PeerView>

export const RuleView = Type.Object(
  {
    id: Type.String(),
    interface: Type.String(),
    operations: Type.Array(Type.String()),
    when: Type.String({ description: 'The predicate as text' }),
    action: Words(actions),
    reason: Words(reasons),
    alert: Type.Boolean(),
    says: Type.String(),
    spec: Type.String(),
    control: Type.String(),
    requirementIds: Type.Array(Type.String()),
    mode: Words(ruleModes),
    defaultMode: Words(ruleModes),
    changedBy: Nullable(Type.String()),
    changedAt: Nullable(Time),
    changeReason: Nullable(Type.String()),
    decided: Type.Integer({ description: 'Messages that it decided since start' }),
    wouldHave: Type.Integer({ description: 'Messages that it would have decided, were it active' }),
    lastAt: Nullable(Time),
  },
  { title: 'Rule' },
)
export type RuleView = Static<typeof RuleView>

const List = <S extends Parameters<typeof Type.Array>[0]>(items: S) =>
  Type.Object({ items: Type.Array(items), next: Nullable(Type.String()), count: Count })

const reasonMember = { changeReason: Type.Optional(Reason) }

export const networkOperations = {
  listPartners: defineOperation({
    id: 'listPartners',
    method: 'GET',
    path: '/partners',
    tag: 'network',
    summary: 'Roaming partners with their live state, worst first',
    permission: 'network:read',
    response: List(PartnerRow),
  }),
  getPartner: defineOperation({
    id: 'getPartner',
    method: 'GET',
    path: '/partners/{id}',
    tag: 'network',
    summary: 'One roaming partner',
    permission: 'network:read',
    params: Id,
    response: PartnerRow,
  }),
  putPartner: defineOperation({
    id: 'putPartner',
    method: 'PUT',
    path: '/partners/{id}',
    tag: 'network',
    summary: 'Add or replace a roaming partner; takes effect at once',
    permission: 'network:write',
    params: Id,
    body: Type.Object({ ...partnerBody, ...reasonMember }, { additionalProperties: false }),
    response: PartnerRow,
  }),
  listPeers: defineOperation({
    id: 'listPeers',
    method: 'GET',
    path: '/peers',
    tag: 'network',
    summary: 'Diameter neighbours with the state of their links',
    permission: 'network:read',
    response: List(PeerView),
  }),
  getPeer: defineOperation({
    id: 'getPeer',
    method: 'GET',
    path: '/peers/{id}',
    tag: 'network',
    summary: 'One Diameter neighbour',
    permission: 'network:read',
    params: Id,
    response: PeerView,
  }),
  putPeer: defineOperation({
    id: 'putPeer',
    method: 'PUT',
    path: '/peers/{id}',
    tag: 'network',
    summary: 'Add or replace a Diameter neighbour; takes effect at once',
    permission: 'network:write',
    params: Id,
    body: Type.Object({ ...peerBody, ...reasonMember }, { additionalProperties: false }),
    response: PeerView,
  }),
  deletePeer: defineOperation({
    id: 'deletePeer',
    method: 'DELETE',
    path: '/peers/{id}',
    tag: 'network',
    summary: 'Remove a Diameter neighbour and close its link',
    rehearsable: true,
    permission: 'network:write',
    params: Id,
    query: Type.Object({ reason: Type.Optional(Reason) }),
  }),
}

export const ruleOperations = {
  listRules: defineOperation({
    id: 'listRules',
    method: 'GET',
    path: '/rules',
    tag: 'rules',
    summary: 'Screening rules with their modes and what they did',
    permission: 'network:read',
    response: List(RuleView),
  }),
  setRuleMode: defineOperation({
    id: 'setRuleMode',
    method: 'PATCH',
    path: '/rules/{id}',
    tag: 'rules',
    summary: 'Set the mode of a rule, with the reason',
    permission: 'rules:write',
    params: Id,
    body: Type.Object({ mode: Words(ruleModes), reason: Reason }, { additionalProperties: false }),
    response: RuleView,
  }),
}
