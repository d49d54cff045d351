import { createHash, randomBytes } from 'node:crypto'

/**
 * What a program proves itself with. Keys and secrets name their client, so that whoever finds one in a log knows which to
 * revoke; the prefix lets scanners of source code find them. The store holds digests only: 32 random octets need no salt.
 */
const prefixes = { key: 'swk', secret: 'sws' } as const

export function makeSecret(kind: keyof typeof prefixes, clientId: string): string {
  return `${prefixes[kind]}_${clientId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`
}

export function makeToken(): string {
  return `swt_${randomBytes(32).toString('base64url')}`
}

export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** What a bearer value is by its form; null where it is none of ours and the store need not be asked. */
export function bearerKind(bearer: string): 'key' | 'token' | null {
  if (/^swk_[0-9a-f]{32}_[\w-]{43}$/.test(bearer)) return 'key'
  return /^swt_[\w-]{43}$/.test(bearer) ? 'token' : null
}

export function isClientSecret(text: string): boolean {
  return /^sws_[0-9a-f]{32}_[\w-]{43}$/.test(text)
}
