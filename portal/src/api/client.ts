import createClient from 'openapi-fetch'
import type { paths } from '../api.gen.ts'

/** What the server said when it did not do something (RFC 9457), or what stood between us and it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly detail: string

  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
    this.detail = detail
  }
}

interface Result<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The value of an answer; anything else is an ApiError. A body-less success gives undefined. */
export function answerOf<T>({ data, error, response }: Result<T>): T {
  if (response.ok) return data as T
  const problem = typeof error === 'object' && error !== null ? (error as { code?: unknown; detail?: unknown; title?: unknown }) : {}
  throw new ApiError(
    response.status,
    typeof problem.code === 'string' ? problem.code : `http-${response.status}`,
    String(problem.detail ?? problem.title ?? `HTTP ${response.status}`),
  )
}

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' })
