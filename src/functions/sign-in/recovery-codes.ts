import { createHash, randomBytes } from 'node:crypto'
import { limits } from '#core/limits.ts'
import { toBase32 } from './totp.ts'

/** Octets of one code: 120 bits, so that a plain digest keeps it (nothing to be found by trying). */
const codeBytes = 15

/** Single-use codes for whoever has lost everything else: shown once, kept as digests. */
export function newRecoveryCodes(): { shown: string[]; secrets: Buffer[] } {
  const codes = Array.from({ length: limits.signIn.recoveryCodes }, () => toBase32(randomBytes(codeBytes)))
  return { shown: codes.map((code) => code.replaceAll(/(.{4})(?=.)/g, '$1-')), secrets: codes.map(secretOf) }
}

/** The digest of what a person typed, or null where it does not look like a code at all. */
export function recoverySecret(typed: string): Buffer | null {
  const code = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  return /^[A-Z2-7]{24}$/.test(code) ? secretOf(code) : null
}

function secretOf(code: string): Buffer {
  return createHash('sha256').update(`simward recovery code ${code}`).digest()
}
