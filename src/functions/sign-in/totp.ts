import { createHmac, timingSafeEqual } from 'node:crypto'

/** Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, 6 digits, 30 seconds. */
const stepS = 30
const digits = 6
/** Steps accepted before and after now: clocks differ (RFC 6238 §5.2). */
const drift = 1

/** HOTP of RFC 4226 §5.3. */
export function hotp(secret: Uint8Array, counter: number, length = digits): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const digest = createHmac('sha1', secret).update(message).digest()
  const offset = (digest[19] ?? 0) & 0xf
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff
  return (number % 10 ** length).toString().padStart(length, '0')
}

export function totp(secret: Uint8Array, nowMs: number, length = digits): string {
  return hotp(secret, Math.floor(nowMs / 1000 / stepS), length)
}

/**
 * The step whose code this is, or null. A step at or before `lastStep` is refused: a code works once (RFC 6238 §5.2).
 * Every candidate is compared, whichever matches, in constant time.
 */
export function acceptedStep(secret: Uint8Array, code: string, nowMs: number, lastStep: number): number | null {
  const now = Math.floor(nowMs / 1000 / stepS)
  const given = Buffer.from(code.padEnd(digits, ' ').slice(0, digits))
  let accepted: number | null = null
  for (let step = now - drift; step <= now + drift; step++) {
    if (timingSafeEqual(Buffer.from(hotp(secret, step)), given) && step > lastStep && code.length === digits) accepted = step
  }
  return accepted
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Base32 without padding (RFC 4648 §6), as apps take it. */
export function toBase32(octets: Uint8Array): string {
  let bits = 0
  let value = 0
  let text = ''
  for (const octet of octets) {
    value = (value << 8) | octet
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(value >> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + alphabet[(value << (5 - bits)) & 31]
}

/** What an authenticator app reads, also as a picture. */
export function otpauthUrl(secret: Uint8Array, issuer: string, account: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}`
}
