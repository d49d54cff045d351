import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '#core/clock.ts'
import { createAuthority } from '#sim/authority.ts'
import { networksBehindHub, startHub } from './hub.ts'

const options = { clock: systemClock, authority: createAuthority('Hub test', Date.now()), target: { host: '127.0.0.1', port: 1 } }

test('only the networks that have no line of their own are behind the hub', () => {
  assert.deepEqual(
    networksBehindHub().map(({ id }) => id),
    ['dorvik', 'pelagos'],
  )
})

test('a hub that is not installed, or ends at once, is a reason in one line: the demo goes on with a simulated one', async () => {
  assert.equal(await startHub({ ...options, command: '/nonexistent/freeDiameterd' }), 'freeDiameter is not installed')
  const failed = await startHub({ ...options, command: 'false' })
  assert.match(String(failed), /^freeDiameter: it ended before .* was open$/)
})
