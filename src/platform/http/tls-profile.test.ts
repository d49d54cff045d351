import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { createAuthority } from '#sim/authority.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import type { TlsProfile } from './tls-profile.ts'

const run = promisify(execFile)
const withoutOpenssl = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed'

/** What openssl's own client agrees on, or null where it is refused. Node's side is not asked what it thinks. */
async function negotiate(port: number, ...flags: string[]): Promise<{ protocol: string; cipher: string } | null> {
  const child = run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-brief', ...flags])
  child.child.stdin?.end()
  const { stdout, stderr } = await child.catch((error: { stdout: string; stderr: string }) => error)
  const text = stdout + stderr
  const protocol = /Protocol version: (\S+)/.exec(text)?.[1]
  const cipher = /Ciphersuite: (\S+)/.exec(text)?.[1]
  return protocol === undefined || cipher === undefined ? null : { protocol, cipher }
}

describe('TLS of portal and API', () => {
  const servers = new Map<TlsProfile, { platform: TestPlatform; port: number }>()
  const directory = mkdtempSync(join(tmpdir(), 'simward-tls-'))
  const portOf = (profile: TlsProfile): number => servers.get(profile)?.port ?? 0

  before(async () => {
    const { key, cert } = createAuthority('Test', Date.now()).issue({ commonName: 'localhost', dnsNames: ['localhost'] })
    const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
    writeFileSync(keyFile, key)
    writeFileSync(certFile, cert)
    for (const profile of ['modern', 'sp800-52r2'] as const) {
      const platform = await startTestPlatform({ functions: [], http: { tls: { keyFile, certFile, profile } } })
      const { port } = await platform.http.listen({ host: '127.0.0.1', port: 0 })
      servers.set(profile, { platform, port })
    }
  })
  after(async () => {
    for (const { platform } of servers.values()) await platform[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  test('modern: 1.3 and nothing older', { skip: withoutOpenssl }, async () => {
    assert.deepEqual(await negotiate(portOf('modern')), { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' })
    for (const flag of ['-tls1_2', '-tls1_1', '-tls1']) assert.equal(await negotiate(portOf('modern'), flag), null, flag)
  })

  test('modern: a client that has it agrees on keys by X25519MLKEM768', () => agreedGroup(portOf('modern'), 'X25519MLKEM768'))

  test('sp800-52r2: 1.3 and 1.2, ephemeral keys and AEAD of FIPS algorithms only', { skip: withoutOpenssl }, async () => {
    const port = portOf('sp800-52r2')
    assert.deepEqual(await negotiate(port), { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' })
    const older = await negotiate(port, '-tls1_2')
    assert.equal(older?.protocol, 'TLSv1.2')
    assert.match(older?.cipher ?? '', /^ECDHE-(ECDSA|RSA)-AES256-GCM-SHA384$/)
    const refused = [
      ['-tls1_2', '-cipher', 'ECDHE+CHACHA20'],
      ['-tls1_2', '-cipher', 'ECDHE+AES+SHA256:ECDHE+AES+SHA1'],
      ['-tls1_2', '-cipher', 'kRSA'],
      ['-tls1_3', '-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256'],
      ['-tls1_3', '-groups', 'X25519'],
      ['-tls1_1'],
    ]
    for (const flags of refused) assert.equal(await negotiate(port, ...flags), null, flags.join(' '))
    assert.equal((await negotiate(port, '-tls1_3', '-groups', 'P-384'))?.protocol, 'TLSv1.3')
  })

  test('sp800-52r2: also its hybrid is made of FIPS parts', () => agreedGroup(portOf('sp800-52r2'), 'SecP256r1MLKEM768'))

  test('browsers are told to stay on TLS, and to lend the page nothing but passkeys and the clipboard', async () => {
    const { platform } = servers.get('modern') ?? assert.fail()
    const { headers } = await platform.call('GET', '/healthz')
    assert.match(String(headers['strict-transport-security']), /^max-age=31536000; includeSubDomains/)
    assert.match(String(headers['permissions-policy']), /publickey-credentials-get=\(self\).*camera=\(\)/)
    assert.deepEqual(
      ['cross-origin-opener-policy', 'cross-origin-resource-policy', 'x-content-type-options', 'referrer-policy', 'x-frame-options'].map(
        (name) => headers[name],
      ),
      ['same-origin', 'same-origin', 'nosniff', 'no-referrer', 'DENY'],
    )
    assert.equal(headers.server, undefined)
    assert.equal(headers['x-powered-by'], undefined)
  })
})

/** Connects with that group alone, so that an agreement is one on it. */
async function agreedGroup(port: number, group: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ecdhCurve: group })
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  assert.equal(socket.getProtocol(), 'TLSv1.3')
  socket.destroy()
}
