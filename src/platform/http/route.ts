import type { Readable } from 'node:stream'
import type { TenantDb } from '#store/db.ts'
import type { Identity } from '../session.ts'
import type { Input, Operation, Output } from './operation.ts'

/** One request as a handler sees it: checked input, who asks, and a database handle of that tenant only. */
export interface Call<O extends Operation = Operation> extends Input<O> {
  /** null only for public operations. */
  identity: Identity | null
  /** Bound to the asker's tenant by row-level security. Throws where nobody is signed in. */
  db: TenantDb
  /** Where the request came from, for the ledger and the throttle. */
  address: string
  /** What the browser or program calls itself, cut to a sane length. */
  userAgent: string
  /** With `dryRun`: the ledger's `record` is told, and takes the whole back; what no transaction takes back is left out. */
  isRehearsal: boolean
  /** Says which version the answer shows (ETag). */
  setVersion(version: string | number): void
  /** Throws 412 `version-changed` where the request's If-Match names another version than this one. */
  checkVersion(current: string | number): void
  /** The body of an operation with `upload`, as it comes. */
  upload(): Readable
  /** Sets or clears (null) the session's cookie in the answer. */
  setSession(token: string | null, maxAgeS?: number): void
}

type Handler = (call: Call) => unknown

export interface RouteRegistry {
  get(operationId: string): Handler | undefined
  /** The `serve` of one function: refuses operations that its definition does not list, and a second handler. */
  scoped(
    functionName: string,
    listed: readonly Operation[],
  ): <O extends Operation>(operation: O, handler: (call: Call<O>) => Promise<Output<O>> | Output<O>) => void
}

export function createRouteRegistry(): RouteRegistry {
  const handlers = new Map<string, Handler>()
  return {
    get: (operationId) => handlers.get(operationId),
    scoped: (functionName, listed) => (operation, handler) => {
      if (!listed.some(({ id }) => id === operation.id)) throw new Error(`${functionName} does not list ${operation.id} in its routes`)
      if (handlers.has(operation.id)) throw new Error(`${operation.id} has two handlers`)
      handlers.set(operation.id, handler as Handler)
    },
  }
}
