import { type Static, Type } from 'typebox'
import { ruleModes } from '#guard/rule.ts'
import { reasons } from '#guard/verdict.ts'
import { defineOperation } from '../operation.ts'
import { FilterText, Id, Nullable, Page, PageQuery, Time, Words } from './common.ts'

export const actions = ['allow', 'reject', 'drop', 'sinkhole', 'hold', 'challenge', 'home-route'] as const

const Fact = Type.Object(
  { name: Type.String(), value: Type.String(), source: Words(['proven', 'claimed', 'state', 'policy']) },
  { title: 'Fact' },
)

const signalRow = {
  id: Type.String(),
  at: Time,
  interface: Type.String(),
  operation: Type.String(),
  direction: Words(['in', 'out']),
  peerId: Type.String(),
  partnerId: Nullable(Type.String()),
  partnerName: Nullable(Type.String()),
  originHost: Type.String(),
  originRealm: Type.String(),
  visitedPlmn: Nullable(Type.String()),
  imsi: Nullable(Type.String()),
  providerId: Nullable(Type.String()),
  class: Nullable(Type.String()),
  action: Words(actions),
  reason: Words(reasons),
  ruleId: Type.String(),
  facts: Type.Array(Fact),
  shadow: Type.Array(Type.Object({ ruleId: Type.String(), action: Words(actions), reason: Words(reasons) })),
  alert: Type.Boolean(),
  resultCode: Nullable(Type.Integer()),
  latencyMs: Type.Number(),
  heldMs: Type.Number(),
  vectors: Type.Integer(),
}

export const SignalRow = Type.Object(signalRow, { title: 'SignalRow', description: 'One judged message' })
export type SignalRow = Static<typeof SignalRow>

/** As protocols/diameter/describe.ts makes it: a tree for people. */
export interface AvpNode {
  code: number
  name: string
  vendor: number
  flags: string
  type: string
  value: string
  offset: number
  length: number
  fault?: string
  children?: AvpNode[]
}

/** Registered once by its $id, because it holds itself. */
export const AvpNode = Type.Object(
  {
    code: Type.Integer(),
    name: Type.String(),
    vendor: Type.Integer(),
    flags: Type.String(),
    type: Type.String(),
    value: Type.String(),
    offset: Type.Integer({ description: 'Octets from the start of the message' }),
    length: Type.Integer(),
    fault: Type.Optional(Type.String()),
    children: Type.Optional(Type.Array(Type.Unsafe<AvpNode>({ $ref: 'AvpNode#' }))),
  },
  { $id: 'AvpNode' },
)

export const MessageView = Type.Object(
  { hex: Type.String(), name: Type.String(), tree: Type.Array(Type.Unsafe<AvpNode>({ $ref: 'AvpNode#' })) },
  { title: 'MessageView', description: 'Octets of one message and what they say' },
)
export type MessageView = Static<typeof MessageView>

export const SignalDetail = Type.Object(
  {
    ...signalRow,
    request: Nullable(MessageView),
    answer: Nullable(MessageView),
    rule: Nullable(
      Type.Object({
        id: Type.String(),
        says: Type.String(),
        when: Type.String({ description: 'The predicate as text' }),
        mode: Words(ruleModes),
        control: Type.String(),
        spec: Type.String(),
        requirementIds: Type.Array(Type.String()),
      }),
    ),
  },
  { title: 'SignalDetail' },
)
export type SignalDetail = Static<typeof SignalDetail>

export const signalOperations = {
  listSignals: defineOperation({
    id: 'listSignals',
    method: 'GET',
    path: '/signals',
    tag: 'signals',
    summary: 'Judged messages, newest first',
    permission: 'signals:read',
    query: Type.Object({ filter: FilterText, ...PageQuery }, { additionalProperties: false }),
    response: Page(SignalRow),
  }),
  getSignal: defineOperation({
    id: 'getSignal',
    method: 'GET',
    path: '/signals/{id}',
    tag: 'signals',
    summary: 'One message: octets, elements, verdict, rule and facts',
    permission: 'signals:read',
    params: Id,
    response: SignalDetail,
  }),
}
