import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Operation } from '#platform/http/operation.ts'
import { operationList } from '#platform/http/schemas/operations.ts'
import { permissionsOf, type Role, roles } from '#platform/permission.ts'
import { valueFor } from './tenancy/bodies.ts'
import { insertOwned, type Owned } from './tenancy/owned.ts'
import { startWholePlatform, type WholePlatform } from './tenancy/platform.ts'

/**
 * Every operation of the API, as it stands in the rows, asked by nobody, by every role that may not, by an API client where
 * only people may, and by a provider with ids that are another's. A new operation is covered without a word here; one with
 * ids of a new kind needs a sample in test/tenancy/owned.ts, and this test says so.
 */

const roleNames = Object.keys(roles) as Role[]
/** What a stranger may call at all: what brings people and programs in. */
const publicTags = new Set(['session', 'sign-in', 'clients'])
/** And what names nobody: keys with which somebody outside checks a receipt. */
const publicToAll = new Set(['getLedgerKeys'])

/** `any`: whoever is signed in; the rows themselves say whose they are. */
function may(role: Role, { permission }: Operation): boolean {
  if (permission === 'public') return false
  return permission === 'any' || permissionsOf([role]).includes(permission)
}

/** Have parameters that name nothing of anybody. */
const sharedByAll = new Set(['downloadJobTemplate'])

interface Asked {
  roles?: readonly Role[]
  providerId?: string | null
  /** Whose person asks, in the session that stands in the store. */
  owner?: Owned
  kind?: 'person' | 'client'
  path?: string
  body?: unknown
}

interface Answer {
  status: number
  text: string
  code: unknown
  items: unknown
}

describe('tenancy of every operation', () => {
  let platform: WholePlatform
  let mine: Owned
  let theirs: Owned

  before(async () => {
    platform = await startWholePlatform()
    mine = await insertOwned(platform, 'Birchfield', '9997000001')
    theirs = await insertOwned(platform, 'Alderwick', '9997000002')
  })
  after(() => platform?.[Symbol.asyncDispose]())

  async function ask(operation: Operation, asked: Asked): Promise<Answer> {
    const { path = operation.path.replaceAll(/\{\w+\}/g, 'x'), body } = asked
    const isUpload = operation.upload !== undefined
    const answer = await platform.http.app.inject({
      method: operation.method,
      url: `/api/v1${path}`,
      headers: {
        host: 'localhost:8480',
        'if-match': '*',
        ...(asked.roles === undefined
          ? {}
          : { 'x-test-as': asked.owner?.providerId ?? asked.providerId ?? 'operator', 'x-test-roles': asked.roles.join(',') }),
        ...(asked.owner === undefined
          ? {}
          : { 'x-test-person': asked.owner.personId, 'x-test-session': asked.owner.samples.sessions ?? '' }),
        'x-test-kind': asked.kind ?? 'person',
        ...(isUpload ? { 'content-type': 'text/csv' } : {}),
      },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    const isJson = String(answer.headers['content-type'] ?? '').includes('json')
    const json = isJson && answer.body !== '' ? (answer.json() as { code?: unknown; items?: unknown }) : {}
    return { status: answer.statusCode, text: answer.body, code: json.code, items: json.items }
  }

  const named = (operation: Operation): string => `${operation.id} (${operation.method} ${operation.path})`

  test('nobody gets anything but the way in', async () => {
    for (const operation of operationList) {
      if (operation.demoOnly === true) {
        assert.equal((await ask(operation, {})).code, 'demo-only', named(operation))
        continue
      }
      if (operation.permission === 'public') {
        assert.ok(publicTags.has(operation.tag) || publicToAll.has(operation.id), `${named(operation)} is open to strangers`)
        if (publicToAll.has(operation.id)) {
          const { status, text } = await ask(operation, {})
          const said = [...mine.identifiers, ...theirs.identifiers].filter((one) => text.includes(one))
          assert.deepEqual([status, said], [200, []], named(operation))
        }
        continue
      }
      const { status, code } = await ask(operation, {})
      assert.deepEqual([status, code], [401, 'sign-in-needed'], named(operation))
    }
  })

  test('a role without the permission is refused, whatever it asks about', async () => {
    let refused = 0
    for (const operation of operationList) {
      if (operation.permission === 'public' || operation.demoOnly === true) continue
      for (const role of roleNames) {
        if (may(role, operation)) continue
        const providerId = role.startsWith('provider') ? mine.providerId : null
        const { status, code } = await ask(operation, { roles: [role], providerId })
        assert.deepEqual([status, code], [403, 'not-allowed'], `${role}: ${named(operation)}`)
        refused += 1
      }
    }
    assert.ok(refused > 100)
  })

  test('an API client is refused what is for people, with whatever rights', async () => {
    const forPeople = operationList.filter((operation) => operation.peopleOnly === true)
    assert.ok(forPeople.length > 5)
    for (const operation of forPeople) {
      const role = roleNames.find((name) => may(name, operation))
      assert.ok(role !== undefined, `no role may do ${named(operation)}`)
      const { status, code } = await ask(operation, { roles: [role], kind: 'client' })
      assert.deepEqual([status, code], [403, 'people-only'], named(operation))
    }
  })

  /** What a provider's administrator may call; live events are told apart by audience, see src/platform/http/event-hub.test.ts. */
  const ofProviders = operationList.filter(
    (operation) =>
      operation.demoOnly !== true && operation.stream !== true && !sharedByAll.has(operation.id) && may('provider-admin', operation),
  )

  /** The path with the owner's ids in it. */
  function pathOf(operation: Operation, { samples }: Owned): string {
    return operation.path.replaceAll(/(\w[\w-]*)\/\{(\w+)\}/g, (_whole, segment: string) => {
      const sample = samples[segment]
      assert.ok(sample !== undefined, `${named(operation)} needs a sample of ${segment} in test/tenancy/owned.ts`)
      return `${segment}/${encodeURIComponent(sample)}`
    })
  }

  /** The least that the operation takes, or all of it with another's ids wherever one can stand. */
  function requestOf(operation: Operation, whole: boolean): Pick<Asked, 'path' | 'body'> {
    const filling = { whole, without: new Set(['keys', 'url']), named: (name: string) => (whole ? theirs.members[name] : undefined) }
    const query = operation.query === undefined ? {} : (valueFor(operation.query, filling) as Record<string, unknown>)
    const { cursor: _cursor, filter: _filter, ...asked } = query
    const search = new URLSearchParams(Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, String(value)]))).toString()
    const body = operation.body === undefined ? undefined : valueFor(operation.body, filling)
    return {
      path: `${pathOf(operation, theirs)}${search === '' ? '' : `?${search}`}`,
      ...(operation.upload === undefined ? (body === undefined ? {} : { body }) : { body: `imsi\n${theirs.imsis[0]}\n` }),
    }
  }

  test('the samples are real: their owner is shown each of them', async () => {
    for (const operation of ofProviders) {
      if (operation.method !== 'GET' || !operation.path.includes('{')) continue
      const { path } = requestOf(operation, false)
      const { status, text } = await ask(operation, {
        roles: ['provider-admin'],
        owner: theirs,
        ...(path === undefined ? {} : { path }),
      })
      // What hangs below it may be refused for other reasons, but not as something that is not there.
      const isShown = operation.path.endsWith('}') ? status === 200 : status < 500 && status !== 404
      assert.ok(isShown, `${named(operation)}: ${status} ${text}`)
    }
  })

  /** Hashes of every row, in whatever table, that names something of this owner's. */
  async function traces({ identifiers } = theirs): Promise<readonly unknown[]> {
    const { store } = platform
    const { rows: tables } = await store.query<{ name: string }>(
      `SELECT c.relname::text AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    )
    const parts = tables.map(
      ({ name }) =>
        `SELECT '${name}' AS name, count(*) AS n, md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) AS hash
           FROM "${name}" t WHERE t::text LIKE ANY ($1::text[])`,
    )
    const { rows } = await store.query(parts.join(' UNION ALL '), [identifiers.map((one) => `%${one}%`)])
    return rows
  }

  test('what takes something away can be rehearsed: it answers as it would, and nothing has changed', async () => {
    const before = await traces(theirs)
    const done: string[] = []
    for (const operation of operationList.filter(({ rehearsable }) => rehearsable === true)) {
      const path = operation.path.replaceAll(/(\w[\w-]*)\/\{(\w+)\}/g, (_whole, segment: string) => {
        return `${segment}/${encodeURIComponent(theirs.samples[segment] ?? 'unknown')}`
      })
      const body = operation.body === undefined ? undefined : valueFor(operation.body, { whole: false, named: () => undefined })
      const isOperators = !may('provider-admin', operation)
      const { status, text } = await ask(operation, {
        roles: [isOperators ? 'operator-admin' : 'provider-admin'],
        ...(isOperators ? {} : { owner: theirs }),
        path: `${path}?dryRun=true${operation.method === 'DELETE' && operation.body === undefined ? '&reason=any+reason' : ''}`,
        ...(body === undefined ? {} : { body }),
      })
      assert.ok(status < 500 && status !== 400, `${named(operation)}: ${status} ${text}`)
      if (status < 300) done.push(operation.id)
      assert.deepEqual(await traces(theirs), before, `${named(operation)} changed something`)
    }
    // The others are refused as they would be: the last administrator, a group with SIMs, a profile in use.
    assert.ok(done.length >= 5, `only ${done.join(', ')} could be rehearsed`)
  })

  for (const whole of [false, true]) {
    test(`another provider's ids lead nowhere: ${whole ? 'in path, query and body' : 'in the path'}`, async () => {
      const untouched = await traces()
      for (const operation of ofProviders) {
        const request = requestOf(operation, whole)
        const { status, text, code, items } = await ask(operation, {
          ...request,
          roles: ['provider-admin'],
          owner: mine,
        })
        const what = `${named(operation)}: ${status} ${text.slice(0, 300)}`
        assert.ok(status < 500 || code === 'not-running', what)
        assert.notEqual(code, 'request-invalid', `test/tenancy/bodies.ts makes no valid request for ${what}`)
        if (operation.path.includes('{')) {
          assert.ok(status === 404 || (status === 200 && Array.isArray(items) && items.length === 0), what)
        }
        const said = `${request.path} ${JSON.stringify(request.body ?? '')}`
        const leaked = theirs.identifiers.filter((one) => text.includes(one) && !said.includes(one))
        assert.deepEqual(leaked, [], `leaks in ${what}`)
        assert.deepEqual(await traces(), untouched, `changed something of theirs: ${what}`)
      }
    })
  }
})
