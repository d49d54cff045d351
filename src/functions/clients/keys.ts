import { importJWK, type JWK } from 'jose'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Throws `keys-invalid` where the set is not one of public keys that this server can check with. */
export async function checkKeys(set: { keys: readonly Record<string, unknown>[] }): Promise<void> {
  const refuse = (why: string): OperationError => new OperationError('keys-invalid', 400, `these keys cannot be used: ${why}`)
  if (JSON.stringify(set).length > limits.clients.keyBytes) throw refuse('they are too long')
  const names = set.keys.map(({ kid }) => kid)
  if (set.keys.length > 1 && (names.some((kid) => typeof kid !== 'string') || new Set(names).size < names.length))
    throw refuse('several keys need a kid each')
  for (const key of set.keys) {
    if (secretMembers.some((member) => member in key)) throw refuse('this is a private key: keep it, and send the public one')
    if (key.kty !== 'EC' && key.kty !== 'OKP' && key.kty !== 'RSA') throw refuse('a key is of type EC, OKP or RSA')
    if (key.kty === 'RSA' && Buffer.from(String(key.n), 'base64url').length < 256) throw refuse('an RSA key has at least 2048 bits')
    await importJWK(key as JWK, algorithmOf(key)).catch(() => {
      throw refuse('one of them is no public key')
    })
  }
}

function algorithmOf(key: Record<string, unknown>): string {
  if (typeof key.alg === 'string') return key.alg
  if (key.kty === 'RSA') return 'PS256'
  return key.kty === 'OKP' ? 'EdDSA' : key.crv === 'P-384' ? 'ES384' : 'ES256'
}
