/** One-time links by which a person sets up or recovers their sign-in. */
export interface EnrolmentPort {
  /** Invites a person who exists and has no factors, or lets one who lost them start anew; former links stop working. */
  link(personId: string, purpose: 'invite' | 'recover', by: string): Promise<{ url: string; expiresAt: number }>
  /** Ends every session of the person. Resolves to how many there were. */
  endSessions(personId: string, by: string): Promise<number>
  /** What a person signs in with, by person. */
  factorsOf(personIds: readonly string[]): Promise<ReadonlyMap<string, readonly ('passkey' | 'password' | 'totp' | 'recovery' | 'oidc')[]>>
}
