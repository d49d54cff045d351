import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import { pino } from 'pino'
import { createChanges } from '#functions/subscriptions/changes.ts'
import type { AlarmReport } from '#platform/alarm.ts'
import type { Notice } from '#platform/notice.ts'
import type { UsageRecord } from '#platform/usage.ts'
import { toJson } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { overBothEngines } from '#test/stores.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { createMeter, type Meter } from './meter.ts'

const mib = 1_048_576

overBothEngines('metering', (store) => {
  let meters: ProviderRows
  let trackers: ProviderRows
  let meter: Meter
  let planId: string
  const notices: Notice[] = []
  const alarms: AlarmReport[] = []
  const told: string[] = []
  const kinds: string[] = []
  let references = 0

  before(async () => {
    meters = await insertProvider(store.db, 'Meters', '00101100', 700)
    trackers = await insertProvider(store.db, 'Trackers', '00101200', 3)
    planId = randomUUID()
    await store.db.query('INSERT INTO rate_plan (id, provider_id, name, body) VALUES ($1, $2, $3, $4)', [
      planId,
      meters.providerId,
      'small',
      toJson({ period: { kind: 'calendar-month' }, includedBytes: 10 * mib, alertsPercent: [80, 100], cutOffPercent: 120 }),
    ])
    await store.db.query('UPDATE subscription SET plan_id = $1 WHERE provider_id = $2', [planId, meters.providerId])
    await store.db.query(`UPDATE subscription SET class = 'critical' WHERE imsi = $1`, [meters.imsis[9]])
    const notes = { note: async (_: unknown, ...all: readonly Notice[]) => void notices.push(...all), publish: () => {} }
    const announcer = {
      announce: async (imsis: readonly string[]) => {
        told.push(...imsis)
        return { confirmed: imsis.length, failed: 0, notRegistered: 0 }
      },
      [Symbol.asyncDispose]: async () => {},
    }
    const changes = createChanges({ clock: store.clock, announcer, notices: () => notes })
    // The ledger has tests of its own; here its transaction and its notes are what counts.
    const ledger = {
      record: (run: Parameters<Ledger['record']>[0], { scope }: { scope?: { operator: true } } = {}) =>
        (scope === undefined ? store.db : store.db.asTenant(scope)).transaction((tx) => run(tx, ({ kind }) => void kinds.push(kind))),
    } as unknown as Ledger
    meter = createMeter({
      ledger,
      clock: store.clock,
      log: pino({ level: 'silent' }),
      ports: { changes, notices: notes, alarms: { raise: (report) => void alarms.push(report), clear: () => {}, standing: () => [] } },
    })
  })

  const operator = { operator: true } as const
  const record = (imsi: string, bytes: number, more: Partial<UsageRecord> = {}): UsageRecord => ({
    imsi,
    from: store.clock.now() - 60_000,
    to: store.clock.now(),
    bytesUp: bytes,
    bytesDown: 0,
    source: 'test',
    reference: String(references++),
    ...more,
  })
  const sim = async (imsi: string) =>
    (
      await store.db.query<{ imposed: { reason: string; by: string; expiresAt: number }[] }>(
        'SELECT imposed FROM subscription WHERE imsi = $1',
        [imsi],
      )
    ).rows[0]
  const counter = async (imsi: string) =>
    (
      await store.db.query<{ total: bigint; alerted: number; cut_off_at: Date | null }>(
        'SELECT total, alerted, cut_off_at FROM usage_counter WHERE imsi = $1 ORDER BY period_start DESC LIMIT 1',
        [imsi],
      )
    ).rows[0]

  test('each record counts once, a repeated one in the same chunk too', async () => {
    const [imsi = ''] = meters.imsis
    const one = record(imsi, mib)
    const first = await meter.count([one, one, record(imsi, mib)], operator)
    assert.deepEqual([first.recorded, first.duplicates, first.bytes], [2, 1, 2 * mib])
    const again = await meter.count([one], operator)
    assert.deepEqual([again.recorded, again.duplicates], [0, 1])
    assert.equal((await counter(imsi))?.total, BigInt(2 * mib))
  })

  test('more records than one transaction takes, and SIMs that nobody knows', async () => {
    const result = await meter.count([...meters.imsis.slice(10).map((imsi) => record(imsi, 1_000)), record('001019999999999', 5)], operator)
    assert.deepEqual([result.recorded, result.unknown], [690, ['001019999999999']])
  })

  test('what is another tenant’s is unknown', async () => {
    const result = await meter.count([record(trackers.imsis[0] ?? '', mib), record(meters.imsis[1] ?? '', mib)], {
      providerId: meters.providerId,
    })
    assert.deepEqual([result.recorded, result.unknown], [1, [trackers.imsis[0]]])
    assert.equal(await counter(trackers.imsis[0] ?? ''), undefined)
  })

  test('thresholds are told once, and the end of the plan stops the SIM until its period ends', async () => {
    const imsi = meters.imsis[2] ?? ''
    notices.length = 0
    await meter.count([record(imsi, 8 * mib)], operator)
    await meter.count([record(imsi, mib)], operator)
    await meter.count([record(imsi, mib)], operator)
    assert.deepEqual(
      notices.map(({ type, data }) => `${type} ${String(data.percent)}`),
      ['usage.alert 80', 'usage.alert 100'],
    )
    assert.deepEqual((await sim(imsi))?.imposed, [])
    await meter.count([record(imsi, 2 * mib)], operator)
    await meter.settled()
    const [quota] = (await sim(imsi))?.imposed ?? []
    assert.deepEqual([quota?.reason, quota?.by, quota?.expiresAt], ['quota', 'quota', Date.UTC(2026, 1, 1)])
    assert.ok(told.includes(imsi))
    assert.ok(kinds.includes('usage-cut-off'))
    assert.ok(notices.some(({ type }) => type === 'usage.cut-off'))
    notices.length = 0
    await meter.count([record(imsi, mib)], operator)
    assert.deepEqual(notices, [])
  })

  test('a critical SIM is never cut off: an alarm tells a person, once', async () => {
    const imsi = meters.imsis[9] ?? ''
    await meter.count([record(imsi, 30 * mib)], operator)
    await meter.count([record(imsi, 30 * mib)], operator)
    assert.deepEqual((await sim(imsi))?.imposed, [])
    assert.deepEqual(
      alarms.map(({ key, imsi: about }) => [key, about]),
      [[`usage-critical:${planId}`, imsi]],
    )
  })

  test('who is cut off is let in when the plan is raised, or another one holds', async () => {
    const [a = '', b = '', c = ''] = meters.imsis.slice(3, 6)
    await meter.count(
      [a, b, c].map((imsi) => record(imsi, 13 * mib)),
      operator,
    )
    assert.equal(await meter.reconsider(planId), 0)
    await store.db.query('UPDATE subscription SET plan_id = NULL WHERE imsi = $1', [b])
    assert.equal(await meter.reconsider(null), 1)
    assert.deepEqual([(await sim(b))?.imposed, (await counter(b))?.cut_off_at], [[], null])
    await store.db.query(`UPDATE rate_plan SET body = jsonb_set(body, '{includedBytes}', $2::jsonb) WHERE id = $1`, [
      planId,
      String(20 * mib),
    ])
    assert.ok((await meter.reconsider(planId)) >= 2)
    assert.deepEqual((await sim(a))?.imposed, [])
    assert.ok(told.includes(a) && kinds.includes('usage-let-in'))
  })

  test('a late record counts in its own period and stops nobody now', async () => {
    const imsi = meters.imsis[7] ?? ''
    const december = Date.UTC(2025, 11, 31)
    await meter.count([record(imsi, 100 * mib, { from: december, to: december + 1_000 })], operator)
    assert.deepEqual((await sim(imsi))?.imposed, [])
    const { rows } = await store.db.query<{ period_start: Date }>('SELECT period_start FROM usage_counter WHERE imsi = $1', [imsi])
    assert.deepEqual(
      rows.map(({ period_start: start }) => start.getTime()),
      [Date.UTC(2025, 11, 1)],
    )
    await meter[Symbol.asyncDispose]()
  })
})
