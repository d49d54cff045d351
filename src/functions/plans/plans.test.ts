import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { plansFunction } from '#functions/plans/index.ts'
import type { Role } from '#platform/permission.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { csvLine } from './csv.ts'
import { importUsage } from './importing.ts'

const header = 'imsi,from,to,bytes_up,bytes_down,reference'
const plan = {
  name: 'small',
  period: { kind: 'calendar-month' },
  includedBytes: 1_000,
  alertsPercent: [80],
  cutOffPercent: 120,
  reason: 'an offer',
}

describe('rate plans and usage', () => {
  let platform: TestPlatform
  let meters: ProviderRows
  let trackers: ProviderRows
  const manager: readonly Role[] = ['provider-manager']

  before(async () => {
    platform = await startTestPlatform({ functions: [plansFunction as never] })
    meters = await insertProvider(platform.store, 'Meters', '00101100', 5)
    trackers = await insertProvider(platform.store, 'Trackers', '00101200', 2)
  })
  after(() => platform?.[Symbol.asyncDispose]())

  const call = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    as = meters.providerId,
  ) => platform.call(method, path, { as, roles: manager, ...(body === undefined ? {} : { body }), headers })
  const upload = (text: string | Buffer, query = '', as?: string) =>
    call('POST', `usage/import${query}`, text as never, { 'content-type': 'text/csv' }, as)
  const line = (imsi: string, bytes: number | string, reference: string, from = '2026-01-01T10:00:00Z', to = '2026-01-01T11:00:00Z') =>
    `${imsi},${from},${to},${bytes},0,${reference}`
  const make = async (change: object = {}) => (await call('POST', 'plans', { ...plan, ...change })).body.id as string

  test('a plan is made, shown, changed by who saw its newest version, and goes when no SIM is on it', async () => {
    const id = await make()
    const shown = await call('GET', `plans/${id}`)
    assert.deepEqual([shown.body.name, shown.body.sims.value, shown.body.periodEnd], ['small', 0, Date.UTC(2026, 1, 1)])
    assert.equal((await call('POST', 'plans', plan)).body.code, 'plan-name')
    assert.equal((await call('POST', 'plans', { ...plan, name: 'wrong', alertsPercent: [130] })).body.code, 'plan-invalid')
    const tag = String(shown.headers.etag)
    const change = { ...plan, includedBytes: 2_000 }
    assert.equal((await call('PUT', `plans/${id}`, change)).status, 428)
    assert.equal((await call('PUT', `plans/${id}`, change, { 'if-match': tag })).body.includedBytes, 2_000)
    assert.equal((await call('PUT', `plans/${id}`, change, { 'if-match': tag })).body.code, 'version-changed')
    await platform.store.query('UPDATE subscription SET plan_id = $1 WHERE imsi = $2', [id, meters.imsis[4]])
    assert.equal((await call('DELETE', `plans/${id}?reason=not+sold`)).body.code, 'plan-in-use')
    await platform.store.query('UPDATE subscription SET plan_id = NULL')
    assert.equal((await call('DELETE', `plans/${id}?reason=not+sold`)).status, 204)
    assert.equal((await call('GET', `plans/${id}`)).body.code, 'plan-unknown')
  })

  test('a SIM is on a plan of its own provider only: the schema says so', async () => {
    const id = await make({ name: 'ours' })
    await assert.rejects(platform.store.query('UPDATE subscription SET plan_id = $1 WHERE imsi = $2', [id, trackers.imsis[0]]), {
      code: '23503',
    })
  })

  test('a file is looked at first; what is wrong is named by line and column; then it counts', async () => {
    const id = await make({ name: 'metered' })
    await platform.store.query('UPDATE subscription SET plan_id = $1 WHERE provider_id = $2', [id, meters.providerId])
    const [a = '', b = ''] = meters.imsis
    const file = [
      header,
      line(a, 500, 'r1'),
      line(a, 400, 'r2'),
      line(a, 400, 'r2'),
      line('abc', 1, 'r3'),
      line(b, -5, 'r4'),
      line(b, 1, 'r5', '2026-01-01 10:00'),
      line(b, 1, 'r6', '2027-01-01T10:00:00Z', '2027-01-01T11:00:00Z'),
      line(trackers.imsis[0] ?? '', 7, 'r7'),
      line(b, 5, ''),
      '',
    ].join('\n')
    const looked = await upload(file)
    assert.equal(looked.status, 200, looked.text)
    const found = looked.body.faults.map(
      ({ line: at, column, code }: { line: number; column: string; code: string }) => `${at} ${column} ${code}`,
    )
    assert.deepEqual(found.toSorted(), [
      '10 reference reference-invalid',
      '5 imsi imsi-invalid',
      '6 bytes_up bytes-invalid',
      '7 from time-invalid',
      '8 from time-invalid',
      '9 imsi imsi-unknown',
    ])
    assert.deepEqual([looked.body.dryRun, looked.body.recorded, looked.body.duplicates, looked.body.wrong], [true, 2, 1, 5])
    assert.equal((await call('GET', `sims/${a}/usage`)).body.bytesUp, 0)

    const done = await upload(file, '?dryRun=false')
    assert.deepEqual([done.body.recorded, done.body.duplicates, done.body.unknown, done.body.bytes], [2, 1, 1, 900])
    const again = await upload(file, '?dryRun=false')
    assert.deepEqual([again.body.recorded, again.body.duplicates], [0, 3])
    const usage = (await call('GET', `sims/${a}/usage`)).body
    assert.deepEqual([usage.bytesUp, usage.alertedPercent, usage.plan.name], [900, 80, 'metered'])
    const top = (await call('GET', `plans/${id}/usage`)).body.items
    assert.deepEqual(
      top.map(({ imsi, percent }: { imsi: string; percent: number }) => [imsi, percent]),
      [[a, 90]],
    )
    const listed = (await call('GET', 'plans')).body.items.find(({ name }: { name: string }) => name === 'metered')
    assert.deepEqual([listed.sims.value, listed.overAlert.value, listed.cutOff.value], [5, 1, 0])
  })

  test('of another tenant nothing is seen', async () => {
    const id = await make({ name: 'private' })
    for (const path of [`plans/${id}`, `plans/${id}/usage`, `plans/${id}/usage.csv`])
      assert.equal((await call('GET', path, undefined, {}, trackers.providerId)).body.code, 'plan-unknown', path)
    assert.equal((await call('GET', `sims/${meters.imsis[0]}/usage`, undefined, {}, trackers.providerId)).body.code, 'sim-unknown')
    assert.equal((await call('PUT', `plans/${id}`, plan, { 'if-match': '*' }, trackers.providerId)).body.code, 'plan-unknown')
    const viewer = await platform.call('POST', 'usage/import', {
      as: meters.providerId,
      roles: ['provider-viewer'],
      headers: { 'content-type': 'text/csv' },
      body: header,
    })
    assert.equal(viewer.body.code, 'not-allowed')
  })

  test('a file that cannot be read is refused by name, and counts nothing', async () => {
    const good = `${header}\n${line(meters.imsis[0] ?? '', 1, 'never')}\n`
    const cases: [string, string | Buffer, string][] = [
      ['UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le'), 'csv-encoding'],
      [
        'Latin-1',
        Buffer.concat([Buffer.from(`${header},place\n`), Buffer.from(`${line(meters.imsis[0] ?? '', 1, 'x')},K\xf6ln\n`, 'latin1')]),
        'csv-encoding',
      ],
      ['zeros', Buffer.from(`${header}\n\0\0\0`), 'csv-encoding'],
      ['no header', line(meters.imsis[0] ?? '', 1, 'x'), 'csv-header'],
      ['a column twice', `${header},imsi\n`, 'csv-header'],
      ['a quote that never ends', `${header}\n"${'x'.repeat(1_000)}`, 'csv-malformed'],
      ['a line without end', `${header}\n${'9'.repeat(limits.usage.rowChars * 4)}`, 'csv-line-too-long'],
      ['a header without end', 'imsi,'.repeat(100_000), 'csv-line-too-long'],
    ]
    for (const [name, file, code] of cases) {
      const answer = await upload(file, '?dryRun=false')
      assert.equal(answer.body.code, code, `${name}: ${answer.text.slice(0, 300)}`)
      assert.ok(answer.status >= 400 && answer.status < 500, name)
    }
    assert.equal((await upload('')).body.rows, 0)
    assert.equal((await platform.store.query(`SELECT FROM usage_record WHERE reference = 'never'`)).rows.length, 0)
  })

  test('a line of any length costs no more memory than its bound', async () => {
    let sent = 0
    const endless = Readable.from(
      (function* () {
        yield `${header}\n`
        for (; sent < 5_000; sent += 1) yield Buffer.alloc(65_536, 0x39)
      })(),
    )
    const db = platform.store.asTenant({ providerId: meters.providerId })
    const read = importUsage(endless, { db, now: platform.clock.now(), dryRun: true, count: async () => assert.fail('nothing to count') })
    await assert.rejects(read, { code: 'csv-line-too-long' })
    assert.ok(sent < 100, `${sent} of 5,000 pieces were read`)
  })

  test('whatever a file holds, it is a report or a refusal', async () => {
    const db = platform.store.asTenant({ providerId: meters.providerId })
    const cell = fc.oneof(
      fc.constantFrom(...meters.imsis, '2026-01-01T10:00:00Z', '1', '=1+1', "'", '"', '""', '\r', '\n'),
      fc.string({ maxLength: 20 }),
    )
    const file = fc.oneof(
      fc
        .array(
          fc.array(cell, { maxLength: 9 }).map((cells) => cells.join(',')),
          { maxLength: 6 },
        )
        .map((rows) => [header, ...rows].join('\n')),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }),
    )
    await fc.assert(
      fc.asyncProperty(file, async (content) => {
        try {
          const report = await importUsage(Readable.from([Buffer.from(content as never)]), {
            db,
            now: platform.clock.now(),
            dryRun: true,
            count: async () => assert.fail('a dry run counts nothing'),
          })
          assert.ok(report.recorded + report.duplicates + report.unknown + report.wrong === report.rows, JSON.stringify(report))
        } catch (error) {
          assert.ok(error instanceof OperationError && error.code.startsWith('csv-'), String(error))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('an exported name runs as no formula in a spreadsheet', async () => {
    const id = await make({ name: 'exported' })
    await platform.store.query('UPDATE subscription SET plan_id = $1, label = $2 WHERE imsi = $3', [
      id,
      '=HYPERLINK("http://x.example")',
      meters.imsis[1],
    ])
    await upload(`${header}\n${line(meters.imsis[1] ?? '', 10, 'exported')}`, '?dryRun=false')
    const file = await call('GET', `plans/${id}/usage.csv`)
    assert.match(String(file.headers['content-type']), /text\/csv/)
    assert.match(file.text, /,"'=HYPERLINK\(""http:\/\/x\.example""\)",/)
    assert.equal(csvLine(['+1', '-1', '@a', '\ta', 'plain', 'a,b', null, -5]), "'+1,'-1,'@a,'\ta,plain,\"a,b\",,-5\r\n")
  })
})
