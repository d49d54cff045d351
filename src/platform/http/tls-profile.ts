import { readFileSync } from 'node:fs'
import type { SecureContextOptions } from 'node:tls'

export const tlsProfiles = ['modern', 'sp800-52r2'] as const
export type TlsProfile = (typeof tlsProfiles)[number]

/**
 * What portal and API speak. `modern`: TLS 1.3 only, its first group the hybrid with ML-KEM (what is recorded today cannot be
 * read by a quantum computer later). `sp800-52r2`: what NIST SP 800-52 Rev. 2 §3.3 asks of a server, TLS 1.2 beside 1.3,
 * with ephemeral keys and AEAD of FIPS algorithms; ChaCha20 and X25519 alone are not among them.
 */
const profiles: Readonly<Record<TlsProfile, SecureContextOptions>> = {
  modern: {
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  },
  'sp800-52r2': {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: [
      'TLS_AES_256_GCM_SHA384',
      'TLS_AES_128_GCM_SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
    ].join(':'),
    ecdhCurve: 'SecP256r1MLKEM768:P-256:P-384',
    honorCipherOrder: true,
  },
}

export interface TlsFiles {
  keyFile: string
  certFile: string
  profile?: TlsProfile
}

export function tlsOptions({ keyFile, certFile, profile = 'modern' }: TlsFiles): SecureContextOptions {
  return { key: readFileSync(keyFile), cert: readFileSync(certFile), ...profiles[profile] }
}
