import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { clientsFunction } from '#functions/clients/index.ts'
import { noticesFunction } from '#functions/notices/index.ts'
import type { Notice } from '#platform/notice.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { ApiClient, ApiProblem } from '../api-client.ts'
import { operationTable } from '../operation-table.ts'
import { projectRoot } from '../root.ts'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

describe('the API from outside', () => {
  let platform: TestPlatform
  let providerId: string
  let url: string
  let key: string
  before(async () => {
    platform = await startTestPlatform({ functions: [noticesFunction, clientsFunction] })
    providerId = (await insertProvider(platform.store, 'Wayfold', '99970', 1)).providerId
    const { port } = await platform.http.listen({ host: '127.0.0.1', port: 0 })
    url = `http://localhost:${port}`
    const body = { kind: 'key', name: 'x', scopes: ['sims:read', 'jobs:read'], reason: 'for the test' }
    key = (await platform.call('POST', 'clients', { as: providerId, roles: ['provider-admin'], body })).body.secret
    const { notices, noticeFeed } = platform.composition.ports
    const about = (id: string): Notice => ({ type: 'sim.changed', providerId, subject: { kind: 'sim', id }, data: {} })
    await platform.store.transaction(async (tx) => notices?.note(tx, ...Array.from({ length: 7 }, (_, n) => about(`s${n}`))))
    while (((await noticeFeed?.newest()) ?? 0) < 8) await new Promise((resolve) => setImmediate(resolve))
  })
  after(() => platform[Symbol.asyncDispose]())

  const run = async (file: string, argv: readonly string[], env: Record<string, string> = {}): Promise<Ran> => {
    const settings = { cwd: projectRoot, env: { PATH: process.env.PATH ?? '', SIMWARD_API_URL: url, SIMWARD_API_KEY: key, ...env } }
    return await promisify(execFile)(file, [...argv], settings).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    )
  }
  const simward = (argv: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
    run(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/cli/run.ts', 'api', ...argv], env)

  test('the three lines of docs/api.md: curl and the command line', async () => {
    const curl = await run('curl', ['-s', '-i', `${url}/api/v1/notices?limit=3`, '-H', `Authorization: Bearer ${key}`])
    assert.match(curl.stdout, /^HTTP\/1.1 200/)
    assert.match(curl.stdout, /ratelimit: "address";r=\d+;t=\d+, "client";r=\d+;t=\d+/i)
    assert.match(curl.stdout, /link: <\/api\/v1\/notices\?limit=3&cursor=[^>]+>; rel="next"/i)
    const listed = await simward(['listNotices', '--filter', 'type:sim.changed', '--limit=2', '--sort', 'seq', '--all'])
    assert.equal(listed.code, 0, listed.stderr)
    assert.deepEqual(
      listed.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).subject.id),
      ['s0', 's1', 's2', 's3', 's4', 's5', 's6'],
    )
  })

  test('a typing mistake is told with what was meant, a refusal with its problem', async () => {
    const wrongName = await simward(['listNotice'])
    assert.deepEqual([wrongName.code, /did you mean listNotices/.test(wrongName.stderr)], [2, true])
    const wrongParameter = await simward(['listNotices', '--filtre', 'x'])
    assert.deepEqual([wrongParameter.code, /did you mean --filter/.test(wrongParameter.stderr)], [2, true])
    assert.match((await simward(['getSim'])).stderr, /needs --id/)
    const refused = await simward(['listClients'])
    assert.deepEqual([refused.code, JSON.parse(refused.stderr).code], [4, 'not-allowed'])
    assert.equal((await simward(['listNotices'], { SIMWARD_API_KEY: 'swk_wrong' })).code, 4)
    assert.equal((await simward(['listNotices'], { SIMWARD_API_URL: 'http://localhost:1' })).code, 1)
    assert.match((await simward(['listNotices', '--help'])).stdout, /--sort -seq\|seq/)
  })

  test('the typed client: answers, pages, events that resume, problems', async () => {
    const client = new ApiClient({ url, key })
    const { body } = await client.call('listNotices', { query: { limit: 2 } })
    assert.equal(body.items[0]?.subject.id, 's6')
    const seen: string[] = []
    for await (const { event, data, id } of client.events(['notices'], { lastEventId: '~0' })) {
      assert.equal(event, 'notices')
      seen.push(`${(data as { notice: { subject: { id: string } } }).notice.subject.id} ${id.replace(/^.*~/, '')}`)
      if (seen.length === 7) break
    }
    assert.deepEqual(seen.slice(0, 2), ['s0 2', 's1 3'])
    await assert.rejects(
      client.call('listClients', {}),
      (error: unknown) => error instanceof ApiProblem && error.problem.code === 'not-allowed',
    )
  })
})

test('docs/api.md lists every operation as the rows have it (node src/cli/print-api.ts)', () => {
  assert.ok(readFileSync(`${projectRoot}docs/api.md`, 'utf8').endsWith(operationTable()))
})
