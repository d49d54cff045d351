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

/** Told to whoever listens at the window (`app/step-up.tsx`): the request waits for the answer. */
export const stepUpEvent = 'simward-step-up'
/** The session is over, whatever ended it. */
export const sessionEndedEvent = 'simward-session-ended'

/**
 * Sends a request; where the server first wants a fresh proof of who is there, asks the person for it and sends the request
 * once more. Pages get this for free: all they see is an answer that took longer, or `step-up-needed` if the person declined.
 */
async function fetchWithStepUp(request: Request): Promise<Response> {
  // A body is read once: what may be sent twice is copied before. Uploads are not: they may be large.
  const isUpload = request.headers.get('content-type')?.startsWith('text/csv') === true
  const again = isUpload ? null : request.clone()
  const response = await fetch(request)
  if (response.status !== 401 && response.status !== 403) return response
  const code = await codeOf(response)
  if (code === 'session-ended') window.dispatchEvent(new Event(sessionEndedEvent))
  if (code !== 'step-up-needed' || again === null || !(await askStepUp())) return response
  return fetch(again)
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null)
  return typeof body === 'object' && body !== null ? (body as { code?: unknown }).code : null
}

/** False where the person declined, or nobody is there to ask. */
function askStepUp(): Promise<boolean> {
  return new Promise((resolve) => {
    const event = new CustomEvent<(proven: boolean) => void>(stepUpEvent, { detail: resolve, cancelable: true })
    // A listener takes it over by preventing the default, which is to give up.
    if (window.dispatchEvent(event)) resolve(false)
  })
}

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin', fetch: fetchWithStepUp })
