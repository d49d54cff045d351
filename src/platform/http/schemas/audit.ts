import { type Static, Type } from 'typebox'
import { defineOperation } from '../operation.ts'
import { FilterText, Id, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'

export const LedgerEntry = Type.Object(
  {
    id: Type.String(),
    at: Time,
    kind: Type.String(),
    actor: Type.Object({
      id: Type.String(),
      name: Nullable(Type.String({ description: 'Of a person whom the reader may know' })),
      type: Words(['person', 'process'], { description: 'process: a function, control, job or client' }),
    }),
    provider: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
    address: Nullable(Type.String({ description: 'Where the request came from' })),
    reason: Nullable(Type.String()),
    body: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
    personal: Words(['none', 'sealed', 'erased'], { description: 'Whether there is a personal part, and whether its key still exists' }),
  },
  { title: 'LedgerEntry' },
)
export type LedgerEntry = Static<typeof LedgerEntry>

const LedgerKey = Type.Object(
  { keyId: Type.String(), publicKey: Type.String({ description: 'SubjectPublicKeyInfo, PEM' }) },
  { title: 'LedgerKey' },
)

export const auditOperations = {
  listLedgerEntries: defineOperation({
    id: 'listLedgerEntries',
    method: 'GET',
    path: '/ledger/entries',
    tag: 'audit',
    summary: 'What was done, by whom, from where and why: newest first, by key',
    permission: 'audit:read',
    query: Type.Object({ filter: FilterText, ...PageQuery }, { additionalProperties: false }),
    response: Page(LedgerEntry),
  }),
  openLedgerPersonal: defineOperation({
    id: 'openLedgerPersonal',
    method: 'POST',
    path: '/ledger/entries/{id}/open',
    tag: 'audit',
    summary: 'Read the personal part of an entry; that somebody did is an entry itself',
    permission: 'people:read',
    peopleOnly: true,
    stepUp: true,
    params: Id,
    body: Type.Object({ reason: Reason }, { additionalProperties: false }),
    response: Type.Object({ personal: Type.Unknown() }),
  }),
  getLedgerReceipt: defineOperation({
    id: 'getLedgerReceipt',
    method: 'GET',
    path: '/ledger/entries/{id}/receipt',
    tag: 'audit',
    summary: 'Proof, for somebody outside, that the entry stands in the ledger: ./simward ledger verify-receipt reads it',
    permission: 'audit:read',
    params: Id,
    download: 'application/json',
  }),
  getLedger: defineOperation({
    id: 'getLedger',
    method: 'GET',
    path: '/ledger',
    tag: 'audit',
    summary: 'Whether the ledger verifies, when that was seen, and how far it is signed',
    permission: 'audit:read',
    response: Type.Object(
      {
        verification: Nullable(Type.Object({ at: Time, ok: Type.Boolean() })),
        checkpoint: Nullable(Type.Object({ number: Type.String(), at: Time, keyId: Type.String() })),
      },
      { title: 'LedgerState' },
    ),
  }),
  getLedgerKeys: defineOperation({
    id: 'getLedgerKeys',
    method: 'GET',
    path: '/ledger/keys',
    tag: 'audit',
    summary: 'The public keys that receipts are checked with; no secret',
    permission: 'public',
    response: Type.Object({ keys: Type.Array(LedgerKey) }),
  }),
}
