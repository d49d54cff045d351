/** One session of a person, as those see it who may manage them; its id signs nobody in. */
export interface PersonSession {
  id: string
  createdAt: number
  seenAt: number
  expiresAt: number
  factors: readonly ('passkey' | 'password' | 'totp' | 'recovery' | 'oidc')[]
  address: string | null
  device: { browser: string | null; system: string | null }
}

/** Behind the `#` of a link: a browser sends it to nobody, so that the token stands in no log on the way. */
export function linkHash(token: string): string {
  return new URLSearchParams({ token }).toString()
}

/** The token of a link that was made so; null where there is none. */
export function tokenOfLink(url: string | URL): string | null {
  return new URLSearchParams(new URL(url).hash.slice(1)).get('token')
}

/** One-time links by which a person sets up or recovers their sign-in. */
export interface EnrolmentPort {
  /** A new token by which whoever has it claims the installation; null where somebody has. Former ones stop working. */
  claimToken(): Promise<string | null>
  /** Invites a person who exists and has no factors, or lets one who lost them start anew; former links stop working. A recovery ends their sessions. */
  link(personId: string, purpose: 'invite' | 'recover', by: string): Promise<{ url: string; expiresAt: number }>
  /** Ends every session of the person. Resolves to how many there were. */
  endSessions(personId: string, by: string): Promise<number>
  /** Ends one session of the person; false where it is none of theirs. */
  endSession(personId: string, sessionId: string, by: string): Promise<boolean>
  /** Sessions that stand, newest use first. */
  sessionsOf(personId: string): Promise<readonly PersonSession[]>
  /** What a person signs in with, by person. */
  factorsOf(personIds: readonly string[]): Promise<ReadonlyMap<string, readonly ('passkey' | 'password' | 'totp' | 'recovery' | 'oidc')[]>>
}
