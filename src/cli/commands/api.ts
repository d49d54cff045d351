import { createReadStream, readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { readConfig } from '#platform/config.ts'
import type { Operation } from '#platform/http/operation.ts'
import { operationList, operations } from '#platform/http/schemas/operations.ts'
import { ApiClient, ApiProblem, type CallInput, type OperationId } from '../api-client.ts'
import { type Command, suggestion, UsageError } from '../command.ts'

/** Options of the command itself; all others are parameters of the operation. */
const own = [
  { name: 'body', value: 'JSON', summary: 'the body, or @FILE' },
  { name: 'file', value: 'FILE', summary: 'what to upload; - for standard input' },
  { name: 'all', summary: 'every page of a list, a row a line' },
  { name: 'watch', value: 'TOPICS', summary: 'events as they come, one a line (notices, alarms, ...); --after ID goes on after that one' },
  { name: 'after', value: 'ID', summary: 'the id of the last event that was seen' },
  { name: 'if-match', value: 'ETAG', summary: 'the version that was seen, for what is versioned' },
  { name: 'idempotency-key', value: 'KEY', summary: 'to repeat a call whose answer was lost; default a new one' },
  { name: 'filter', value: 'FILTER', summary: 'for lists, as in the portal: intended:suspended changed:3d' },
  { name: 'limit', value: 'N', summary: 'rows of a page' },
] as const

export const apiCommand: Command = {
  name: 'api',
  summary: 'Calls an operation of the API of a running Simward',
  usage: 'api OPERATION [--PARAMETER VALUE] [--body JSON|@FILE] [--all]',
  options: own,
  ownOptions: true,
  help: ([word]) => (word === undefined || word.startsWith('-') ? listText() : helpOf(find(word))),
  run: (args) => callApi(args.words, process.stdout),
}

/** Exit codes: 0 done, 1 not reached or broken off, 2 typed wrongly, 4 refused (4xx), 5 a fault of the server (5xx). */
async function callApi(argv: readonly string[], out: Writable): Promise<number> {
  const { word, values, flags } = parse(argv)
  const client = clientOf()
  const line = (value: unknown): void => void out.write(`${JSON.stringify(value)}\n`)
  try {
    const topics = values.get('watch')
    if (topics !== undefined) {
      const after = values.get('after')
      for await (const event of client.events(topics.split(','), after === undefined ? {} : { lastEventId: after })) line(event)
      return 1
    }
    if (word === undefined) {
      out.write(listText())
      return 0
    }
    const operation = find(word)
    const input = inputOf(operation, values)
    const id = operation.id as OperationId
    if (flags.has('all')) {
      for await (const row of client.rows(id, input as never)) line(row)
      return 0
    }
    const { body } = await client.call(id, input as never)
    if (body !== undefined) out.write(typeof body === 'string' ? body : `${JSON.stringify(body, null, 2)}\n`)
    return 0
  } catch (error) {
    if (error instanceof ApiProblem) {
      process.stderr.write(`${JSON.stringify(error.problem, null, 2)}\n`)
      return error.status >= 500 ? 5 : 4
    }
    if (!(error instanceof TypeError)) throw error
    process.stderr.write(`simward: the API was not reached: ${error.cause instanceof Error ? error.cause.message : error.message}\n`)
    return 1
  }
}

function clientOf(): ApiClient {
  const { apiUrl, apiKey } = readConfig(process.env)
  if (apiKey === null) throw new UsageError('api: set SIMWARD_API_KEY to a key, which the portal makes under API and webhooks')
  return new ApiClient({ url: apiUrl, key: apiKey })
}

function parse(argv: readonly string[]): { word: string | undefined; values: Map<string, string>; flags: Set<string> } {
  const values = new Map<string, string>()
  const flags = new Set<string>()
  let word: string | undefined
  for (let i = 0; i < argv.length; i++) {
    const text = argv[i] ?? ''
    if (!text.startsWith('--')) {
      if (word !== undefined) throw new UsageError(`api: one operation at a time, not ${text} too`)
      word = text
      continue
    }
    const [name = '', inline] = text.slice(2).split(/=(.*)/s)
    if (name === 'all') {
      flags.add(name)
      continue
    }
    const value = inline ?? argv[++i]
    if (value === undefined) throw new UsageError(`api: --${name} takes a value`)
    values.set(name, value)
  }
  return { word, values, flags }
}

function find(word: string): Operation {
  const known: Readonly<Record<string, Operation>> = operations
  const operation = Object.hasOwn(known, word) ? known[word] : undefined
  if (operation !== undefined) return operation
  const names = Object.keys(operations)
  const lower = names.find((name) => name.toLowerCase() === word.toLowerCase())
  throw new UsageError(`api: there is no operation ${word}${lower === undefined ? suggestion(word, names) : `; did you mean ${lower}?`}`)
}

interface Schema {
  type?: string
  enum?: readonly string[]
  description?: string
  properties?: Record<string, Schema>
  required?: readonly string[]
}

const membersOf = (schema: unknown): Record<string, Schema> => (schema as Schema | undefined)?.properties ?? {}

/** What was typed, put where the operation's row has it. */
function inputOf(operation: Operation, values: ReadonlyMap<string, string>): Omit<CallInput, 'query' | 'params' | 'body'> {
  const params: Record<string, string> = {}
  const query: Record<string, string> = {}
  const reserved = new Set(['body', 'file', 'if-match', 'idempotency-key'])
  for (const [name, value] of values) {
    if (reserved.has(name)) continue
    if (name in membersOf(operation.params)) params[name] = value
    else if (name in membersOf(operation.query)) query[name] = value
    else {
      const names = [...Object.keys(membersOf(operation.params)), ...Object.keys(membersOf(operation.query)), ...reserved]
      throw new UsageError(`api: ${operation.id} has no parameter --${name}${suggestion(name, names, '--')}`)
    }
  }
  const missing = Object.keys(membersOf(operation.params)).find((name) => params[name] === undefined)
  if (missing !== undefined) throw new UsageError(`api: ${operation.id} needs --${missing}`)
  const [body, file, ifMatch, idempotencyKey] = ['body', 'file', 'if-match', 'idempotency-key'].map((name) => values.get(name))
  if (operation.upload !== undefined && file === undefined) throw new UsageError(`api: ${operation.id} needs --file`)
  return {
    params,
    query,
    ...(body === undefined ? {} : { body: bodyOf(body) }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(file === undefined ? {} : { upload: file === '-' ? process.stdin : createReadStream(file) }),
  } as never
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text)
  } catch (error) {
    throw new UsageError(`api: the body is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function listText(): string {
  const width = Math.max(...operationList.map(({ id }) => id.length))
  const rows = operationList.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, summary }) => `  ${id.padEnd(width)}  ${summary}`)
  return [
    'Usage: ./simward api OPERATION [--PARAMETER VALUE] [--body JSON|@FILE] [--all]',
    '',
    ...rows,
    '',
    'Each explains itself: ./simward api OPERATION --help',
    '',
  ].join('\n')
}

function helpOf(operation: Operation): string {
  const parameter = ([name, schema]: [string, Schema]): string => {
    const kind = schema.enum === undefined ? (schema.type ?? 'value') : schema.enum.join('|')
    return `  --${name} ${kind}${schema.description === undefined ? '' : `  ${schema.description}`}`
  }
  const body = operation.body as Schema | undefined
  const members = Object.entries(body?.properties ?? {}).map(
    ([name, { type, enum: words }]) =>
      `    ${name}${body?.required?.includes(name) === true ? '' : '?'}: ${words?.join('|') ?? type ?? '...'}`,
  )
  return [
    `${operation.summary}`,
    '',
    `  ${operation.method} /api/v1${operation.path}, permission ${operation.permission}`,
    ...[...Object.entries(membersOf(operation.params)), ...Object.entries(membersOf(operation.query))].map(parameter),
    ...(operation.body === undefined ? [] : ['  --body JSON|@FILE', ...members]),
    ...(operation.upload === undefined ? [] : [`  --file FILE  ${operation.upload}`]),
    ...(operation.versioned === true && operation.method !== 'GET' ? ['  --if-match ETAG'] : []),
    '',
  ].join('\n')
}
