import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/**
 * A certificate authority that lives as long as its process: the TLS links of the demo, the simulator and the tests get
 * their certificates here, so that no key is ever stored in the repository. Not for a real network.
 */
export interface Authority {
  /** PEM of the authority's own certificate. */
  readonly ca: string
  /** A certificate for both ends of a TLS link. Without `dnsNames` it has a common name only, as older Diameter nodes do. */
  issue(names: { commonName: string; dnsNames?: readonly string[] }): Credentials
}

/** PEM. */
export interface Credentials {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

const dayMs = 86_400_000

/** @param nowMs certificates are valid from a day before to a year after. */
export function createAuthority(name: string, nowMs: number): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = { from: new Date(nowMs - dayMs), to: new Date(nowMs + 365 * dayMs) }
  const issuer = { name, key: keys.privateKey, keyId: keyIdOf(keys.publicKey) }
  const ca = certificate({ subject: name, publicKey: keys.publicKey, issuer, validity, extensions: authorityExtensions })
  return {
    ca,
    issue({ commonName, dnsNames = [] }) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const extensions = [...leafExtensions, ...(dnsNames.length === 0 ? [] : [alternativeNames(dnsNames)])]
      const cert = certificate({ subject: commonName, publicKey: own.publicKey, issuer, validity, extensions })
      return { key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert, ca }
    },
  }
}

const tag = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const

/** One DER element (X.690 §8.1); lengths up to 65,535. */
function der(type: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const length = body.length
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([type, ...head]), body])
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const octets = [first * 40 + second]
  for (const arc of rest) {
    const digits = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
    octets.push(...digits)
  }
  return der(tag.oid, Buffer.from(octets))
}

/** An X.509 extension (RFC 5280 §4.2); `value` is its DER. */
function extension(id: string, value: Buffer, critical = false): Buffer {
  const flag = critical ? [der(tag.boolean, Buffer.from([0xff]))] : []
  return der(tag.sequence, oid(id), ...flag, der(tag.octets, value))
}

const basicConstraints = (isAuthority: boolean): Buffer =>
  extension('2.5.29.19', der(tag.sequence, ...(isAuthority ? [der(tag.boolean, Buffer.from([0xff]))] : [])), true)
/** Bits from the left: digitalSignature 0, keyCertSign 5, cRLSign 6; the first octet counts unused bits. */
const keyUsage = (unused: number, bits: number): Buffer => extension('2.5.29.15', der(tag.bits, Buffer.from([unused, bits])), true)
const bothEnds = extension('2.5.29.37', der(tag.sequence, oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2')))

const authorityExtensions: readonly Buffer[] = [basicConstraints(true), keyUsage(1, 0x06)]
const leafExtensions: readonly Buffer[] = [basicConstraints(false), keyUsage(7, 0x80), bothEnds]

function alternativeNames(dnsNames: readonly string[]): Buffer {
  return extension('2.5.29.17', der(tag.sequence, ...dnsNames.map((name) => der(0x82, Buffer.from(name)))))
}

/** SHA-1 over the public key: an identifier, not a protection (RFC 5280 §4.2.1.2). */
function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest()
}

function distinguishedName(commonName: string): Buffer {
  return der(tag.sequence, der(tag.set, der(tag.sequence, oid('2.5.4.3'), der(tag.utf8, Buffer.from(commonName)))))
}

/** UTCTime, as RFC 5280 §4.1.2.5 wants it up to 2049. */
function utcTime(date: Date): Buffer {
  return der(tag.utcTime, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`))
}

function certificate(parts: {
  subject: string
  publicKey: KeyObject
  issuer: { name: string; key: KeyObject; keyId: Buffer }
  validity: { from: Date; to: Date }
  extensions: readonly Buffer[]
}): string {
  const { subject, publicKey, issuer, validity, extensions } = parts
  const algorithm = der(tag.sequence, oid('1.2.840.10045.4.3.2'))
  const serial = randomBytes(16)
  // Positive and without leading zeros, as DER wants it.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const keyIds = [
    extension('2.5.29.14', der(tag.octets, keyIdOf(publicKey))),
    extension('2.5.29.35', der(tag.sequence, der(0x80, issuer.keyId))),
  ]
  const signed = der(
    tag.sequence,
    der(0xa0, der(tag.integer, Buffer.from([2]))),
    der(tag.integer, serial),
    algorithm,
    distinguishedName(issuer.name),
    der(tag.sequence, utcTime(validity.from), utcTime(validity.to)),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(tag.sequence, ...extensions, ...keyIds)),
  )
  const signature = der(tag.bits, Buffer.from([0]), sign('sha256', signed, issuer.key))
  const body = der(tag.sequence, signed, algorithm, signature).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${body.replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`
}
