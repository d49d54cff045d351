import type { IncomingHttpHeaders } from 'node:http'
import type { Permission, Role } from './permission.ts'

/** Who is asking. `providerId` null: an operator's person, who sees every tenant. */
export interface Identity {
  personId: string
  name: string
  roles: readonly Role[]
  permissions: readonly Permission[]
  providerId: string | null
  /** For the server's own use: which session to end at sign-out; null in the demo. */
  sessionKey: string | null
}

/** What the HTTP server asks of whoever keeps sessions. */
export interface SessionPort {
  /** null: nobody is signed in. Never throws for a bad cookie. */
  identify(headers: IncomingHttpHeaders, cookies: Readonly<Record<string, string | undefined>>): Promise<Identity | null>
  /** Whether the session of that key still stands; asking is no use of it. Absent: sessions never end. */
  isAlive?(sessionKey: string): Promise<boolean>
  /** False until the first person has claimed the installation. */
  claimed(): Promise<boolean>
}
