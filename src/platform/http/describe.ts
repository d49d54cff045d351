import { limits } from '#core/limits.ts'
import { type Permission, permissions } from '../permission.ts'
import { takesKey } from './idempotency.ts'
import { tokenPath } from './oauth.ts'
import type { Operation, tags } from './operation.ts'

type Json = Record<string, unknown>

/** What each part of the API is for. */
const tagWords = {
  session: 'Who is signed in, and where.',
  'sign-in': 'How persons prove who they are. Not for programs.',
  self: 'One’s own factors, sessions and language. Not for programs.',
  people: 'Persons of the own organisation, their roles and invitations.',
  organisations: 'Providers, their legal identity and agreements.',
  clients: 'API keys and OAuth clients.',
  webhooks: 'Where notices are sent, and how that went.',
  notices: 'What happened, in order.',
  sims: 'Subscriptions with their cards: lists, state, history, changes.',
  profiles: 'Service profiles: what devices of a kind may do.',
  plans: 'Rate plans, thresholds and usage.',
  jobs: 'Changes of many SIMs at once.',
  approvals: 'Commands that wait for persons.',
  health: 'How safe and how available one’s own SIMs are.',
  audit: 'The ledger.',
  overview: 'The installation at a glance, and the event stream.',
  signals: 'Judged signalling messages.',
  network: 'Roaming partners and Diameter peers.',
  rules: 'Screening rules.',
  alarms: 'What needs a person.',
  controls: 'Requirements, and whether they hold.',
  demo: 'The demo’s own buttons.',
} as const satisfies Record<(typeof tags)[number], string>

const text = { type: 'string' }

/** Headers that operations share, by name. */
const headers: Record<string, Json> = {
  RateLimit: { description: 'What is left of each limit, and for how many seconds: `"client";r=599;t=60`', schema: text },
  'RateLimit-Policy': { description: 'Each limit with its quota and window in seconds', schema: text },
  ETag: { description: 'Version of the thing; send it as If-Match with a change', schema: text },
  Link: { description: 'rel="next": the next page', schema: text },
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } },
  'Idempotency-Replayed': {
    description: '`true` where this is the kept answer to an earlier request',
    schema: { type: 'string', enum: ['true'] },
  },
}

const parameters: Record<string, Json> = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Made anew for each new request, a UUID for one. The same request with it again is not carried out twice and gets the kept answer, for 24 hours.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
    example: '0193a0f2-7a52-7c1e-9f0e-3d2b8a5c6e41',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag of the version that was seen, or *. Without it 428, with an older one 412.',
    schema: text,
    example: '"7"',
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id of the last event that was read',
    schema: text,
  },
}

/** Refusals that any operation of a kind may give, beside its own. */
const refusals: Record<string, { status: number; code: string; detail: string; headers?: readonly string[] }> = {
  NotSignedIn: {
    status: 401,
    code: 'key-refused',
    detail: 'this API key or access token is unknown, expired, revoked, or may not come from your address',
  },
  NotAllowed: { status: 403, code: 'not-allowed', detail: 'this needs the permission sims:write, which Meter back end does not have' },
  TooMany: {
    status: 429,
    code: 'too-many-requests',
    detail: 'too many requests of this API client: wait a minute',
    headers: ['Retry-After'],
  },
  KeyInUse: { status: 409, code: 'idempotency-running', detail: 'the first request with this Idempotency-Key is still being carried out' },
  KeyUsed: {
    status: 422,
    code: 'idempotency-mismatch',
    detail: 'this Idempotency-Key was used for another request: a new request needs a new key',
  },
  Changed: { status: 412, code: 'version-changed', detail: 'somebody else changed this meanwhile: read it again and repeat the change' },
  VersionNeeded: {
    status: 428,
    code: 'version-needed',
    detail: 'say which version you saw: send the ETag of the last GET as If-Match, or * for any',
  },
}

function refusalComponent({ status, code, detail, headers: named = [] }: (typeof refusals)[string]): Json {
  const example = { type: `urn:simward:problem:${code}`, title: '', status, detail, code }
  return {
    description: detail,
    headers: Object.fromEntries(named.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example } },
  }
}

function securitySchemes(): Json {
  const scopes = permissions.filter((permission) => permission !== 'self' && permission !== 'demo:run')
  return {
    session: { type: 'apiKey', in: 'cookie', name: '__Host-simward', description: 'A person at a browser' },
    apiKey: { type: 'http', scheme: 'bearer', description: 'An API key (swk_...) of the organisation' },
    oauth2: {
      type: 'oauth2',
      description: 'Access tokens of ten minutes; clients prove themselves by secret or by private_key_jwt',
      flows: { clientCredentials: { tokenUrl: tokenPath, scopes: Object.fromEntries(scopes.map((scope) => [scope, scope])) } },
    },
  }
}

function securityOf({ permission, peopleOnly }: Operation): Json[] {
  if (permission === 'public') return []
  const own = permission === 'self' || permission === 'demo:run'
  if (peopleOnly === true || own) return [{ session: [] }]
  const scopes: Permission[] = permission === 'any' ? [] : [permission]
  return [{ session: [] }, { apiKey: [] }, { oauth2: scopes }]
}

function headersOf(operation: Operation): string[] {
  const isPaged = operation.query !== undefined && 'properties' in operation.query && 'cursor' in (operation.query.properties as Json)
  return [
    'RateLimit',
    'RateLimit-Policy',
    ...(operation.versioned === true ? ['ETag'] : []),
    ...(isPaged ? ['Link'] : []),
    ...(takesKey(operation) ? ['Idempotency-Replayed'] : []),
  ]
}

function refusalsOf(operation: Operation): string[] {
  const isChange = operation.versioned === true && operation.method !== 'GET'
  return [
    'TooMany',
    ...(operation.permission === 'public' ? [] : ['NotSignedIn', 'NotAllowed']),
    ...(takesKey(operation) ? ['KeyInUse', 'KeyUsed'] : []),
    ...(isChange ? ['Changed', 'VersionNeeded'] : []),
  ]
}

/** Adds to one operation of the document what its row says beside its schemas. */
function describe(node: Json, operation: Operation): void {
  const named = [
    ...(takesKey(operation) ? ['IdempotencyKey'] : []),
    ...(operation.versioned === true && operation.method !== 'GET' ? ['IfMatch'] : []),
    ...(operation.stream === true ? ['LastEventId'] : []),
  ]
  const own = (node.parameters as Json[] | undefined) ?? []
  if (own.length + named.length > 0) node.parameters = [...own, ...named.map((name) => ({ $ref: `#/components/parameters/${name}` }))]
  if (operation.upload !== undefined) node.requestBody = { content: { [operation.upload]: { schema: text } } }
  node.security = securityOf(operation)
  const marks = [
    operation.permission === 'public' || operation.permission === 'any' ? null : `Permission \`${operation.permission}\`.`,
    operation.peopleOnly === true ? 'For people at a browser only.' : null,
    operation.stepUp === true ? `People must have proven who they are within ${limits.http.stepUpMs / 60_000} minutes.` : null,
    operation.demoOnly === true ? 'In the demo only.' : null,
  ].filter((mark) => mark !== null)
  if (marks.length > 0) node.description = marks.join(' ')
  const responses = node.responses as Record<string, Json>
  for (const [status, answer] of Object.entries(responses)) {
    if (status.startsWith('2'))
      answer.headers = Object.fromEntries(headersOf(operation).map((name) => [name, { $ref: `#/components/headers/${name}` }]))
  }
  for (const name of refusalsOf(operation)) {
    const status = refusals[name]?.status ?? 400
    responses[status] ??= { $ref: `#/components/responses/${name}` }
  }
}

/** The document with who may ask, which headers there are, and what is refused how. */
export function describeAll(document: Json, operations: readonly Operation[]): Json {
  const byId = new Map(operations.map((operation) => [operation.id, operation]))
  for (const path of Object.values(document.paths as Record<string, Record<string, Json>>)) {
    for (const node of Object.values(path)) {
      const operation = byId.get(String(node.operationId))
      if (operation !== undefined) describe(node, operation)
    }
  }
  const used = new Set(operations.map(({ tag }) => tag))
  const components = document.components as Json
  return {
    ...document,
    tags: Object.entries(tagWords)
      .filter(([name]) => used.has(name as keyof typeof tagWords))
      .map(([name, description]) => ({ name, description })),
    components: {
      ...components,
      headers,
      parameters,
      responses: Object.fromEntries(Object.entries(refusals).map(([name, refusal]) => [name, refusalComponent(refusal)])),
      securitySchemes: securitySchemes(),
    },
  }
}
