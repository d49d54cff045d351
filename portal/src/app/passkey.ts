import { startAuthentication, startRegistration } from '@simplewebauthn/browser'

/** What the browser's library takes and gives, as the API passes it through. */
type Json = Record<string, unknown>

/** Asks the browser for a new passkey. */
export async function makePasskey(options: Json): Promise<Json> {
  return { ...(await startRegistration({ optionsJSON: options as unknown as Parameters<typeof startRegistration>[0]['optionsJSON'] })) }
}

/** Asks the browser to prove a passkey. */
export async function provePasskey(options: Json): Promise<Json> {
  return { ...(await startAuthentication({ optionsJSON: options as unknown as Parameters<typeof startAuthentication>[0]['optionsJSON'] })) }
}

/** What the browser says when a passkey was refused, cancelled or timed out. */
export function passkeyFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'NotAllowedError' ||
      error.name === 'AbortError' ||
      error.name === 'WebAuthnError' ||
      error.name === 'InvalidStateError')
  )
}
