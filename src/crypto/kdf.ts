import { checkLength } from './authentication.ts'
import { hmacSha256 } from './sha256.ts'

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
  const key = new Uint8Array(32)
  key.set(ck)
  key.set(ik, 16)
  // S = FC || P0 || L0 || P1 || L1 (TS 33.220 §B.2.0).
  const s = new Uint8Array(14)
  s[0] = 0x10
  s.set(plmn, 1)
  s[5] = 3
  s.set(sqnXorAk, 6)
  s[13] = 6
  return hmacSha256(key, s)
}
