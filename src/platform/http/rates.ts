import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '#core/limits.ts'
import type { Identity } from '../session.ts'
import { type ProblemBody, problem } from './problem.ts'

const windowS = 60

/** Counts a request against one limit; null where it may go on. */
type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<ProblemBody | null>

export interface Rates {
  /** Of one address. */
  readonly address: Limit
  /** Of one address at one operation of sign-in. */
  readonly signIn: (operationId: string) => Limit
  /** Of one API client, wherever it comes from. */
  readonly client: (request: FastifyRequest, reply: FastifyReply, identity: Identity) => Promise<ProblemBody | null>
}

export interface RateOptions {
  requestsPerMinute?: number
  signInPerMinute?: number
  clientPerMinute?: number
}

/**
 * Limits, told on every answer by the fields of draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` names each limit
 * with its quota and window, `RateLimit` what is left of it and for how many seconds.
 */
export async function createRates(app: FastifyInstance, options: RateOptions): Promise<Rates> {
  await app.register(rateLimit, { global: false, timeWindow: windowS * 1_000, cache: limits.http.addressesCounted })
  const limitOf = (name: string, max: number, refusal: string, keyGenerator?: (request: FastifyRequest) => string): Limit => {
    const count = app.createRateLimit({ max, ...(keyGenerator === undefined ? {} : { keyGenerator }) })
    return async (request, reply) => {
      const counted = await count(request)
      if (counted.isAllowed) return null
      const { remaining, ttlInSeconds, isExceeded } = counted
      append(reply, 'ratelimit-policy', `"${name}";q=${max};w=${windowS}`)
      append(reply, 'ratelimit', `"${name}";r=${remaining};t=${ttlInSeconds}`)
      if (!isExceeded) return null
      reply.header('retry-after', Math.max(1, ttlInSeconds))
      return problem(429, 'too-many-requests', refusal, { limit: name, retryAfterS: Math.max(1, ttlInSeconds) })
    }
  }
  const fromAddress = 'too many requests from your address: wait a minute'
  const clients = new WeakMap<FastifyRequest, string>()
  const client = limitOf(
    'client',
    options.clientPerMinute ?? limits.http.clientPerMinute,
    'too many requests of this API client: wait a minute',
    (request) => clients.get(request) ?? '',
  )
  return {
    address: limitOf('address', options.requestsPerMinute ?? limits.http.requestsPerMinute, fromAddress),
    signIn: () => limitOf('sign-in', options.signInPerMinute ?? limits.http.signInPerMinute, fromAddress),
    client: (request, reply, { personId }) => {
      clients.set(request, personId)
      return client(request, reply)
    },
  }
}

function append(reply: FastifyReply, name: string, value: string): void {
  const known = reply.getHeader(name)
  reply.header(name, known === undefined ? value : `${String(known)}, ${value}`)
}
