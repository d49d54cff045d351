import { constants, createHash, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import type { SignedAssertion } from '#platform/passkey.ts'

export interface AssertionMaker {
  readonly credentialId: string
  /** COSE_Key. */
  readonly publicKey: Buffer
  /** Signs as `navigator.credentials.get` has it signed. */
  sign(
    challenge: Uint8Array,
    made?: { origin?: string; rpId?: string; flags?: number; type?: string; crossOrigin?: boolean },
  ): SignedAssertion
}

const algorithms = { ES256: -7, EdDSA: -8, RS256: -257, 'ML-DSA-44': -48 } as const

/** An authenticator with one key, in memory: what hardware does, without the hardware. */
export function createAssertionMaker(algorithm: keyof typeof algorithms = 'ES256', credentialId = 'Y3JlZGVudGlhbA'): AssertionMaker {
  const privateKey = makeKey(algorithm)
  const publicKey = coseOf(algorithm, createPublicKey(privateKey).export({ format: 'jwk' }))
  let counter = 0
  return {
    credentialId,
    publicKey,
    sign(
      challenge,
      { origin = 'http://localhost:8480', rpId = 'localhost', flags = 0x05, type = 'webauthn.get', crossOrigin = false } = {},
    ) {
      counter += 1
      const clientData = JSON.stringify({ type, challenge: Buffer.from(challenge).toString('base64url'), origin, crossOrigin })
      const count = Buffer.alloc(4)
      count.writeUInt32BE(counter)
      const authenticatorData = Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.of(flags), count])
      const octets = Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()])
      return {
        credentialId,
        publicKey: publicKey.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        clientDataJSON: Buffer.from(clientData).toString('base64url'),
        signature: signatureOf(algorithm, octets, privateKey).toString('base64url'),
      }
    },
  }
}

function makeKey(algorithm: keyof typeof algorithms): KeyObject {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519').privateKey
  if (algorithm === 'ML-DSA-44') return generateKeyPairSync('ml-dsa-44').privateKey
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

function signatureOf(algorithm: keyof typeof algorithms, octets: Buffer, key: KeyObject): Buffer {
  if (algorithm === 'EdDSA' || algorithm === 'ML-DSA-44') return sign(null, octets, key)
  return sign('sha256', octets, algorithm === 'RS256' ? { key, padding: constants.RSA_PKCS1_PADDING } : key)
}

function coseOf(algorithm: keyof typeof algorithms, jwk: JsonWebKey & { pub?: string }): Buffer {
  const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url')
  const alg = integer(algorithms[algorithm])
  const entries: Buffer[][] = {
    ES256: [
      [integer(1), integer(2)],
      [integer(3), alg],
      [integer(-1), integer(1)],
      [integer(-2), octets(bytes(jwk.x))],
      [integer(-3), octets(bytes(jwk.y))],
    ],
    EdDSA: [
      [integer(1), integer(1)],
      [integer(3), alg],
      [integer(-1), integer(6)],
      [integer(-2), octets(bytes(jwk.x))],
    ],
    RS256: [
      [integer(1), integer(3)],
      [integer(3), alg],
      [integer(-1), octets(bytes(jwk.n))],
      [integer(-2), octets(bytes(jwk.e))],
    ],
    'ML-DSA-44': [
      [integer(1), integer(7)],
      [integer(3), alg],
      [integer(-1), octets(bytes(jwk.pub))],
    ],
  }[algorithm]
  return Buffer.concat([head(5, entries.length), ...entries.flat()])
}

const integer = (value: number): Buffer => (value < 0 ? head(1, -1 - value) : head(0, value))
const octets = (value: Buffer): Buffer => Buffer.concat([head(2, value.length), value])

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.of((major << 5) | value)
  if (value < 256) return Buffer.of((major << 5) | 24, value)
  return Buffer.of((major << 5) | 25, value >> 8, value & 0xff)
}
