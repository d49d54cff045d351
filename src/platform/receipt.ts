import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { OperationError } from '#core/errors.ts'

/**
 * Receipts as files that leave the house: strict, so that nothing can be put in that no signature covers, and in one spelling,
 * so that what was altered looks altered.
 */

const closed = { additionalProperties: false } as const
const Hex = Type.String({ pattern: '^([0-9a-f]{2})*$', maxLength: 4_096 })
const Base64url = Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 16_384 })
const Number64 = Type.String({ pattern: '^(0|[1-9][0-9]{0,18})$' })
const Text = Type.String({ maxLength: 65_536 })
const Time = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 })
const Json = Type.Record(Type.String(), Type.Unknown())
const OrNull = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) => Type.Union([schema, Type.Null()])

const LedgerReceipt = Type.Object(
  {
    version: Type.Literal(1),
    entry: Type.Object(
      {
        chain: Text,
        seq: Number64,
        id: Text,
        at: Time,
        kind: Text,
        actor: Text,
        providerId: OrNull(Text),
        subjectId: OrNull(Text),
        bodyDigest: Hex,
        sealedDigest: OrNull(Hex),
        prev: Hex,
      },
      closed,
    ),
    path: Type.Array(Type.Object({ side: Type.Union([Type.Literal('left'), Type.Literal('right')]), digest: Hex }, closed), {
      maxItems: 64,
    }),
    checkpoint: Type.Object(
      {
        number: Number64,
        at: Time,
        node: Text,
        heads: Type.Array(Type.Object({ chain: Text, seq: Number64, fromSeq: Number64, hash: Hex, root: Hex }, closed), { maxItems: 64 }),
        prev: Hex,
        keyId: Text,
        signature: Hex,
      },
      closed,
    ),
  },
  closed,
)

const Entry = Type.Object({ body: Json, receipt: LedgerReceipt }, closed)
const LedgerKeys = Type.Array(Type.Object({ keyId: Hex, publicKey: Text }, closed), { maxItems: 64 })

const LedgerReceiptFile = Type.Object(
  { type: Type.Literal('simward-ledger-receipt'), version: Type.Literal(1), entry: Entry, keys: LedgerKeys },
  closed,
)
export type LedgerReceiptFile = Static<typeof LedgerReceiptFile>

const Assertion = Type.Object(
  { credentialId: Base64url, publicKey: Base64url, authenticatorData: Base64url, clientDataJSON: Base64url, signature: Base64url },
  closed,
)

const ApprovalReceiptFile = Type.Object(
  {
    type: Type.Literal('simward-approval-receipt'),
    version: Type.Literal(1),
    approval: Type.Object({ id: Text, kind: Text, providerId: OrNull(Text), command: Json }, closed),
    rpId: Text,
    /** The assertion of each decision that stands in `entries`, by person. */
    decisions: Type.Array(
      Type.Object(
        { personId: Text, decision: Type.Union([Type.Literal('approve'), Type.Literal('refuse')]), assertion: OrNull(Assertion) },
        closed,
      ),
      { maxItems: 1_024 },
    ),
    entries: Type.Array(Entry, { maxItems: 4_096 }),
    keys: LedgerKeys,
  },
  closed,
)
export type ApprovalReceiptFile = Static<typeof ApprovalReceiptFile>

/** What a reader brings to trust: the ledger's keys, and whose passkeys they know. */
const KeyFile = Type.Object(
  {
    keys: LedgerKeys,
    passkeys: Type.Optional(Type.Array(Type.Object({ personId: Text, credentialId: Base64url, publicKey: Base64url }, closed))),
  },
  closed,
)
export type KeyFile = Static<typeof KeyFile>

/** Throws `receipt-invalid` (400) with the first thing that is not as it should be. */
export function readReceipt(value: unknown): LedgerReceiptFile | ApprovalReceiptFile {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (type === 'simward-approval-receipt' && Value.Check(ApprovalReceiptFile, value)) return value
  if (type === 'simward-ledger-receipt' && Value.Check(LedgerReceiptFile, value)) return value
  const schema = type === 'simward-approval-receipt' ? ApprovalReceiptFile : LedgerReceiptFile
  const [first] = Value.Errors(schema, value)
  throw new OperationError('receipt-invalid', 400, `this is no receipt of Simward: ${first?.instancePath ?? ''} ${first?.message ?? ''}`)
}

export function readKeyFile(value: unknown): KeyFile {
  if (Value.Check(KeyFile, value)) return value
  throw new OperationError('receipt-invalid', 400, 'this is no file of keys: it holds {"keys": [{"keyId", "publicKey"}]}')
}
