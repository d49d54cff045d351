import { constants, createHash, timingSafeEqual, verify } from 'node:crypto'
import { type CoseKey, readCoseKey } from './cose.ts'

/** What an authenticator signed and the key it verifies under, all base64url. */
export interface Assertion {
  publicKey: string
  authenticatorData: string
  clientDataJSON: string
  signature: string
}

export type AssertionVerdict = { ok: true; algorithm: CoseKey['algorithm']; origin: string } | { ok: false; because: string }

/** Flags of authenticator data (WebAuthn Level 3 §6.1). */
const userPresent = 0x01
const userVerified = 0x04

/**
 * Checks an assertion by itself, years later and without the site it was made for (WebAuthn Level 3 §7.2, steps that need
 * no server): these octets were signed by this key, on a page of this site, by a person whom the authenticator verified.
 */
export function verifyAssertion(assertion: Assertion, expected: { challenge: Uint8Array; rpId: string }): AssertionVerdict {
  const { challenge, rpId } = expected
  const [publicKey, authenticatorData, clientDataJSON, signature] = [
    decode(assertion.publicKey),
    decode(assertion.authenticatorData),
    decode(assertion.clientDataJSON),
    decode(assertion.signature),
  ]
  const clientData = readClientData(clientDataJSON)
  if (clientData === null) return no('its clientDataJSON is no JSON object')
  if (clientData.type !== 'webauthn.get') return no('it was not made to sign something')
  if (clientData.challenge !== Buffer.from(challenge).toString('base64url')) return no('something else was signed')
  if (clientData.crossOrigin === true) return no('it was made inside a page of another site')
  const origin = String(clientData.origin)
  if (!isOf(origin, rpId)) return no(`it was made on ${origin}, not on ${rpId}`)
  // 32 octets of hash, one of flags, four of counter.
  if (authenticatorData.length < 37) return no('its authenticator data is cut off')
  const site = createHash('sha256').update(rpId).digest()
  if (!timingSafeEqual(authenticatorData.subarray(0, 32), site)) return no(`the authenticator signed for another site than ${rpId}`)
  const flags = authenticatorData[32] ?? 0
  if ((flags & userPresent) === 0) return no('nobody was present at the authenticator')
  if ((flags & userVerified) === 0) return no('the authenticator did not verify who was there')
  const key = readCoseKey(publicKey)
  if (key === null) return no('its public key is of no kind that is known here')
  const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJSON).digest()])
  if (!isSignedBy(key, signed, signature)) return no('the signature does not verify under the public key')
  return { ok: true, algorithm: key.algorithm, origin }
}

function isSignedBy({ algorithm, key }: CoseKey, octets: Buffer, signature: Buffer): boolean {
  try {
    switch (algorithm) {
      case 'ES256':
        return verify('sha256', octets, { key, dsaEncoding: 'der' }, signature)
      case 'EdDSA':
      case 'ML-DSA-44':
      case 'ML-DSA-65':
      case 'ML-DSA-87':
        return verify(null, octets, key, signature)
      case 'RS256':
        return verify('sha256', octets, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
    }
  } catch {
    return false
  }
}

function readClientData(octets: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** The origin's host is the relying party's id or lies below it (WebAuthn Level 3 §4, relying party identifier). */
function isOf(origin: string, rpId: string): boolean {
  if (!URL.canParse(origin)) return false
  const { hostname, protocol } = new URL(origin)
  return (protocol === 'https:' || hostname === 'localhost') && (hostname === rpId || hostname.endsWith(`.${rpId}`))
}

function decode(text: string): Buffer {
  return Buffer.from(text, 'base64url')
}

function no(because: string): AssertionVerdict {
  return { ok: false, because }
}
