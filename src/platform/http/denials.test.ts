import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import { defineFunction } from '#platform/function.ts'
import { startTestPlatform } from '#test/platform.ts'
import { operations } from './schemas/operations.ts'

/** Refuses by itself where the role would do: a rule that only the function knows. */
const probe = defineFunction({
  name: 'probe',
  config: [],
  provides: [],
  needs: [],
  controls: [],
  routes: [operations.acknowledgeAlarm],
  navigation: [],
  metrics: [],
  async start(ctx) {
    ctx.serve(operations.acknowledgeAlarm, () => {
      throw new OperationError('approval-own', 403, 'not by yourself')
    })
    return { async [Symbol.asyncDispose]() {} }
  },
})

test('who tries what they may not is counted, and in the ledger once a minute', async (t) => {
  const platform = await startTestPlatform({ functions: [probe] })
  t.after(() => platform[Symbol.asyncDispose]())
  const ask = (roles: ('auditor' | 'operator-engineer')[], as = 'operator') =>
    platform.call('POST', 'alarms/x/acknowledge', { as, roles, body: { note: '' }, headers: { 'x-test-person': 'vic' } })
  /** They are written in the background: time and store go on until so many are there. */
  const entries = async (wanted: number): Promise<object[]> => {
    for (let round = 0; ; round += 1) {
      const { rows } = await platform.store.query<{ body: object }>(
        `SELECT body FROM ledger_entry WHERE kind = 'access-denied' ORDER BY id`,
      )
      if (rows.length >= wanted || round > 200) return rows.map(({ body }) => body)
      await platform.clock.advanceAsync(5)
    }
  }
  for (let n = 0; n < 3; n += 1) assert.equal((await ask(['auditor'])).status, 403)
  assert.equal((await ask(['operator-engineer'])).body.code, 'approval-own')
  assert.equal((await ask([], '')).status, 401)
  assert.equal((await platform.call('GET', 'ledger/entries', { roles: ['operator-engineer'] })).status, 403)
  const denied = { operation: 'acknowledgeAlarm', address: '127.0.0.1' }
  assert.deepEqual(await entries(2), [
    { ...denied, code: 'not-allowed' },
    { ...denied, code: 'approval-own' },
  ])
  platform.clock.advance(60_000)
  await ask(['auditor'])
  assert.equal((await entries(3)).length, 3)
  const { text } = await platform.call('GET', '/metrics', {})
  assert.match(text, /simward_requests_denied_total\{operation="acknowledgeAlarm",code="not-allowed"\} 4/)
  assert.match(text, /simward_requests_denied_total\{operation="listLedgerEntries",code="not-allowed"\} 1/)
})
