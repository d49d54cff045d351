import { constants, type X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { ConnectionOptions, TLSSocket, TlsOptions } from 'node:tls'
import type { TlsMaterial } from './types.ts'

/** Ephemeral keys and AEAD only, the strongest first (TS 33.210 §6.2); the first three are those of TLS 1.3. */
const suites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** Options that listener and initiator share: mutual certificates, TLS 1.2 or 1.3, no resumption past a check. */
function commonOptions(material: TlsMaterial) {
  return {
    key: material.key,
    cert: material.cert,
    ca: [material.ca].flat() as (string | Buffer)[],
    minVersion: material.minVersion ?? ('TLSv1.2' as const),
    rejectUnauthorized: true,
    ciphers: suites,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  }
}

export function listenerTlsOptions(material: TlsMaterial): TlsOptions {
  return { ...commonOptions(material), requestCert: true }
}

/** The chain is checked by the handshake; the name is checked by `provesIdentity`, with the same rule on both sides. */
export function initiatorTlsOptions(material: TlsMaterial, peerIdentity: string): ConnectionOptions {
  return {
    ...commonOptions(material),
    checkServerIdentity: () => undefined,
    ...(isIP(peerIdentity) === 0 ? { servername: peerIdentity } : {}),
  }
}

/**
 * Whether a certificate names the Diameter identity: exactly one of its dNSNames, or, only where it has none, its common
 * name (RFC 6733 §13.1 leaves the check to the user; RFC 6125 §6.4 gives the order). No wildcards.
 */
export function certificateNames(certificate: X509Certificate, identity: string): boolean {
  if (identity.startsWith('.') || identity === '') return false
  return certificate.checkHost(identity, { subject: 'default', wildcards: false }) !== undefined
}

/** False also where the handshake left no certificate. */
export function provesIdentity(socket: TLSSocket, identity: string): boolean {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined
  return certificate !== undefined && certificateNames(certificate, identity)
}
