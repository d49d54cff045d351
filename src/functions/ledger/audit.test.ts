import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Db } from '#store/db.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { postgresqlMissing } from '#test/postgresql.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'

for (const engine of ['pglite', 'postgresql'] as const) {
  describe(`audit (${engine})`, { skip: engine === 'postgresql' ? postgresqlMissing : false }, () => suite(engine))
}

function suite(engine: Db['engine']): void {
  let platform: TestPlatform
  let meters: ProviderRows
  let trackers: ProviderRows
  const ann = randomUUID()

  before(async () => {
    platform = await startTestPlatform({ functions: [], engine })
    meters = await insertProvider(platform.store, 'Meters Ltd', '00101100', 2)
    trackers = await insertProvider(platform.store, 'Trackers Ltd', '00101200', 1)
    await platform.store.query('INSERT INTO person (id, provider_id, name, roles) VALUES ($1, $2, $3, $4)', [
      ann,
      meters.providerId,
      'Ann',
      ['provider-admin'],
    ])
    const { ledger, subjects } = platform.composition.ports
    assert.ok(ledger !== undefined && subjects !== undefined)
    const [imsi = ''] = meters.imsis
    const subjectId = await subjects.subjectFor({ kind: 'sim', identifier: imsi, providerId: meters.providerId })
    const body = { reason: 'stolen from the "depot"', address: '192.0.2.7', before: 'active', after: 'suspended' }
    await ledger.append({ kind: 'sim-suspended', actor: ann, providerId: meters.providerId, body, personal: { subjectId, data: { imsi } } })
    await ledger.append({ kind: 'sim-checked', actor: 'control', providerId: meters.providerId, body: { imsi: meters.imsis[1] } })
    await ledger.append({ kind: 'peer-changed', actor: 'olga', body: { reason: 'new address', address: '192.0.2.8' } })
    for (let n = 0; n < 30; n += 1) await ledger.append({ kind: 'counted', actor: 'counter', providerId: trackers.providerId, body: { n } })
  })
  after(() => platform[Symbol.asyncDispose]())

  const as = (providerId: string) => ({ as: providerId, roles: ['provider-admin'] as const, headers: { 'x-test-person': ann } })
  async function kinds(filter: string, who: object = {}): Promise<string[]> {
    const { status, body } = await platform.call('GET', `ledger/entries?filter=${encodeURIComponent(filter)}`, who)
    assert.equal(status, 200, JSON.stringify(body))
    return body.items.map(({ kind }: { kind: string }) => kind)
  }

  test('who, from where, why, about which SIM: each finds its entries, and nothing of another tenant', async () => {
    assert.deepEqual(await kinds(`sim:${meters.imsis[0]}`), ['sim-suspended'])
    assert.deepEqual(await kinds(`sim:${meters.imsis[1]}`), ['sim-checked'])
    assert.deepEqual(await kinds('address:192.0.2.*'), ['peer-changed', 'sim-suspended'])
    assert.deepEqual(await kinds(`actor:${ann} depot age:1h`), ['sim-suspended'])
    assert.deepEqual(await kinds('-kind:counted -kind:peer-changed'), ['sim-checked', 'sim-suspended'])
    assert.deepEqual(await kinds(`sim:${meters.imsis[0]}`, as(trackers.providerId)), [])
    assert.deepEqual(await kinds('', as(meters.providerId)), ['sim-checked', 'sim-suspended'])
    assert.equal((await platform.call('GET', 'ledger/entries?filter=colour%3Ared', {})).body.code, 'filter-invalid')
  })

  test('an entry says who by name where the reader may know them', async () => {
    const { body } = await platform.call('GET', 'ledger/entries?filter=kind%3Asim-suspended', as(meters.providerId))
    const [entry] = body.items
    assert.deepEqual(
      [entry.actor, entry.provider.name, entry.address, entry.reason, entry.personal],
      [{ id: ann, name: 'Ann', type: 'person' }, 'Meters Ltd', '192.0.2.7', 'stolen from the "depot"', 'sealed'],
    )
  })

  test('pages follow each other without a gap, also where little matches', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await platform.call('GET', `ledger/entries?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.next ?? ''
    } while (cursor !== '')
    assert.equal(seen.length, new Set(seen).size)
    assert.deepEqual(seen, seen.toSorted().toReversed())
    assert.ok(seen.length >= 33)
    assert.equal((await platform.call('GET', 'ledger/entries?cursor=nonsense')).body.code, 'cursor-invalid')
  })

  test('what is sealed is opened with a reason, and that it was is an entry; after the erasure it is gone', async () => {
    const { body: list } = await platform.call('GET', 'ledger/entries?filter=kind%3Asim-suspended', as(meters.providerId))
    const [{ id }] = list.items
    const open = (who: object, body: object = { reason: 'asked by its owner' }) =>
      platform.call('POST', `ledger/entries/${id}/open`, { ...who, body })
    assert.deepEqual((await open(as(meters.providerId))).body, { personal: { imsi: meters.imsis[0] } })
    assert.deepEqual(await kinds('kind:personal-opened', as(meters.providerId)), ['personal-opened'])
    assert.equal((await open(as(trackers.providerId))).body.code, 'entry-unknown')
    assert.equal((await open({ as: meters.providerId, roles: ['provider-manager'] })).status, 403)
    assert.equal((await open(as(meters.providerId), {})).status, 400)
    const stale = { ...as(meters.providerId), headers: { 'x-test-person': ann, 'x-test-proof-age-ms': '600000' } }
    assert.equal((await open(stale)).body.code, 'step-up-needed')
    const { subject_id: subjectId } = (
      await platform.store.query<{ subject_id: string }>('SELECT subject_id FROM ledger_entry WHERE id = $1', [id])
    ).rows[0] ?? { subject_id: '' }
    await platform.composition.ports.ledger?.eraseSubject(subjectId, { actor: 'olga', reason: 'asked by its owner' })
    assert.deepEqual((await open(as(meters.providerId))).body, { personal: null })
    const { body: after } = await platform.call('GET', 'ledger/entries?filter=kind%3Asim-suspended', as(meters.providerId))
    assert.equal(after.items[0].personal, 'erased')
  })

  test('roles without audit:read see nothing; anybody may have the public keys', async () => {
    for (const path of ['ledger/entries', 'ledger', `ledger/entries/${randomUUID()}/receipt`]) {
      assert.equal((await platform.call('GET', path, { as: meters.providerId, roles: ['provider-manager'] })).status, 403)
    }
    const { status, body } = await platform.call('GET', 'ledger/keys', { as: '' })
    assert.deepEqual([status, body.keys.length, body.keys[0].publicKey.startsWith('-----BEGIN PUBLIC KEY-----')], [200, 1, true])
    assert.doesNotMatch(JSON.stringify(body), /PRIVATE|sealed/)
  })

  test('the state of the ledger: verified, and signed up to where', async () => {
    await platform.composition.ports.ledger?.checkpoint()
    const { body } = await platform.call('GET', 'ledger')
    assert.equal(typeof body.checkpoint.keyId, 'string')
  })
}
