/**
 * Sequence numbers (TS 33.102 Annex C.1, C.3). SQN = SEQ << indBits | IND. One SEQ counter per IMSI rises over all
 * IND values; IND belongs to the requesting domain and serving node, so that vectors held by two nodes never make
 * each other stale. SEQ is reserved in blocks: what is durably reserved may be issued from memory; what is left of a
 * block is lost on a restart and never issued again.
 */
export interface SeqState {
  /** The next SEQ to issue. */
  next: bigint
  /** Highest SEQ that the store has confirmed. */
  reserved: bigint
  /** Highest SEQ that a write already under way will confirm. */
  reserving: bigint
}

/** SQN has 48 bits (TS 33.102 §6.3.2). */
const sqnBits = 48

export type SeqGrant =
  | {
      ok: true
      first: bigint /** The reservation to commit before the answer leaves; null when the block covers it. */
      reserve: bigint | null
    }
  | { ok: false; why: 'exhausted' }

export function initialSeq(seqReserved: bigint): SeqState {
  return { next: seqReserved + 1n, reserved: seqReserved, reserving: seqReserved }
}

/**
 * Takes `count` SEQs in ascending order. `blockSize` SEQs are reserved ahead; 1 means none beyond what is issued
 * (no lease on the partition).
 */
export function takeSeq(state: SeqState, count: number, blockSize: number, indBits: number): SeqGrant {
  const first = state.next
  const last = first + BigInt(count) - 1n
  if (last >> BigInt(sqnBits - indBits) !== 0n) return { ok: false, why: 'exhausted' }
  state.next = last + 1n
  if (last <= state.reserved) return { ok: true, first, reserve: null }
  const block = BigInt(Math.max(blockSize, 1)) - 1n
  state.reserving = state.reserving > last + block ? state.reserving : last + block
  return { ok: true, first, reserve: state.reserving }
}

/** To be called when the store has confirmed `reserved`. */
export function confirmSeq(state: SeqState, reserved: bigint): void {
  if (reserved > state.reserved) state.reserved = reserved
}

/**
 * Resynchronisation (TS 33.102 §6.3.5) with a verified SQN-MS: only ever raises. Returns false where our SEQ is
 * already ahead: an old AUTS, which changes nothing. The open block is discarded, so the next grant reserves anew.
 */
export function raiseSeq(state: SeqState, sqnMs: bigint, indBits: number): boolean {
  const seqMs = sqnMs >> BigInt(indBits)
  if (seqMs < state.next) return false
  state.next = seqMs + 1n
  return true
}

export function toSqn(seq: bigint, ind: number, indBits: number): bigint {
  return (seq << BigInt(indBits)) | BigInt(ind & ((1 << indBits) - 1))
}

/** Gives each serving node an IND slot in the order of first appearance; a card with fewer IND bits takes it modulo. */
export class IndSlots {
  readonly #slots = new Map<string, number>()
  readonly #capacity: number

  constructor(known: readonly string[], capacity = 65_536) {
    this.#capacity = capacity
    for (const key of known) this.#slots.set(key, this.#slots.size)
  }

  /** `added` is true where the slot is new and should be stored. Past the capacity nodes share slots by hash. */
  slotOf(nodeKey: string): { slot: number; added: boolean } {
    const known = this.#slots.get(nodeKey)
    if (known !== undefined) return { slot: known, added: false }
    if (this.#slots.size >= this.#capacity) return { slot: nodeKey.length % 32, added: false }
    const slot = this.#slots.size
    this.#slots.set(nodeKey, slot)
    return { slot, added: true }
  }
}
