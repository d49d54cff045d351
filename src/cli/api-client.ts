import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Static, TSchema } from 'typebox'
import type { Operation } from '#platform/http/operation.ts'
import type { Problem } from '#platform/http/schemas/common.ts'
import { operations } from '#platform/http/schemas/operations.ts'

export type Operations = typeof operations
export type OperationId = keyof Operations

type Member<Name extends string, S> = S extends TSchema ? { [N in Name]: Static<S> } : { [N in Name]?: undefined }
type Optional<Name extends string, S> = S extends TSchema ? { [N in Name]?: Static<S> } : { [N in Name]?: undefined }
type Row<Id extends OperationId> = Operations[Id]
type Part<O, Name extends string> = O extends { [N in Name]: infer S } ? S : undefined

/** What a call is made with: path parameters, query and body as the operation's row has them. */
export type CallInput<Id extends OperationId = OperationId> = Member<'params', Part<Row<Id>, 'params'>> &
  Optional<'query', Part<Row<Id>, 'query'>> &
  Member<'body', Part<Row<Id>, 'body'>> & {
    /** The ETag that was seen, for what is versioned. */
    ifMatch?: string
    /** Default: a new one for each call. Give the same again to repeat a call whose answer was lost. */
    idempotencyKey?: string
    /** The content of an upload. */
    upload?: Readable
  }

export type CallOutput<Id extends OperationId> = Row<Id> extends { response: infer S extends TSchema } ? Static<S> : undefined

export interface CallAnswer<Id extends OperationId> {
  status: number
  etag: string | null
  body: CallOutput<Id>
}

export interface StreamedEvent {
  id: string
  event: string
  data: unknown
}

/** What the server said when it did not do something (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly problem: Problem

  constructor(status: number, problem: Problem) {
    super(problem.detail)
    this.status = status
    this.problem = problem
  }
}

/** The API, typed by the same rows that the server is made of. `key`: an API key or an access token. */
export class ApiClient {
  readonly #url: string
  readonly #key: string

  constructor({ url, key }: { url: string; key: string }) {
    this.#url = url
    this.#key = key
  }

  async call<Id extends OperationId>(id: Id, input: CallInput<Id>): Promise<CallAnswer<Id>> {
    const response = await this.#fetch(operations[id], input as CallInput)
    const type = response.headers.get('content-type') ?? ''
    const text = await response.text()
    const body = text === '' ? undefined : type.includes('json') && !type.includes('ndjson') ? JSON.parse(text) : text
    return { status: response.status, etag: response.headers.get('etag'), body: body as CallOutput<Id> }
  }

  /** Every row of a list, page after page, as far as its reader goes. */
  async *rows<Id extends OperationId>(id: Id, input: CallInput<Id>): AsyncGenerator<unknown> {
    let query: Record<string, unknown> = { ...(input.query as object | undefined) }
    for (;;) {
      const { body } = await this.call(id, { ...input, query } as CallInput<Id>)
      const page = body as { items?: unknown; next?: unknown }
      if (!Array.isArray(page.items)) throw new Error(`${id} is no list`)
      yield* page.items
      if (typeof page.next !== 'string') return
      query = { ...query, cursor: page.next }
    }
  }

  /** Server-sent events as they come. `lastEventId`: go on after that one. Ends when the server ends it. */
  async *events(topics: readonly string[], options: { lastEventId?: string; signal?: AbortSignal } = {}): AsyncGenerator<StreamedEvent> {
    const response = await this.#fetch(operations.streamEvents, { query: { topics: topics.join(',') } } as CallInput, options)
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const field = (name: string): string => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? ''
        if (field('data') !== '') yield { id: field('id'), event: field('event'), data: JSON.parse(field('data')) }
      }
    }
  }

  async #fetch(operation: Operation, input: CallInput, more: { lastEventId?: string; signal?: AbortSignal } = {}): Promise<Response> {
    const { params, query, body, ifMatch, idempotencyKey, upload } = input as {
      params?: Record<string, unknown>
      query?: Record<string, unknown>
      body?: unknown
    } & Pick<CallInput, 'ifMatch' | 'idempotencyKey' | 'upload'>
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(params?.[name])))
    const url = new URL(`/api/v1${path}`, this.#url)
    for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value))
    const headers: Record<string, string> = { authorization: `Bearer ${this.#key}` }
    if (ifMatch !== undefined) headers['if-match'] = ifMatch
    if (more.lastEventId !== undefined) headers['last-event-id'] = more.lastEventId
    if (operation.method !== 'GET' && operation.upload === undefined) headers['idempotency-key'] = idempotencyKey ?? randomUUID()
    if (body !== undefined) headers['content-type'] = 'application/json'
    if (upload !== undefined) headers['content-type'] = operation.upload ?? 'text/csv'
    const content = upload === undefined ? (body === undefined ? null : JSON.stringify(body)) : (upload as never)
    const init = { method: operation.method, headers, body: content, redirect: 'error', duplex: 'half' } as const
    const response = await fetch(url, more.signal === undefined ? init : { ...init, signal: more.signal })
    if (response.ok) return response
    const text = await response.text()
    const isProblem = response.headers.get('content-type')?.includes('problem+json') === true
    const detail = text.slice(0, 200)
    throw new ApiProblem(
      response.status,
      isProblem
        ? (JSON.parse(text) as Problem)
        : { type: 'about:blank', title: '', status: response.status, detail, code: `http-${response.status}` },
    )
  }
}
