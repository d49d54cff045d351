import { type Static, Type } from 'typebox'
import { sourceClasses, statuses } from '../../control.ts'
import { defineOperation } from '../operation.ts'
import { Id, Message, Nullable, Time, Words } from './common.ts'

export const StatusCounts = Type.Object(
  {
    met: Type.Integer(),
    attested: Type.Integer(),
    notMet: Type.Integer(),
    unknown: Type.Integer(),
    offered: Type.Integer(),
    notOffered: Type.Integer(),
    notApplicable: Type.Integer(),
    total: Type.Integer(),
  },
  { title: 'StatusCounts' },
)
export type StatusCounts = Static<typeof StatusCounts>

const Texts = Type.Object({ en: Type.String(), zh: Type.String(), ja: Type.String() }, { title: 'Texts' })

export const Requirement = Type.Object(
  {
    id: Type.String({ description: 'clp14:5.6.1-06, en303645:5.3-2' }),
    number: Type.String({ description: 'Without the source: 5.6.1-06' }),
    source: Words(['clp14', 'en303645']),
    section: Type.String(),
    title: Texts,
    requirement: Texts,
    strength: Words(['shall', 'should', 'can', 'may', 'inform']),
    audience: Type.String(),
    kind: Words(['function', 'enforce', 'evidence']),
    status: Words(statuses),
    evidenceAt: Nullable(Time),
    sourceClass: Nullable(Words(sourceClasses)),
    controlIds: Type.Array(Type.String()),
    how: Type.String({ description: 'How the requirement can be served' }),
    because: Message,
  },
  { title: 'Requirement' },
)
export type Requirement = Static<typeof Requirement>

export const Control = Type.Object(
  {
    id: Type.String(),
    title: Message,
    requirementIds: Type.Array(Type.String()),
    how: Type.String({ description: 'How it is checked' }),
    coverage: Words(['whole', 'part'], { description: 'part: for none of its requirements it is all that is needed' }),
    partOf: Type.Array(Type.String(), { description: 'Requirements for which it is only a part' }),
    limits: Nullable(Type.String({ description: 'What this control does not show' })),
    status: Words(statuses),
    because: Message,
    checkedAt: Nullable(Time),
    since: Nullable(Time),
    evidenceAt: Nullable(Time),
    sourceClass: Nullable(Words(sourceClasses)),
    ruleIds: Type.Array(Type.String()),
  },
  { title: 'Control' },
)
export type Control = Static<typeof Control>

export const Evidence = Type.Object(
  {
    id: Type.String(),
    at: Time,
    status: Words(statuses),
    sourceClass: Nullable(Words(sourceClasses)),
    because: Message,
    signalId: Nullable(Type.String()),
  },
  { title: 'Evidence' },
)
export type Evidence = Static<typeof Evidence>

export const controlOperations = {
  listControls: defineOperation({
    id: 'listControls',
    method: 'GET',
    path: '/controls',
    tag: 'controls',
    summary: 'Every requirement with its true status, and the controls behind it',
    permission: 'controls:read',
    response: Type.Object({
      at: Time,
      requirements: Type.Array(Requirement),
      controls: Type.Array(Control),
      counts: StatusCounts,
      countsBySource: Type.Object({ clp14: StatusCounts, en303645: StatusCounts }),
      /** The rows addressed to the operator with shall or should: the score that means something. */
      operatorCore: StatusCounts,
    }),
  }),
  getControl: defineOperation({
    id: 'getControl',
    method: 'GET',
    path: '/controls/{id}',
    tag: 'controls',
    summary: 'One control with its evidence, newest first',
    permission: 'controls:read',
    params: Id,
    response: Type.Object({ control: Control, requirements: Type.Array(Requirement), evidence: Type.Array(Evidence) }),
  }),
}
