import { createHmac } from 'node:crypto'
import { checkLength } from './authentication.ts'

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
  const s = Buffer.concat([Buffer.of(0x10), plmn, Buffer.of(0, 3), sqnXorAk, Buffer.of(0, 6)])
  return createHmac('sha256', Buffer.concat([ck, ik]))
    .update(s)
    .digest()
}
