import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

type Json = Record<string, unknown>

interface Kept {
  id: string
  privateKey: KeyObject
  userHandle: string
  counter: number
}

/** An authenticator in software (WebAuthn Level 3 §6): P-256, user verified, no attestation. One passkey per site and person. */
export class SoftAuthenticator {
  readonly #origin: string
  readonly passkeys: Kept[] = []

  constructor(origin = 'http://localhost:8480') {
    this.#origin = origin
  }

  /** Answers the options of a registration. */
  create(options: Json): Json {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const id = randomBytes(16)
    const user = options.user as { id: string }
    this.passkeys.push({ id: id.toString('base64url'), privateKey, userHandle: user.id, counter: 0 })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const cose = map([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ])
    const length = Buffer.from([0, id.length])
    const attested = Buffer.concat([Buffer.alloc(16), length, id, cose])
    const authData = Buffer.concat([this.#head((options.rp as { id: string }).id, 0x45, 0), attested])
    const attestationObject = map([
      ['fmt', 'none'],
      ['attStmt', map([])],
      ['authData', authData],
    ])
    return this.#answer(id.toString('base64url'), {
      clientDataJSON: this.#clientData('webauthn.create', String(options.challenge)).toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    })
  }

  /** Answers the options of an authentication, with the passkey that was made last unless told otherwise. */
  get(options: Json, passkey = this.passkeys.at(-1)): Json {
    if (passkey === undefined) throw new Error('this authenticator has no passkey')
    passkey.counter += 1
    const authData = this.#head(String(options.rpId), 0x05, passkey.counter)
    const clientData = this.#clientData('webauthn.get', String(options.challenge))
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()])
    return this.#answer(passkey.id, {
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, passkey.privateKey).toString('base64url'),
      userHandle: passkey.userHandle,
    })
  }

  #head(rpId: string, flags: number, counter: number): Buffer {
    const tail = Buffer.alloc(5)
    tail[0] = flags
    tail.writeUInt32BE(counter, 1)
    return Buffer.concat([createHash('sha256').update(rpId).digest(), tail])
  }

  #clientData(type: string, challenge: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.#origin, crossOrigin: false }))
  }

  #answer(id: string, response: Json): Json {
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response }
  }
}

/** The little of CBOR (RFC 8949) that an attestation needs; a nested map is passed as its octets. */
function map(entries: readonly (readonly [number | string, number | string | Buffer])[]): Buffer & { isMap?: true } {
  const parts = entries.flatMap(([key, value]) => [item(key), item(value)])
  return Object.assign(Buffer.concat([head(5, entries.length), ...parts]), { isMap: true as const })
}

function item(value: number | string | (Buffer & { isMap?: true })): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  return value.isMap === true ? value : Buffer.concat([head(2, value.length), value])
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  return length < 256 ? Buffer.from([(major << 5) | 24, length]) : Buffer.from([(major << 5) | 25, length >> 8, length & 0xff])
}
