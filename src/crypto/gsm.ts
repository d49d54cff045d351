/** From a quintuplet to a GSM triplet: the conversion functions of TS 33.102 §6.8.1.2. */

/** c2: the words of RES, padded with zeros to 16 octets, summed; 4 octets. `res`: 4 to 16 octets. */
export function c2(res: Uint8Array): Buffer {
  if (res.length < 4 || res.length > 16) throw new RangeError(`c2 takes a RES of 4 to 16 octets, not ${res.length}`)
  let sum = 0
  for (let i = 0; i < res.length; i++) sum ^= (res[i] ?? 0) << (24 - 8 * (i & 3))
  const sres = Buffer.alloc(4)
  sres[0] = sum >>> 24
  sres[1] = sum >>> 16
  sres[2] = sum >>> 8
  sres[3] = sum
  return sres
}

/** The other choice of TS 55.205: the first 4 octets of RES. */
export function c2Truncated(res: Uint8Array): Buffer {
  if (res.length < 4) throw new RangeError(`c2 takes a RES of at least 4 octets, not ${res.length}`)
  return Buffer.from(res.subarray(0, 4))
}

/** c3: Kc is the sum of both halves of CK and of IK; 8 octets. `ck`, `ik`: 16 octets each. */
export function c3(ck: Uint8Array, ik: Uint8Array): Buffer {
  if (ck.length !== 16 || ik.length !== 16) throw new RangeError('c3 takes CK and IK of 16 octets')
  const kc = Buffer.alloc(8)
  for (let i = 0; i < 8; i++) kc[i] = (ck[i] ?? 0) ^ (ck[i + 8] ?? 0) ^ (ik[i] ?? 0) ^ (ik[i + 8] ?? 0)
  return kc
}
