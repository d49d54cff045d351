import { type Static, Type } from 'typebox'
import { approvalStates } from '../../approval.ts'
import { defineOperation } from '../operation.ts'
import { FilterText, Id, Message, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'

const Who = Type.Object({
  id: Type.String(),
  name: Nullable(Type.String({ description: 'null: a client, or a person whom the reader may not know' })),
})
const decisions = ['approve', 'refuse'] as const

export const Approval = Type.Object(
  {
    id: Type.String(),
    kind: Type.String({ description: 'What executes it once it is approved: `sim-change`, `bulk-job`, ...' }),
    state: Words(approvalStates),
    summary: Message,
    reason: Type.String(),
    command: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'What will be done, and nothing else',
    }),
    commandHash: Type.String({ description: 'SHA-256 over the canonical JSON (RFC 8785) of {command, id, kind, providerId}, hex' }),
    provider: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
    imsi: Nullable(Type.String()),
    requestedBy: Nullable(Who),
    requestedAt: Time,
    expiresAt: Time,
    closedAt: Nullable(Time),
    failure: Nullable(Type.String()),
    needed: Type.Integer(),
    deciders: Words(['provider', 'operator']),
    decisions: Type.Array(
      Type.Object({
        person: Who,
        decision: Words(decisions),
        reason: Type.String(),
        at: Time,
        signed: Type.Boolean({ description: 'False: in the demo, which knows no passkeys' }),
      }),
    ),
    obstacle: Nullable(
      Words(['closed', 'own', 'decided', 'operator-only', 'people-only', 'not-allowed', 'passkey-needed'], {
        description: 'Why the reader cannot decide it; null: they can',
      }),
    ),
    mayWithdraw: Type.Boolean(),
  },
  { title: 'Approval' },
)
export type Approval = Static<typeof Approval>

const ApprovalSigning = Type.Object(
  {
    commandHash: Type.String(),
    /** null in the demo. */
    options: Nullable(
      Type.Object({
        challenge: Type.String({ description: 'base64url; made of the command’s hash, the decision and the person' }),
        rpId: Type.String(),
        allowCredentials: Type.Array(
          Type.Object({ id: Type.String(), type: Type.Literal('public-key'), transports: Type.Array(Type.String()) }),
        ),
        userVerification: Type.Literal('required'),
        timeout: Type.Integer(),
      }),
    ),
  },
  { title: 'ApprovalSigning' },
)

export const approvalOperations = {
  listApprovals: defineOperation({
    id: 'listApprovals',
    method: 'GET',
    path: '/approvals',
    tag: 'approvals',
    summary: 'What waits for persons, and what was decided, newest first',
    permission: 'approvals:read',
    query: Type.Object(
      { state: Type.Optional(Words(['waiting', 'decided', 'all'])), filter: FilterText, ...PageQuery },
      { additionalProperties: false },
    ),
    response: Page(Approval),
  }),
  getApproval: defineOperation({
    id: 'getApproval',
    method: 'GET',
    path: '/approvals/{id}',
    tag: 'approvals',
    summary: 'One approval with its command and what each person decided',
    permission: 'approvals:read',
    params: Id,
    response: Approval,
  }),
  getApprovalSigning: defineOperation({
    id: 'getApprovalSigning',
    method: 'GET',
    path: '/approvals/{id}/signing',
    tag: 'approvals',
    summary: 'What your passkey has to sign for a decision',
    permission: 'approvals:decide',
    peopleOnly: true,
    params: Id,
    query: Type.Object({ decision: Words(decisions) }, { additionalProperties: false }),
    response: ApprovalSigning,
  }),
  decideApproval: defineOperation({
    id: 'decideApproval',
    method: 'POST',
    path: '/approvals/{id}/decision',
    tag: 'approvals',
    summary: 'Approve or refuse it, signed with a passkey',
    permission: 'approvals:decide',
    peopleOnly: true,
    params: Id,
    body: Type.Object(
      {
        decision: Words(decisions),
        reason: Reason,
        response: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'The browser’s PublicKeyCredential as JSON' })),
      },
      { additionalProperties: false },
    ),
    response: Approval,
  }),
  getApprovalReceipt: defineOperation({
    id: 'getApprovalReceipt',
    method: 'GET',
    path: '/approvals/{id}/receipt',
    tag: 'approvals',
    summary: 'Proof of who asked, who agreed and what was done: ./simward ledger verify-receipt reads it, offline',
    permission: 'approvals:read',
    params: Id,
    download: 'application/json',
  }),
  withdrawApproval: defineOperation({
    id: 'withdrawApproval',
    method: 'POST',
    path: '/approvals/{id}/withdraw',
    tag: 'approvals',
    summary: 'Take back what you asked for',
    permission: 'approvals:read',
    params: Id,
    body: Type.Object({ reason: Reason }, { additionalProperties: false }),
    response: Approval,
  }),
}
