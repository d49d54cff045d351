import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Session } from '#platform/http/schemas/session.ts'
import { roles } from '#platform/permission.ts'
import { actions, releasePreview } from './fixtures/actions.ts'
import { breach } from './fixtures/contract.ts'
import { controls, countsOf, evidence, requirements } from './fixtures/controls.ts'
import { attacks, story } from './fixtures/demo.ts'
import { partnerRows, peerRows, ruleRows } from './fixtures/network.ts'
import { alarms, overview } from './fixtures/overview.ts'
import { profileRows } from './fixtures/profiles.ts'
import { lockedOut, signalDetail, signalRows } from './fixtures/signals.ts'
import { lockedImsi, simDetail, simRows, simUsage, timeline } from './fixtures/sims.ts'
import { now } from './fixtures/world.ts'

/** The server of the portal's tests: answers as the API does, from fixtures, with the same content security policy. */
export interface FixtureServer {
  url: string
  /** Paths below /api/v1 that answer 503 from now on. */
  failing: Set<string>
  /** Who is there: the demo's visitor, an engineer, or nobody. */
  setVisitor(visitor: 'demo' | 'engineer' | 'nobody' | 'unclaimed'): void
  /** Leaves lists empty, as in a new installation. */
  setEmpty(isEmpty: boolean): void
  /** Sends a server-sent event to every open page. */
  push(topic: string, data: unknown): void
  /** What was sent to the server, newest last: `PATCH /rules/x`. */
  changes: { request: string; body: unknown }[]
  /** Where the fixtures are not what the API answers: nothing at a path that it has, or another shape than its document says. */
  breaches: string[]
  close(): Promise<void>
}

interface State {
  failing: Set<string>
  visitor: 'demo' | 'engineer' | 'nobody' | 'unclaimed'
  isEmpty: boolean
  streams: Set<ServerResponse>
  changes: { request: string; body: unknown }[]
  breaches: string[]
  modes: Map<string, 'off' | 'learn' | 'shadow' | 'active'>
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
}

/** Serves the built portal in `directory` on a free port of loopback. */
export async function startFixtureServer(directory: string): Promise<FixtureServer> {
  const state: State = {
    failing: new Set(),
    visitor: 'demo',
    isEmpty: false,
    streams: new Set(),
    changes: [],
    breaches: [],
    modes: new Map(),
  }
  const server = createServer((request, response) => void answer(state, directory, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    failing: state.failing,
    changes: state.changes,
    breaches: state.breaches,
    setVisitor: (visitor) => {
      state.visitor = visitor
    },
    setEmpty: (isEmpty) => {
      state.isEmpty = isEmpty
    },
    push(topic, data) {
      for (const stream of state.streams) stream.write(`event: ${topic}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    async close() {
      for (const stream of state.streams) stream.end()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(state: State, directory: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (!url.pathname.startsWith('/api/v1')) return page(directory, url.pathname, response)
  const path = url.pathname.slice('/api/v1'.length)
  if ([...state.failing].some((failing) => path.startsWith(failing)))
    return problem(response, 503, 'store-unavailable', 'the store does not answer; try again')
  if (path === '/events') return stream(state, response)
  const body = request.method === 'GET' ? undefined : await bodyOf(request)
  if (body !== undefined) state.changes.push({ request: `${request.method} ${path}`, body })
  const found = route(state, request.method ?? 'GET', path, url.searchParams, body)
  const fault = breach(request.method ?? 'GET', path, found)
  if (fault !== null) state.breaches.push(fault)
  if (found === undefined) return problem(response, 404, 'not-found', `there is nothing at ${path}`)
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found))
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString()
  return text === '' ? {} : JSON.parse(text)
}

function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ type: 'about:blank', title: code, status, detail, code }))
}

function stream(state: State, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  state.streams.add(response)
  response.on('close', () => state.streams.delete(response))
  response.write(`event: overview\ndata: ${JSON.stringify({ at: now - 400 })}\n\n`)
}

/** Policy as the product's HTTP server sends it: no inline script or style without the nonce. */
function page(directory: string, path: string, response: ServerResponse): void {
  // A file of the build, or else a page of the single-page application, whatever dots its address has.
  const isFile = /^\/(?:assets\/)?[^/]+\.(?:js|css|svg)$/.test(path)
  const file = isFile ? normalize(path).replaceAll('..', '') : 'index.html'
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]
  try {
    const content = readFileSync(join(directory, file))
    const text = file === 'index.html' ? content.toString().replaceAll('__CSP_NONCE__', nonce) : content
    response
      .writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy.join('; ') })
      .end(text)
  } catch {
    response.writeHead(404).end()
  }
}

function session(state: State): Session {
  const isDemo = state.visitor === 'demo'
  const nobody = state.visitor === 'nobody' || state.visitor === 'unclaimed'
  return {
    mode: isDemo ? 'demo' : 'open',
    claimed: state.visitor !== 'unclaimed',
    person: state.visitor === 'engineer' ? { id: 'p-1', name: 'M. Okafor', roles: ['operator-admin'], providerId: null } : null,
    permissions: nobody ? [] : [...(isDemo ? roles.demo : roles['operator-admin'])],
    mustEnrol: null,
    installation: {
      name: 'Halden IoT',
      plmn: '999-70',
      node: 'hss-a1',
      engine: 'postgresql',
      version: '0.1.0',
      startedAt: now - 3_600_000,
      language: null,
    },
    navigation: [],
    now,
  }
}

const list = <T>(items: readonly T[], value = items.length, capped = false) => ({ items, next: null, count: { value, capped } })

function route(state: State, method: string, path: string, query: URLSearchParams, body: unknown): unknown {
  const [, first = '', id = '', rest] = path.split('/').map(decodeURIComponent)
  const filter = query.get('filter') ?? ''
  switch (first) {
    case 'session':
      return session(state)
    case 'overview':
      return state.isEmpty ? emptyOverview() : overview(Number(query.get('windowS') ?? 300))
    case 'signals':
      return id === '' ? signalList(state, filter) : signal(id)
    case 'saved-views':
      return { items: [] }
    case 'actions':
      return list(query.get('imsi') === lockedImsi ? actions() : [])
    case 'approvals':
      return list([])
    case 'profiles':
      return list(state.isEmpty ? [] : profileRows())
    case 'sims':
      return simRoute(state, id, rest, filter)
    case 'partners':
      return id === '' ? list(state.isEmpty ? [] : partnerRows()) : partnerRows().find((one) => one.id === id)
    case 'peers':
      return id === '' ? list(state.isEmpty ? [] : peerRows()) : peerRows().find((one) => one.id === id)
    case 'rules':
      return ruleRoute(state, method, id, body)
    case 'alarms':
      return alarmRoute(state, method, id, query)
    case 'controls':
      return controlRoute(id)
    case 'demo':
      return demoRoute(method, id, rest)
    default:
      return entryRoute(first, id, body)
  }
}

function signalList(state: State, filter: string): unknown {
  if (state.isEmpty) return list([])
  const wanted = /verdict:(\w+)/.exec(filter)?.[1]
  const rows = signalRows(400).filter((row) => wanted === undefined || row.action === wanted)
  return list(rows, wanted === undefined ? 10_000 : rows.length, wanted === undefined)
}

function signal(id: string): unknown {
  const row = [...signalRows(400), ...lockedOut(5)].find((one) => one.id === id)
  return row === undefined ? undefined : signalDetail(row)
}

function simRoute(state: State, id: string, rest: string | undefined, filter: string): unknown {
  const rows = state.isEmpty ? [] : simRows(200)
  if (id === '') {
    const digits = /"(\d+)"/.exec(filter)?.[1]
    const found = rows.filter((row) => digits === undefined || row.imsi.includes(digits))
    return digits === undefined ? list(found, state.isEmpty ? 0 : 10_000) : list(found)
  }
  const row = rows.find((one) => one.id === id || one.imsi === id)
  if (row === undefined) return undefined
  if (rest === 'timeline') return list(timeline())
  if (rest === 'usage') return simUsage(row)
  if (rest === 'imei-lock') return releasePreview()
  return rest === undefined ? simDetail(row) : undefined
}

function ruleRoute(state: State, method: string, id: string, body: unknown): unknown {
  if (method === 'PATCH') state.modes.set(id, (body as { mode: 'off' | 'learn' | 'shadow' | 'active' }).mode)
  const rows = ruleRows().map((row) => ({ ...row, mode: state.modes.get(row.id) ?? row.mode }))
  return id === '' ? list(rows) : rows.find((row) => row.id === id)
}

function alarmRoute(state: State, method: string, id: string, query: URLSearchParams): unknown {
  if (method === 'POST') return alarms().find((one) => one.id === id)
  const shown = query.get('state') ?? 'open'
  const items = state.isEmpty ? [] : alarms().filter((one) => shown === 'all' || (one.state === 'cleared') === (shown === 'cleared'))
  return {
    ...list(items),
    objectives: [
      {
        id: 'signalling-success',
        target: 0.99,
        windowS: 2_592_000,
        good: 0.9941,
        budgetLeft: 0.41,
        burn: [{ windowS: 3600, rate: 0.6 }],
        state: 'ok',
      },
      { id: 'signalling-latency', target: 0.999, windowS: 2_592_000, good: null, budgetLeft: null, burn: [], state: 'unknown' },
    ],
    outlets: [
      { id: 'webhook', configured: true, detail: 'https://noc.example/hook', sent: 41, failed: 0, dropped: 0, lastError: null },
      { id: 'syslog', configured: false, detail: 'SIMWARD_SYSLOG', sent: 0, failed: 0, dropped: 0, lastError: null },
      { id: 'email', configured: false, detail: 'SIMWARD_SMTP_URL', sent: 0, failed: 0, dropped: 0, lastError: null },
    ],
  }
}

function controlRoute(id: string): unknown {
  const all = requirements()
  if (id === '') {
    const of = (source: string) => countsOf(all.filter((one) => one.source === source))
    const core = all.filter(
      (one) => one.source === 'clp14' && one.audience === 'operator' && (one.strength === 'shall' || one.strength === 'should'),
    )
    return {
      at: now,
      requirements: all,
      controls: controls(),
      counts: countsOf(all),
      countsBySource: { clp14: of('clp14'), en303645: of('en303645') },
      operatorCore: countsOf(core),
    }
  }
  const control = controls().find((one) => one.id === id)
  return control === undefined ? undefined : { control, requirements: all.slice(0, 2), evidence: evidence() }
}

function demoRoute(method: string, id: string, rest: string | undefined): unknown {
  if (id === 'attacks' && rest === undefined) return { items: attacks() }
  if (id === 'attacks' && method === 'POST') return attacks().find((one) => one.name === rest)
  const outage = { running: false, startedAt: now - 220_000, devices: 3000, spreadS: 30, back: 2587 }
  if (id === 'outage') return { ...outage, running: true }
  return id === 'story' ? { steps: story(), done: false, outage } : undefined
}

function entryRoute(first: string, id: string, body: unknown): unknown {
  if (first !== 'claim') return undefined
  if (id === 'look') {
    const valid = (body as { token?: unknown }).token === 'good-token-of-the-fixture'
    return { valid, purpose: valid ? 'claim' : null, installation: 'Halden IoT', person: null }
  }
  return id === 'password'
    ? { secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', otpauth: 'otpauth://totp/Simward:M.%20Okafor?secret=JBSWY3DPEHPK3PXP&issuer=Simward' }
    : undefined
}

function emptyOverview(): object {
  const full = overview(300)
  const none = {
    registrationsPerSecond: null,
    attachSuccess: null,
    answerP99Ms: null,
    vectorsToUnproven: 0,
    vectors: 0,
    criticalBack: null,
    criticalTotal: null,
    criticalP95S: null,
    devicesInT3402: null,
  }
  return {
    ...full,
    verdict: { state: 'unknown', key: 'overview.quiet', params: { attacks: 0 }, line: null },
    readouts: { ...full.readouts, ...none },
    load: null,
    events: [],
    verdicts: [],
    judged: 0,
    partners: [],
    alarms: [],
    controls: { met: 0, attested: 0, notMet: 0, unknown: 289, offered: 0, notOffered: 0, notApplicable: 0, total: 289 },
    needsYou: [],
    ledger: { verifiedAt: null, ok: null },
  }
}
