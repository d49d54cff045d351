import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '#core/clock.ts'
import { createAuthority } from '#sim/authority.ts'
import { send } from './sending.ts'

test('a receiver that shows a certificate which nobody vouches for gets nothing', async () => {
  const { key, cert } = createAuthority('Nobody', Date.now()).issue({ commonName: 'localhost', dnsNames: ['localhost'] })
  let asked = 0
  const server = createServer({ key, cert }, (_request, response) => {
    asked += 1
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const outcome = await send(
      `https://localhost:${port}/`,
      { headers: {}, body: '{}' },
      { clock: systemClock, resolve: async () => ['127.0.0.1'], allowLoopback: true, signal: new AbortController().signal },
    )
    assert.equal(outcome.status, null)
    assert.match(outcome.problem ?? '', /^connection: .*certificate/)
    assert.equal(asked, 0)
  } finally {
    server.close()
  }
})
