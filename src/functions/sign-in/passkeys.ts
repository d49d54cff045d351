import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { OperationError } from '#core/errors.ts'
import type { NewCredential, PasskeyRow } from './credentials.ts'

/** WebAuthn: the site's name is what a passkey is bound to, so that no other site can ask for it. */
export interface Site {
  /** Relying party id: a host name. Loopback is `localhost`, since an address cannot be one. */
  id: string
  name: string
  /** The one origin browsers may come from; null: any port of localhost, since `ssh -L` picks one. */
  origin: string | null
}

type Json = Record<string, unknown>

/** `person.id`: by which an authenticator knows that a new passkey takes the place of an older one. */
export async function registrationOptions(
  site: Site,
  person: { id: string; name: string },
  known: readonly string[] = [],
): Promise<Json & { challenge: string }> {
  const options = await generateRegistrationOptions({
    rpID: site.id,
    rpName: site.name,
    userID: Uint8Array.from(Buffer.from(person.id.replaceAll('-', ''), 'hex')),
    userName: person.name,
    userDisplayName: person.name,
    attestationType: 'none',
    excludeCredentials: known.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  return { ...options }
}

/** Throws `passkey-refused`. */
export async function verifyRegistration(site: Site, response: Json, challenge: string, name?: string): Promise<NewCredential> {
  const result = await guarded(() =>
    verifyRegistrationResponse({
      response: response as never,
      expectedChallenge: challenge,
      expectedOrigin: originOf(site, response),
      expectedRPID: site.id,
      requireUserVerification: true,
    }),
  )
  if (!result.verified) throw refused('the browser’s answer does not verify')
  const { credential, credentialDeviceType } = result.registrationInfo
  return {
    kind: 'passkey',
    externalId: credential.id,
    secret: Buffer.from(credential.publicKey),
    body: { transports: [...(credential.transports ?? [])], synced: credentialDeviceType === 'multiDevice' },
    counter: credential.counter,
    ...(name === undefined ? {} : { name }),
  }
}

/** `allow`: only these passkeys; empty: any that the browser knows for this site. */
export async function authenticationOptions(site: Site, allow: readonly string[] = []): Promise<Json & { challenge: string }> {
  const allowed = allow.length === 0 ? {} : { allowCredentials: allow.map((id) => ({ id })) }
  return { ...(await generateAuthenticationOptions({ rpID: site.id, userVerification: 'required', ...allowed })) }
}

/** The authenticator's new counter. Throws `passkey-refused`. */
export async function verifyAuthentication(site: Site, response: Json, challenge: string, passkey: PasskeyRow): Promise<number> {
  const result = await guarded(() =>
    verifyAuthenticationResponse({
      response: response as never,
      expectedChallenge: challenge,
      expectedOrigin: originOf(site, response),
      expectedRPID: site.id,
      requireUserVerification: true,
      credential: { id: String(response.id), publicKey: Uint8Array.from(passkey.publicKey), counter: passkey.counter },
    }),
  )
  if (!result.verified) throw refused('the passkey does not verify')
  return result.authenticationInfo.newCounter
}

/** The challenge that the browser says it answered; the caller looks it up before believing anything else. */
export function challengeOf(response: Json): string {
  return String(clientData(response).challenge ?? '')
}

function originOf(site: Site, response: Json): string {
  if (site.origin !== null) return site.origin
  const origin = String(clientData(response).origin ?? '')
  if (!URL.canParse(origin) || new URL(origin).hostname !== 'localhost')
    throw refused('open the portal as http://localhost: a passkey is bound to that name')
  return origin
}

function clientData(response: Json): Json {
  const inner = response.response as Json | undefined
  try {
    const data: unknown = JSON.parse(Buffer.from(String(inner?.clientDataJSON ?? ''), 'base64url').toString('utf8'))
    return typeof data === 'object' && data !== null ? (data as Json) : {}
  } catch {
    return {}
  }
}

/** The library throws for what a browser got wrong; that is the caller's fault, not ours. */
async function guarded<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error))
  }
}

function refused(because: string): OperationError {
  return new OperationError('passkey-refused', 400, because)
}
