import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OperationError } from '#core/errors.ts'
import type { Identity } from '../session.ts'
import type { Operation } from './operation.ts'

const macChars = 22

/**
 * Cursors leave with a MAC over what they belong to: operation, tenant, path, filter and order. One that was made up, or
 * taken from another list, another tenant or another filter, is refused before any function sees it.
 */
export class Cursors {
  // As an object it is prepared once, not with each page.
  readonly #key: KeyObject

  constructor(key: Buffer) {
    this.#key = createSecretKey(key)
  }

  /** The query with its cursor as the function made it. Throws `cursor-invalid`. */
  open(operation: Operation, request: FastifyRequest, identity: Identity | null): unknown {
    const query = request.query as Record<string, unknown>
    const { cursor } = query
    if (typeof cursor !== 'string' || !hasCursor(operation)) return query
    const dot = cursor.lastIndexOf('.')
    const plain = cursor.slice(0, Math.max(0, dot))
    const given = Buffer.from(cursor.slice(dot + 1))
    const wanted = Buffer.from(this.#mac(operation, request, identity, plain))
    if (dot < 1 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      throw new OperationError('cursor-invalid', 400, 'this cursor is not one of this list: start again at its first page')
    }
    return { ...query, cursor: plain }
  }

  /** Signs the cursor of a page on its way out, and says the same as a link (RFC 8288). */
  seal(operation: Operation, request: FastifyRequest, reply: FastifyReply, identity: Identity | null, result: unknown): unknown {
    if (!hasCursor(operation) || typeof result !== 'object' || result === null || !('next' in result)) return result
    const { next } = result
    if (typeof next !== 'string') return result
    const cursor = `${next}.${this.#mac(operation, request, identity, next)}`
    const [path = '', search = ''] = request.url.split('?')
    const link = new URLSearchParams(search)
    link.set('cursor', cursor)
    reply.header('link', `<${path}?${link}>; rel="next"`)
    return { ...result, next: cursor }
  }

  #mac(operation: Operation, request: FastifyRequest, identity: Identity | null, cursor: string): string {
    const query = Object.entries(request.query as Record<string, unknown>)
      .filter(([name]) => name !== 'cursor' && name !== 'limit')
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
    const about = [operation.id, identity?.providerId ?? 'operator', request.params, query, cursor]
    return createHmac('sha256', this.#key).update(JSON.stringify(about)).digest('base64url').slice(0, macChars)
  }
}

function hasCursor({ query }: Operation): boolean {
  const properties: unknown = query !== undefined && 'properties' in query ? query.properties : undefined
  return typeof properties === 'object' && properties !== null && 'cursor' in properties
}
