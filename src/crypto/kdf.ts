import { checkLength } from './authentication.ts'
import { at, readWord } from './block.ts'
import { hmacSha256OfBlock } from './sha256.ts'

/** Key derivation (TS 33.220 Annex B) and the keys derived by it. */

/**
 * KASME (TS 33.401 Annex A.2), 32 octets.
 * `ck`, `ik` 16 octets; `plmn` the serving network in its 3-octet form; `sqnXorAk` 6 octets.
 */
export function deriveKasme(ck: Uint8Array, ik: Uint8Array, plmn: Uint8Array, sqnXorAk: Uint8Array): Buffer {
  checkLength('CK', ck, 16)
  checkLength('IK', ik, 16)
  checkLength('PLMN', plmn, 3)
  checkLength('SQN xor AK', sqnXorAk, 6)
  return kasmeOf(ck, ik, plmn, sqnXorAk)
}

/** The same for lengths that are known to be right; `autn` begins with SQN xor AK. One of these is made for every vector. */
export function kasmeOf(ck: Uint8Array, ik: Uint8Array, plmn: Uint8Array, autn: Uint8Array): Buffer {
  const word = readWord
  const key = [
    word(ck, 0),
    word(ck, 4),
    word(ck, 8),
    word(ck, 12),
    word(ik, 0),
    word(ik, 4),
    word(ik, 8),
    word(ik, 12),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]
  // S = FC || P0 || L0 || P1 || L1 (TS 33.220 §B.2.0), 14 octets, and the padding of FIPS 180-4 §5.1.1.
  const s = [
    (0x10 << 24) | (at(plmn, 0) << 16) | (at(plmn, 1) << 8) | at(plmn, 2),
    (3 << 16) | (at(autn, 0) << 8) | at(autn, 1),
    word(autn, 2),
    (6 << 16) | 0x8000,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]
  return hmacSha256OfBlock(key, s, 14)
}
