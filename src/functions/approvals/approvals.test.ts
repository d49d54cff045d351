import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import type { Approval, ApprovalDraft, ApprovalPort } from '#platform/approval.ts'
import { defineFunction } from '#platform/function.ts'
import type { PasskeyPort } from '#platform/passkey.ts'
import { say } from '#platform/text.ts'
import type { Db } from '#store/db.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { postgresqlMissing } from '#test/postgresql.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { approvalsFunction } from './index.ts'

/** Takes every answer that repeats the challenge; who signs what is tested with real keys elsewhere. */
const passkeys: PasskeyPort = {
  rpId: 'localhost',
  list: async (personId) => (personId === 'passwordless' ? [] : [{ id: `key-of-${personId}`, transports: ['internal'] }]),
  async verify(personId, challenge, response) {
    const wanted = Buffer.from(challenge).toString('base64url')
    if (response.challenge !== wanted) throw new OperationError('passkey-refused', 400, 'another challenge was signed')
    return { credentialId: `key-of-${personId}`, publicKey: 'AA', authenticatorData: 'AA', clientDataJSON: 'AA', signature: 'AA' }
  },
}

for (const engine of ['pglite', 'postgresql'] as const) {
  describe(`approvals (${engine})`, { skip: engine === 'postgresql' ? postgresqlMissing : false }, () => suite(engine))
}

function suite(engine: Db['engine']): void {
  let platform: TestPlatform
  let port: ApprovalPort
  let meters: ProviderRows
  let trackers: ProviderRows
  const done: Approval[] = []
  let fails: Error | null = null
  let tried = 0

  const executor = defineFunction({
    name: 'executor',
    config: [],
    provides: [],
    needs: ['approvals'],
    controls: [],
    routes: [],
    navigation: [],
    metrics: [],
    async start({ ports }) {
      ports.approvals.on('test-command', async (approval) => {
        tried += 1
        if (fails !== null) throw fails
        done.push(approval)
      })
      return { async [Symbol.asyncDispose]() {} }
    },
  })

  before(async () => {
    platform = await startTestPlatform({ functions: [approvalsFunction, executor], base: { passkeys }, engine })
    const { approvals } = platform.composition.ports
    assert.ok(approvals !== undefined)
    port = approvals
    meters = await insertProvider(platform.store, 'Meters Ltd', '00101100', 3)
    trackers = await insertProvider(platform.store, 'Trackers Ltd', '00101200', 3)
  })
  beforeEach(() => {
    done.length = 0
    fails = null
  })
  after(() => platform[Symbol.asyncDispose]())

  const draft = (change: Partial<ApprovalDraft> = {}): ApprovalDraft => ({
    kind: 'test-command',
    providerId: meters.providerId,
    command: { suspend: ['001011000000001'], b: 1 },
    summary: say('approval.plain', { kind: 'test' }),
    reason: 'stolen from the depot',
    requestedBy: 'asker',
    needed: 2,
    deciders: 'provider',
    expiresAt: platform.clock.now() + 3_600_000,
    ...change,
  })

  const as = (person: string, provider = meters.providerId, kind = 'person') => ({
    as: provider,
    roles: [provider === 'operator' ? 'operator-security' : 'provider-admin'] as const,
    headers: { 'x-test-person': person, 'x-test-kind': kind },
  })

  async function decide(id: string, person: string, decision = 'approve', provider = meters.providerId) {
    const signing = await platform.call('GET', `approvals/${id}/signing?decision=${decision}`, as(person, provider))
    if (signing.status !== 200) return signing
    const response = { challenge: signing.body.options.challenge }
    return await platform.call('POST', `approvals/${id}/decision`, {
      ...as(person, provider),
      body: { decision, reason: 'checked', response },
    })
  }

  /** Lets time pass, with the store at work in between, until it is so. */
  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < 300; round += 1) {
      if (await isSo()) return
      await platform.store.query('SELECT 1')
      await platform.clock.advanceAsync(500)
    }
    assert.fail('it never came to that')
  }

  async function reaches(id: string, state: Approval['state']): Promise<Approval | null> {
    await until(async () => (await port.read(id))?.state === state)
    return await port.read(id)
  }

  async function entries(id: string): Promise<string[]> {
    const { rows } = await platform.store.query<{ kind: string; actor: string }>(
      `SELECT kind, actor FROM ledger_entry WHERE body ->> 'approvalId' = $1 ORDER BY id`,
      [id],
    )
    return rows.map(({ kind, actor }) => `${kind} by ${actor}`)
  }

  test('two persons besides the asker agree, and exactly the command is executed, once', async () => {
    const { id, commandHash } = await port.request(draft())
    assert.equal((await decide(id, 'ann')).body.state, 'waiting')
    assert.equal(done.length, 0)
    assert.equal((await decide(id, 'bob')).body.state, 'approved')
    const after = await reaches(id, 'executed')
    assert.deepEqual([after?.approvedBy, done.length], [['ann', 'bob'], 1])
    assert.deepEqual(
      done.map((one) => [one.command, one.commandHash]),
      [[{ suspend: ['001011000000001'], b: 1 }, commandHash]],
    )
    assert.deepEqual(await entries(id), [
      'approval-requested by asker',
      'approval-decided by ann',
      'approval-decided by bob',
      'approval-executed by approvals',
    ])
  })

  test('who asked never counts, nobody counts twice, and a client never does', async () => {
    const { id } = await port.request(draft())
    assert.deepEqual(codes(await decide(id, 'asker')), [403, 'approval-own'])
    await decide(id, 'ann')
    assert.deepEqual(codes(await decide(id, 'ann')), [409, 'approval-decided'])
    assert.deepEqual(
      codes(await platform.call('GET', `approvals/${id}/signing?decision=approve`, as('prog', meters.providerId, 'client'))),
      [403, 'people-only'],
    )
    assert.equal((await port.read(id))?.state, 'waiting')
  })

  test('two answers of one person at once count once', async () => {
    const { id } = await port.request(draft({ needed: 2 }))
    const answers = await Promise.all([decide(id, 'ann'), decide(id, 'ann'), decide(id, 'ann')])
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.deepEqual((await port.read(id))?.approvedBy, ['ann'])
  })

  test('one refusal ends it', async () => {
    const { id } = await port.request(draft())
    await decide(id, 'ann')
    assert.equal((await decide(id, 'bob', 'refuse')).body.state, 'refused')
    assert.deepEqual(codes(await decide(id, 'cid')), [409, 'approval-closed'])
    await platform.clock.advanceAsync(6_000)
    assert.deepEqual([(await port.read(id))?.state, done], ['refused', []])
  })

  test('a challenge for a refusal does not sign an approval, nor another person’s, nor another command', async () => {
    const { id } = await port.request(draft())
    const other = await port.request(draft())
    assert.notEqual(other.commandHash, (await port.read(id))?.commandHash)
    const challenges = await Promise.all(
      [
        [id, 'refuse', 'ann'],
        [id, 'approve', 'bob'],
        [other.id, 'approve', 'ann'],
      ].map(async ([approval, decision, person = '']) => {
        const { body } = await platform.call('GET', `approvals/${approval}/signing?decision=${decision}`, as(person))
        return body.options.challenge as string
      }),
    )
    for (const challenge of challenges) {
      const body = { decision: 'approve', reason: 'checked', response: { challenge } }
      assert.deepEqual(codes(await platform.call('POST', `approvals/${id}/decision`, { ...as('ann'), body })), [400, 'passkey-refused'])
    }
    assert.deepEqual((await port.read(id))?.approvedBy, [])
  })

  test('without a signature nothing counts, and without a passkey the page says why', async () => {
    const { id } = await port.request(draft())
    const body = { decision: 'approve', reason: 'checked' }
    assert.deepEqual(codes(await platform.call('POST', `approvals/${id}/decision`, { ...as('ann'), body })), [400, 'signature-needed'])
    assert.deepEqual(codes(await decide(id, 'passwordless')), [403, 'passkey-needed'])
    assert.equal((await platform.call('GET', `approvals/${id}`, as('passwordless'))).body.obstacle, 'passkey-needed')
    assert.equal((await platform.call('GET', `approvals/${id}`, as('ann'))).body.obstacle, null)
    assert.equal((await platform.call('GET', `approvals/${id}`, as('asker'))).body.obstacle, 'own')
  })

  test('another tenant sees nothing and decides nothing; the operator may, and alone where it says so', async () => {
    const { id } = await port.request(draft({ needed: 1 }))
    for (const path of [`approvals/${id}`, `approvals/${id}/signing?decision=approve`]) {
      assert.deepEqual(codes(await platform.call('GET', path, as('eve', trackers.providerId))), [404, 'approval-unknown'])
    }
    for (const [path, body] of [
      ['decision', { decision: 'approve', reason: 'mine now', response: {} }],
      ['withdraw', { reason: 'mine now' }],
    ] as const) {
      const answer = await platform.call('POST', `approvals/${id}/${path}`, { ...as('eve', trackers.providerId), body })
      assert.deepEqual(codes(answer), [404, 'approval-unknown'])
    }
    const seen = await platform.call('GET', 'approvals?state=all', as('eve', trackers.providerId))
    assert.deepEqual(seen.body.items, [])
    const { id: operators } = await port.request(draft({ deciders: 'operator', needed: 1 }))
    assert.deepEqual(codes(await decide(operators, 'ann')), [403, 'approval-operator-only'])
    assert.equal((await decide(operators, 'olga', 'approve', 'operator')).body.state, 'approved')
    assert.equal((await decide(id, 'olga', 'approve', 'operator')).body.state, 'approved')
  })

  test('a provider reads what the operator plans with one of its SIMs, and cannot touch it', async () => {
    const imsi = meters.imsis[0] ?? ''
    const { id } = await port.request(draft({ providerId: null, deciders: 'operator', imsi, needed: 1 }))
    assert.equal((await platform.call('GET', `approvals/${id}`, as('ann'))).body.obstacle, 'operator-only')
    assert.deepEqual(codes(await decide(id, 'ann')), [403, 'approval-operator-only'])
    const withdrawal = await platform.call('POST', `approvals/${id}/withdraw`, { ...as('asker'), body: { reason: 'not wanted' } })
    assert.deepEqual(codes(withdrawal), [409, 'approval-closed'])
    assert.equal((await platform.call('GET', `approvals/${id}`, as('eve', trackers.providerId))).status, 404)
    assert.equal((await port.waitingFor('test-command', imsi))?.id, id)
    assert.equal(await port.waitingFor('another', imsi), null)
  })

  test('a reader who may not decide is told so', async () => {
    const { id } = await port.request(draft())
    const viewer = { as: meters.providerId, roles: ['provider-viewer'] as const, headers: { 'x-test-person': 'vic' } }
    assert.equal((await platform.call('GET', `approvals/${id}`, viewer)).body.obstacle, 'not-allowed')
    assert.equal((await platform.call('GET', `approvals/${id}/signing?decision=approve`, viewer)).status, 403)
  })

  test('after its time nobody approves it, and it says that it expired', async () => {
    const { id } = await port.request(draft({ expiresAt: platform.clock.now() + 1_000, needed: 1 }))
    platform.clock.advance(1_000)
    assert.deepEqual(codes(await decide(id, 'ann')), [409, 'approval-closed'])
    await reaches(id, 'expired')
    assert.deepEqual(await entries(id), ['approval-requested by asker', 'approval-expired by approvals'])
  })

  test('who asked takes it back, nobody else does; a control takes back its own', async () => {
    const { id } = await port.request(draft())
    const body = { reason: 'found it again' }
    assert.deepEqual(codes(await platform.call('POST', `approvals/${id}/withdraw`, { ...as('ann'), body })), [403, 'approval-not-yours'])
    assert.equal((await platform.call('POST', `approvals/${id}/withdraw`, { ...as('asker'), body })).body.state, 'withdrawn')
    assert.deepEqual(codes(await platform.call('POST', `approvals/${id}/withdraw`, { ...as('asker'), body })), [409, 'approval-closed'])
    const held = await port.request(draft({ requestedBy: null }))
    assert.equal(await port.withdraw(held.id, { actor: 'held', reason: 'released otherwise', address: null }), true)
    assert.equal(await port.withdraw(held.id, { actor: 'held', reason: 'released otherwise', address: null }), false)
  })

  test('what fails says why', async () => {
    fails = new OperationError('sim-unknown', 404, 'there is no such SIM')
    const { id } = await port.request(draft({ needed: 1 }))
    await decide(id, 'ann')
    assert.equal((await reaches(id, 'failed'))?.failure, 'sim-unknown: there is no such SIM')
    assert.deepEqual((await entries(id)).at(-1), 'approval-failed by approvals')
  })

  test('while the store is away nothing fails: it is tried again', async () => {
    fails = new OperationError('store-unavailable', 503, 'away')
    const before = tried
    const { id } = await port.request(draft({ needed: 1 }))
    await decide(id, 'ann')
    await until(async () => tried > before)
    assert.equal((await port.read(id))?.state, 'approved')
    fails = null
    await reaches(id, 'executed')
    assert.equal(done.length, 1)
  })

  test('a command that was changed in the store after it was approved is not executed', async () => {
    fails = new OperationError('store-unavailable', 503, 'away')
    const { id } = await port.request(draft({ needed: 1 }))
    const before = tried
    await decide(id, 'ann')
    await until(async () => tried > before)
    fails = null
    await platform.store.query('UPDATE approval SET command = $2 WHERE id = $1', [id, '{"suspend":["001011000000002"]}'])
    const failed = await reaches(id, 'failed')
    assert.deepEqual([failed?.failure, done], ['the command is not the one that was approved', []])
  })

  test('asked for within another change, it stands and falls with that, and comes into the ledger after it', async () => {
    const scope = { providerId: meters.providerId }
    const kept = await platform.store.asTenant(scope).transaction((tx) => port.request(draft(), tx))
    await until(async () => (await entries(kept.id)).length > 0)
    assert.deepEqual(await entries(kept.id), ['approval-requested by asker'])
    let lost = ''
    await assert.rejects(
      platform.store.asTenant(scope).transaction(async (tx) => {
        lost = (await port.request(draft(), tx)).id
        throw new Error('the change failed')
      }),
    )
    assert.deepEqual([await port.read(lost), await entries(lost)], [null, []])
    await assert.rejects(
      platform.store.asTenant({ providerId: trackers.providerId }).transaction((tx) => port.request(draft(), tx)),
      { code: '42501' },
    )
  })

  test('lists: waiting first asked for, filtered, by key', async () => {
    const { id } = await port.request(draft({ imsi: meters.imsis[1] ?? null, reason: 'battery "swelling"' }))
    const list = async (query: string) => await platform.call('GET', `approvals?${query}`, as('ann'))
    const found = await list(`state=waiting&filter=${encodeURIComponent(`imsi:${meters.imsis[1]} kind:test-command age:1h`)}`)
    assert.deepEqual([found.body.items.length, found.body.items[0].id, found.body.count], [1, id, { value: 1, capped: false }])
    const first = (await list('state=all&limit=2')).body
    const second = (await list(`state=all&limit=2&cursor=${first.next}`)).body
    assert.equal(new Set([...first.items, ...second.items].map((item: { id: string }) => item.id)).size, 4)
    assert.equal((await list(`filter=${encodeURIComponent('state:gone')}`)).body.code, 'filter-invalid')
    assert.equal((await list('cursor=nonsense')).body.code, 'cursor-invalid')
    for (const item of (await list('state=decided')).body.items) assert.ok(!['waiting', 'approved'].includes(item.state))
  })

  test('an unknown id is not found, whatever it looks like', async () => {
    for (const id of ['nonsense', '%00', randomUUID(), "'%3B--"]) {
      const { status } = await platform.call('GET', `approvals/${id}`, as('ann'))
      assert.ok(status === 404 || status === 400, id)
    }
  })

  test('too large a command, and too many that wait, are refused', async () => {
    await assert.rejects(port.request(draft({ command: { text: 'x'.repeat(70_000) } })), { code: 'approval-too-large' })
    await assert.rejects(port.request(draft({ command: { at: Number.NaN } })), TypeError)
  })
}

function codes({ status, body }: { status: number; body: { code?: string } }): [number, string | undefined] {
  return [status, body.code]
}
