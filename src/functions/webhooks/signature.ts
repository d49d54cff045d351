import { createHmac, randomBytes } from 'node:crypto'

/** As the Standard Webhooks have it: `whsec_` and the base64 of the octets that sign. */
export function makeSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

/** `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`, once for every secret that is good now. */
export function signatureOf(secrets: readonly string[], id: string, seconds: number, body: string): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
    })
    .join(' ')
}
