import type { FastifyReply, FastifyRequest } from 'fastify'
import { OperationError } from '#core/errors.ts'
import { type ProblemBody, problem } from './problem.ts'

/** Versions of things as entity tags (RFC 9110 §8.8.3), so that two who edit one thing do not undo each other's work. */

const tagOf = (version: string | number): string => `"${version}"`

export function addVersion(reply: FastifyReply, version: string | number): void {
  reply.header('etag', tagOf(version))
}

/** A change of a versioned thing says which version it saw (RFC 6585 §3); null where it does, or nothing is changed. */
export function versionRefusal(request: FastifyRequest): ProblemBody | null {
  if (request.method === 'GET' || request.headers['if-match'] !== undefined) return null
  return problem(428, 'version-needed', 'say which version you saw: send the ETag of the last GET as If-Match, or * for any')
}

/** Throws 412 `version-changed` where If-Match names neither this version nor any (RFC 9110 §13.1.1). */
export function checkVersion(request: FastifyRequest, current: string | number): void {
  const asked = request.headers['if-match']
  if (asked === undefined || asked.trim() === '*') return
  if (asked.split(',').some((tag) => tag.trim() === tagOf(current))) return
  throw new OperationError('version-changed', 412, 'somebody else changed this meanwhile: read it again and repeat the change', {
    current: String(current),
  })
}
