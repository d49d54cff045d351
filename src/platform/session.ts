import type { IncomingHttpHeaders } from 'node:http'
import type { Permission, Role } from './permission.ts'

/** How a person proved who they are. Only `passkey` cannot be phished. */
export type Factor = 'passkey' | 'password' | 'totp' | 'recovery' | 'oidc'

/** Who is asking. `providerId` null: somebody of the operator, who sees every tenant. */
export interface Identity {
  /** A person at a browser, or a program with an API key or token. */
  kind: 'person' | 'client'
  /** The person's id, or the client's. It stands as the actor in the ledger. */
  personId: string
  name: string
  roles: readonly Role[]
  permissions: readonly Permission[]
  providerId: string | null
  /** For the server's own use: which session to end at sign-out; null in the demo and for clients. */
  sessionKey: string | null
  /** Wall time of the last proof in this session (sign-in or step-up); null where there is none to ask for (demo, client). */
  authenticatedAt: number | null
  /** With what. */
  factors: readonly Factor[]
  /** What the person has to do before anything else; `permissions` is then `self` alone. */
  mustEnrol: 'passkey' | null
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

/** By what a client may sign its assertions: nothing symmetric. */
export const assertionAlgorithms = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] as const

/** A request for an access token, as it came (RFC 6749 §4.4, RFC 7523 §2.2). Members that were not sent are null. */
export interface TokenRequest {
  grantType: string | null
  scope: string | null
  /** From the Authorization header (client_secret_basic). */
  clientId: string | null
  clientSecret: string | null
  /** private_key_jwt. */
  assertionType: string | null
  assertion: string | null
  address: string
  /** Who an assertion must be meant for: the issuer, and its token endpoint. */
  audience: readonly string[]
}

export type TokenAnswer =
  | { accessToken: string; expiresInS: number; scopes: readonly Permission[] }
  /** RFC 6749 §5.2. */
  | {
      error: 'invalid_request' | 'invalid_client' | 'invalid_scope' | 'unsupported_grant_type' | 'unauthorized_client'
      description: string
    }

/** What the HTTP server asks of whoever keeps API clients. */
export interface ClientPort {
  /** The client behind an `Authorization: Bearer` value; null where it is unknown, revoked or expired. Never throws for a bad one. */
  identify(bearer: string, address: string): Promise<Identity | null>
  /** Issues an access token by client credentials. Never throws for a bad request. */
  grant(request: TokenRequest): Promise<TokenAnswer>
}
