/** What an authenticator signed (WebAuthn Level 3 §6.3.3), with the key that it verifies under: proof by itself, base64url. */
export interface SignedAssertion {
  credentialId: string
  /** COSE_Key (RFC 9052 §7), as it was registered. */
  publicKey: string
  authenticatorData: string
  clientDataJSON: string
  signature: string
}

/** Passkeys as others than sign-in need them: to have a person sign something. */
export interface PasskeyPort {
  /** The name that passkeys are bound to (relying party id). */
  readonly rpId: string
  /** The person's passkeys, by credential id, base64url. */
  list(personId: string): Promise<readonly { id: string; transports: readonly string[] }[]>
  /**
   * Checks a browser's answer (`navigator.credentials.get`): by a passkey of that person, over exactly these octets, with
   * the person verified, counter risen. Throws `passkey-refused` (400).
   */
  verify(personId: string, challenge: Uint8Array, response: Readonly<Record<string, unknown>>): Promise<SignedAssertion>
}
