import type { Readable } from 'node:stream'
import type { Static, TSchema } from 'typebox'
import type { Permission } from '../permission.ts'

/** Parts of the API, in the order of its document. */
export const tags = [
  'session',
  'sign-in',
  'self',
  'people',
  'organisations',
  'clients',
  'webhooks',
  'notices',
  'sims',
  'profiles',
  'plans',
  'jobs',
  'approvals',
  'health',
  'audit',
  'overview',
  'signals',
  'network',
  'rules',
  'alarms',
  'controls',
  'demo',
] as const

/** One operation of the HTTP API as data: the document, the validation and the handler's types all come from this row. */
export interface Operation {
  /** Unique; the portal's client and the handlers go by it. */
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below /api/v1, with `{name}` for path parameters. */
  path: `/${string}`
  tag: (typeof tags)[number]
  summary: string
  /** `public` needs no session at all; `any`: whoever is signed in, and the handler shows what their permissions cover. */
  permission: Permission | 'public' | 'any'
  /** Stands only where the installation runs as a demo. */
  demoOnly?: true
  /** The person must have proven themselves within the last minutes: 403 `step-up-needed` otherwise. Clients pass. */
  stepUp?: true
  /** For people at a browser only: API clients are refused whatever their scopes. */
  peopleOnly?: true
  /** Takes a secret that somebody may guess: at the rate of sign-in. */
  guessable?: true
  /** The thing has a version: GET answers with ETag, a change needs If-Match (428 without, 412 where it is an older one). */
  versioned?: true
  /** Takes something away: with `?dryRun=true` it is carried out and taken back, and is refused as it would be. */
  rehearsable?: true
  /** Where it is not 200 (or 204 without `response`): 201 made, 202 begun and to be looked up. */
  status?: 201 | 202
  /** The body is not parsed: the handler reads it as it comes, whatever its size, and sets its own limits. */
  upload?: 'text/csv'
  /** Answered with a text of this type, which the handler returns as a string or a stream; `response` is left out. */
  download?: 'text/csv' | 'application/json' | 'application/x-ndjson'
  /** Answered with server-sent events; `response` is what one event's data holds. */
  stream?: true
  params?: TSchema
  query?: TSchema
  body?: TSchema
  /** Answered with 200; absent: 204 without a body. */
  response?: TSchema
}

type Part<S> = S extends TSchema ? Static<S> : undefined

/** What a handler gets, with the types of its operation's schemas. */
export interface Input<O extends Operation> {
  params: Part<O['params']>
  query: Part<O['query']>
  body: Part<O['body']>
}

/** What a handler returns. */
export type Output<O extends Operation> = O['download'] extends string
  ? string | Readable
  : O['response'] extends TSchema
    ? Static<O['response']>
    : // biome-ignore lint/suspicious/noConfusingVoidType: a handler of an operation without an answer returns nothing
      void

/** Keeps the literal types of the row. */
export function defineOperation<const O extends Operation>(operation: O): O {
  return operation
}
