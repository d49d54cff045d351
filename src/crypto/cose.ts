import { createPublicKey, type KeyObject } from 'node:crypto'

/** A public key as authenticators give it (COSE_Key, RFC 9052 §7), ready to verify with. */
export interface CoseKey {
  algorithm: 'ES256' | 'EdDSA' | 'RS256' | 'ML-DSA-44' | 'ML-DSA-65' | 'ML-DSA-87'
  key: KeyObject
}

type Value = number | Buffer

/**
 * Reads the three kinds of key that WebAuthn asks every relying party to know (Level 3 §5.8.5), and the lattice keys
 * (FIPS 204) that sign-in offers first and new browsers make. null where the octets are
 * no such key: a verifier has to say so, not to break.
 */
export function readCoseKey(octets: Uint8Array): CoseKey | null {
  const map = readIntegerMap(Buffer.from(octets))
  if (map === null) return null
  const row = keyRows.find(({ kty, alg }) => map.get(1) === kty && map.get(3) === alg)
  const jwk = row?.jwk(map)
  if (row === undefined || jwk === undefined || jwk === null) return null
  try {
    return { algorithm: row.algorithm, key: createPublicKey({ key: jwk, format: 'jwk' }) }
  } catch {
    return null
  }
}

interface KeyRow {
  algorithm: CoseKey['algorithm']
  /** Labels 1 and 3 (RFC 9053 §2 and §7, RFC 8230 §4, RFC 8812 §2). */
  kty: number
  alg: number
  jwk(map: ReadonlyMap<number, Value>): Record<string, string> | null
}

const keyRows: readonly KeyRow[] = [
  {
    algorithm: 'ES256',
    kty: 2,
    alg: -7,
    jwk: (map) => members({ kty: 'EC', crv: map.get(-1) === 1 ? 'P-256' : null, x: map.get(-2), y: map.get(-3) }),
  },
  {
    algorithm: 'EdDSA',
    kty: 1,
    alg: -8,
    jwk: (map) => members({ kty: 'OKP', crv: map.get(-1) === 6 ? 'Ed25519' : null, x: map.get(-2) }),
  },
  { algorithm: 'RS256', kty: 3, alg: -257, jwk: (map) => members({ kty: 'RSA', n: map.get(-1), e: map.get(-2) }) },
  latticeRow('ML-DSA-44', -48),
  latticeRow('ML-DSA-65', -49),
  latticeRow('ML-DSA-87', -50),
]

/** Key type AKP: label -1 holds the public key. */
function latticeRow(algorithm: 'ML-DSA-44' | 'ML-DSA-65' | 'ML-DSA-87', alg: number): KeyRow {
  return { algorithm, kty: 7, alg, jwk: (map) => members({ kty: 'AKP', alg: algorithm, pub: map.get(-1) }) }
}

/** The members of a JWK; null where one is missing or of another type. */
function members(values: Record<string, string | Value | null | undefined>): Record<string, string> | null {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') out[name] = value
    else if (Buffer.isBuffer(value)) out[name] = value.toString('base64url')
    else return null
  }
  return out
}

/** A CBOR map of integers to integers and octet strings, and nothing after it (RFC 8949 §3); null for anything else. */
function readIntegerMap(octets: Buffer): ReadonlyMap<number, Value> | null {
  const reader = { octets, at: 0 }
  const head = readHead(reader)
  if (head === null || head.major !== 5 || head.value > 16) return null
  const map = new Map<number, Value>()
  for (let index = 0; index < head.value; index += 1) {
    const label = readItem(reader)
    const value = readItem(reader)
    if (typeof label !== 'number' || value === null || map.has(label)) return null
    map.set(label, value)
  }
  return reader.at === octets.length ? map : null
}

interface Reader {
  octets: Buffer
  at: number
}

function readItem(reader: Reader): Value | null {
  const head = readHead(reader)
  if (head === null) return null
  if (head.major === 0) return head.value
  if (head.major === 1) return -1 - head.value
  if (head.major !== 2 || reader.at + head.value > reader.octets.length) return null
  const value = reader.octets.subarray(reader.at, reader.at + head.value)
  reader.at += head.value
  return value
}

function readHead(reader: Reader): { major: number; value: number } | null {
  const first = reader.octets[reader.at]
  if (first === undefined) return null
  reader.at += 1
  const short = first & 0x1f
  const major = first >> 5
  if (short < 24) return { major, value: short }
  const length = short === 24 ? 1 : short === 25 ? 2 : short === 26 ? 4 : null
  if (length === null || reader.at + length > reader.octets.length) return null
  const value = reader.octets.readUIntBE(reader.at, length)
  reader.at += length
  return { major, value }
}
