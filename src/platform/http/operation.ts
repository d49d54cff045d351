import type { Static, TSchema } from 'typebox'
import type { Permission } from '../permission.ts'

/** One operation of the HTTP API as data: the document, the validation and the handler's types all come from this row. */
export interface Operation {
  /** Unique; the portal's client and the handlers go by it. */
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below /api/v1, with `{name}` for path parameters. */
  path: `/${string}`
  tag: 'session' | 'overview' | 'signals' | 'sims' | 'network' | 'rules' | 'alarms' | 'controls' | 'demo' | 'sign-in'
  summary: string
  /** `public` needs no session at all. */
  permission: Permission | 'public'
  /** Stands only where the installation runs as a demo. */
  demoOnly?: true
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
// biome-ignore lint/suspicious/noConfusingVoidType: a handler of an operation without an answer returns nothing
export type Output<O extends Operation> = O['response'] extends TSchema ? Static<O['response']> : void

/** Keeps the literal types of the row. */
export function defineOperation<const O extends Operation>(operation: O): O {
  return operation
}
