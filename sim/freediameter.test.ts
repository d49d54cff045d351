import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '#core/clock.ts'
import { createAuthority } from './authority.ts'
import { type RelayOptions, relayFiles, startRelay } from './freediameter.ts'

const options: RelayOptions = {
  identity: 'dra.ipx.example',
  realm: 'ipx.example',
  credentials: createAuthority('Test', Date.now()).issue({ commonName: 'dra.ipx.example' }),
  clock: systemClock,
  watchdogS: 1,
  peers: [
    { identity: 'hss.example', tls: false, connectTo: { host: '127.0.0.1', port: 3868 } },
    { identity: 'mme.example', tls: true, connectTo: { host: '127.0.0.1', port: 5658 } },
    { identity: 'mme2.example', tls: false },
  ],
}

test('the configuration lets exactly the listed peers in, plain ones only where they may be plain', () => {
  const files = relayFiles(options, '/tmp/relay', { host: '127.0.0.1', port: 13_868, tlsPort: 15_658 })
  assert.equal(files['acl.conf'], 'ALLOW_IPSEC hss.example\nmme.example\nALLOW_IPSEC mme2.example\n')
  const lines = files['relay.conf']?.split('\n') ?? []
  assert.ok(lines.includes('ConnectPeer = "hss.example" { ConnectTo = "127.0.0.1"; Port = 3868; No_TLS; };'))
  assert.ok(lines.includes('ConnectPeer = "mme.example" { ConnectTo = "127.0.0.1"; Port = 5658; };'))
  assert.ok(lines.includes('TwTimer = 6;'), 'never under the floor of RFC 3539 §3.4.1')
  assert.ok(!lines.some((line) => line.includes('mme2.example')))
})

test('a daemon that is not there is told at once, and stopping it is no error', async () => {
  const relay = await startRelay({ ...options, command: '/nonexistent/freeDiameterd' })
  await assert.rejects(relay.untilOpen('hss.example'), /ENOENT/)
  await relay.stop()
})
