/**
 * Telephony digits in octets: TBCD (low nibble first, filler F) and the 3-octet PLMN form
 * (TS 23.003 §2.2, TS 29.272 §7.3.9).
 */

/** "001015550" -> 00 01 15 55 f0. Only digits; an odd count is filled with F. */
export function toTbcd(digits: string): Buffer {
  if (!/^\d*$/.test(digits)) throw new RangeError('TBCD takes digits only')
  const out = Buffer.alloc((digits.length + 1) >> 1)
  for (let i = 0; i < out.length; i++) {
    const low = digits.charCodeAt(2 * i) - 48
    const high = 2 * i + 1 < digits.length ? digits.charCodeAt(2 * i + 1) - 48 : 0xf
    out[i] = (high << 4) | low
  }
  return out
}

/** Reads until the first filler; returns undefined where a nibble is neither digit nor final filler. */
export function fromTbcd(bytes: Uint8Array): string | undefined {
  let digits = ''
  for (let i = 0; i < bytes.length; i++) {
    const octet = bytes[i] ?? 0
    for (const nibble of [octet & 0xf, octet >> 4]) {
      if (nibble === 0xf && i === bytes.length - 1) return digits
      if (nibble > 9) return undefined
      digits += nibble
    }
  }
  return digits
}

/** A PLMN as people write it: "001-01" or "001-001"; the MNC length is part of the identity. */
export type Plmn = `${string}-${string}`

export function isPlmn(text: string): text is Plmn {
  return /^\d{3}-\d{2,3}$/.test(text)
}

/** "001-01" -> 00 f1 10. */
export function plmnToBytes(plmn: string): Buffer {
  const [mcc = '', mnc = ''] = plmn.split('-')
  if (!isPlmn(plmn)) throw new RangeError(`not a PLMN: ${plmn}`)
  const third = mnc.length === 3 ? Number(mnc[2]) : 0xf
  return Buffer.from([(Number(mcc[1]) << 4) | Number(mcc[0]), (third << 4) | Number(mcc[2]), (Number(mnc[1]) << 4) | Number(mnc[0])])
}

/** undefined where the three octets are not digits. */
export function plmnFromBytes(bytes: Uint8Array): Plmn | undefined {
  if (bytes.length !== 3) return undefined
  const a = bytes[0] ?? 0
  const b = bytes[1] ?? 0
  const c = bytes[2] ?? 0
  const mcc = (a & 0xf) * 100 + (a >> 4) * 10 + (b & 0xf)
  const mnc = (c & 0xf) * 10 + (c >> 4)
  const third = b >> 4
  if ((a & 0xf) > 9 || a >> 4 > 9 || (b & 0xf) > 9 || (c & 0xf) > 9 || c >> 4 > 9 || (third > 9 && third !== 0xf)) return undefined
  // Digit by digit, as 1000 + n without its first digit; every message with a Visited-PLMN-Id passes here.
  const head = String(1_000 + mcc).slice(1)
  return third === 0xf ? `${head}-${String(100 + mnc).slice(1)}` : `${head}-${String(1_000 + mnc * 10 + third).slice(1)}`
}

/** The home-network realm of a PLMN; the MNC is always padded to three digits (TS 23.003 §19.2). */
export function epcRealm(plmn: string): string {
  const [mcc = '', mnc = ''] = plmn.split('-')
  return `epc.mnc${mnc.padStart(3, '0')}.mcc${mcc}.3gppnetwork.org`
}
