import type { FastifyError, FastifyReply } from 'fastify'
import { OperationError } from '#core/errors.ts'

/** An RFC 9457 problem document. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  code: string
  [detail: string]: unknown
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Sign-in needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  412: 'Changed meanwhile',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  422: 'Cannot be done',
  428: 'Version needed',
  429: 'Too many requests',
  500: 'Fault of ours',
  503: 'Unavailable',
}

export function problem(status: number, code: string, detail: string, details: Readonly<Record<string, unknown>> = {}): ProblemBody {
  return { ...details, type: `urn:simward:problem:${code}`, title: titles[status] ?? 'Error', status, detail, code }
}

interface Fault {
  instancePath?: string
  message?: string
}

/** What a thrown value says to the client. A fault of ours says nothing about the inside; the log has it. */
export function problemOf(error: unknown): ProblemBody {
  if (error instanceof OperationError) return problem(error.status, error.code, error.message, error.details)
  const { statusCode = 500, code = '', validation, validationContext, message = '' } = (error ?? {}) as Partial<FastifyError>
  if (validation !== undefined) {
    const faults = (validation as Fault[]).slice(0, 20).map((fault) => ({ at: fault.instancePath ?? '', message: fault.message ?? '' }))
    const first = faults[0]
    const where = `${validationContext ?? 'request'}${first?.at ?? ''}`
    return problem(400, 'request-invalid', `${where}: ${first?.message ?? 'does not fit the schema'}`, { faults })
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return problem(413, 'body-too-large', 'the body is larger than this API takes')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return problem(415, 'media-type', 'send the body as application/json')
  if (statusCode >= 400 && statusCode < 500) return problem(statusCode, 'request-invalid', message)
  return problem(500, 'fault', 'something failed here; the log of the server says what')
}

export async function sendProblem(reply: FastifyReply, body: ProblemBody): Promise<FastifyReply> {
  return reply.code(body.status).type('application/problem+json').serializer(JSON.stringify).send(body)
}
