import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { limits } from '#core/limits.ts'
import { profilesFunction } from '#functions/profiles/index.ts'
import type { Approval, ApprovalDraft, ApprovalPort } from '#platform/approval.ts'
import type { Confirmations } from '#platform/change.ts'
import type { Role } from '#platform/permission.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'

const answers = {
  service: 'meter',
  purpose: 'reads electricity once a day',
  apn: 'meter.example',
  addresses: [{ cidr: '192.0.2.0/28', protocol: 'tcp', ports: [{ from: 8883, to: 8883 }], apn: null }],
  domains: ['Platform.Example'],
  voice: false,
  sms: false,
  ussd: false,
  numbers: [],
  roaming: 'home',
  partnerIds: [],
  mobility: 'fixed',
  radio: 'nb-iot',
  kbps: 60,
  rhythm: 'daily',
  longLived: true,
  class: 'standard',
  changesModule: false,
  cardUse: 'iot',
}

/** Approvals as the port promises them, decided by the test. */
function fakeApprovals() {
  const asked: Approval[] = []
  const executors = new Map<string, (approval: Approval) => Promise<void>>()
  const port: ApprovalPort = {
    async request(draft: ApprovalDraft) {
      const approval: Approval = {
        ...draft,
        id: randomUUID(),
        state: 'waiting',
        commandHash: '',
        requestedAt: 0,
        approvedBy: [],
        failure: null,
      }
      asked.push(approval)
      return approval
    },
    read: async () => null,
    waitingFor: async () => null,
    withdraw: async () => false,
    receiptCheck: () => null,
    on: (kind, execute) => void executors.set(kind, execute),
  }
  return { port, asked, approve: (approval: Approval) => executors.get(approval.kind)?.({ ...approval, approvedBy: ['second'] }) }
}

describe('service profiles', () => {
  let platform: TestPlatform
  let meters: ProviderRows
  let trackers: ProviderRows
  const approvals = fakeApprovals()
  const told: string[] = []
  const notices: string[] = []
  const changes = {
    async announce(imsis: readonly string[]): Promise<Confirmations> {
      told.push(...imsis)
      return { confirmed: imsis.length, failed: 0, notRegistered: 0 }
    },
  }

  before(async () => {
    platform = await startTestPlatform({
      functions: [profilesFunction as never],
      base: {
        changes: changes as never,
        approvals: approvals.port,
        notices: { note: async (_tx: unknown, { type }: { type: string }) => void notices.push(type) } as never,
      },
    })
    platform.clock.advance(1)
    meters = await insertProvider(platform.store, 'Meters', '00101100', limits.profiles.pushChunk + 3)
    trackers = await insertProvider(platform.store, 'Trackers', '00101200', 2)
  })
  after(() => platform?.[Symbol.asyncDispose]())

  const manager: readonly Role[] = ['provider-manager']
  const call = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    as = meters.providerId,
  ) => platform.call(method, path, { as, roles: manager, ...(body === undefined ? {} : { body }), headers })
  const tagOf = async (id: string): Promise<string> => String((await call('GET', `profiles/${id}`)).headers.etag)
  const proposed = async (change: object = {}) => (await call('POST', 'profiles/propose', { ...answers, ...change })).body
  const create = async (name: string, change: object = {}, more: object = {}) =>
    call('POST', 'profiles', { name, body: { ...(await proposed()).body, ...change }, answers, reason: 'a new service', ...more })
  const version = async (id: string, body: object) =>
    call('POST', `profiles/${id}/versions`, { reason: 'a change', ...body }, { 'if-match': await tagOf(id) })
  const apply = async (id: string, body: object) =>
    call('POST', `profiles/${id}/apply`, { reason: 'now', ...body }, { 'if-match': await tagOf(id) })

  test('from answers to a proposal, which permits nothing and says what each thing would cost', async () => {
    const { body, permissions, withheld, advice, faults } = await proposed()
    assert.deepEqual([permissions, faults, advice], [[], [], ['own-partition']])
    assert.equal(withheld.length, 14)
    assert.deepEqual([body.sms, body.radio, body.allowedDomains], [false, 'nb-iot', [{ name: 'platform.example', apn: null }]])
    const questions = await call('GET', 'needs/questions')
    assert.ok(questions.body.items.some(({ id }: { id: string }) => id === 'service'))
  })

  test('a profile is made with its assessment; its name is taken then', async () => {
    const made = await create('lights')
    assert.equal(made.status, 201, made.text)
    const detail = (await call('GET', `profiles/${made.body.id}`)).body
    assert.deepEqual([detail.version, detail.deviations, detail.permissions, detail.assessment.madeBy], [1, [], [], 'tester'])
    assert.match(detail.compiled, /meter\.example/)
    assert.equal((await create('lights')).body.code, 'profile-name')
    const { rows } = await platform.store.query(`SELECT kind FROM ledger_entry WHERE kind = 'profile-created' AND provider_id = $1`, [
      meters.providerId,
    ])
    assert.equal(rows.length, 1)
  })

  test('what cannot stand is refused with every fault', async () => {
    const refused = await create('open', {
      allowedAddresses: [
        { cidr: '0.0.0.0/0', protocol: 'any', ports: [], apn: null },
        { cidr: 'nowhere', protocol: 'any', ports: [], apn: null },
      ],
    })
    assert.equal(refused.body.code, 'profile-invalid')
    assert.deepEqual(
      refused.body.faults.map(({ code }: { code: string }) => code),
      ['address-everything', 'address-invalid'],
    )
    assert.equal((await create('far', { roamingArea: { kind: 'partners', partnerIds: [randomUUID()] } })).body.code, 'partner-unknown')
    const { body } = await proposed()
    const [apn] = body.apns
    assert.equal((await create('first', { apns: [{ ...apn, arpPriority: 2 }] })).body.code, 'profile-invalid')
    const byOperator = await platform.call('POST', 'profiles', {
      body: {
        providerId: meters.providerId,
        name: 'first',
        body: { ...body, apns: [{ ...apn, arpPriority: 2 }] },
        reason: 'given priority',
      },
    })
    assert.equal(byOperator.status, 201, byOperator.text)
    assert.equal(
      (await platform.call('POST', 'profiles', { body: { name: 'whose', body, reason: 'whose is it' } })).body.code,
      'provider-needed',
    )
    assert.equal((await create('theirs', {}, { providerId: trackers.providerId })).body.code, 'provider-unknown')
  })

  test('SMS only after somebody signed that they know how weak it is', async () => {
    const refused = await create('texting', { sms: true })
    assert.deepEqual([refused.status, refused.body.code, refused.body.bearers], [409, 'acknowledgement-needed', ['sms']])
    const sign = (body: object, headers: Record<string, string> = {}) => call('POST', 'acknowledgements', body, headers)
    assert.equal((await sign({ bearer: 'sms', textVersion: 1 }, { 'x-test-kind': 'client' })).body.code, 'people-only')
    assert.equal((await sign({ bearer: 'sms', textVersion: 1 }, { 'x-test-proof-age-ms': '600000' })).body.code, 'step-up-needed')
    assert.equal((await sign({ bearer: 'sms', textVersion: 9 })).body.code, 'acknowledgement-text')
    const signed = await sign({ bearer: 'sms', textVersion: 1 })
    assert.equal(signed.status, 201, signed.text)
    assert.equal((await sign({ bearer: 'sms', textVersion: 1 })).body.code, 'acknowledgement-stands')
    assert.equal((await create('texting', { sms: true, ussd: true })).body.bearers.join(), 'ussd')
    const made = await create('texting', { sms: true })
    assert.equal(made.status, 201, made.text)
    assert.deepEqual(
      (await call('GET', `profiles/${made.body.id}`)).body.deviations.map(({ value }: { value: string }) => value),
      ['sms', 'any-number'],
    )

    const withdrawn = await call('POST', `acknowledgements/${signed.body.id}/withdraw`, { reason: 'no longer wanted' })
    assert.deepEqual(withdrawn.body.dependents, [{ id: made.body.id, name: 'texting' }])
    assert.deepEqual((await call('GET', `profiles/${made.body.id}`)).body.unacknowledged, ['sms'])
    assert.equal(
      (await call('POST', `acknowledgements/${signed.body.id}/withdraw`, { reason: 'once more' })).body.code,
      'acknowledgement-unknown',
    )
    const next = await version(made.body.id, { body: { ...(await proposed()).body, sms: true, imeiLock: false } })
    assert.equal((await apply(made.body.id, { version: next.body.version, dryRun: false })).body.code, 'acknowledgement-needed')
  })

  test('a version waits; a dry run says what it would do; applied, its SIMs are told in chunks, and it can be taken back', async () => {
    const made = await create('rollout')
    const { id } = made.body
    await platform.store.query('UPDATE subscription SET profile_id = $1 WHERE provider_id = $2', [id, meters.providerId])
    const { body } = await proposed()
    const next = await version(id, { body: { ...body, maxUplinkKbps: 50 } })
    assert.deepEqual([next.status, next.body.version], [201, 2])
    assert.equal((await call('GET', `profiles/${id}`)).body.version, 1)

    const dry = (await apply(id, { version: 2 })).body
    assert.deepEqual([dry.outcome, dry.affected.sims.value, dry.affected.critical.value], ['would-apply', meters.imsis.length, 0])
    assert.deepEqual(dry.differences, [{ member: 'maxUplinkKbps', item: null, detail: null, before: '60', after: '50' }])
    assert.equal(told.length, 0)

    const done = await apply(id, { version: 2, dryRun: false })
    assert.equal(done.body.outcome, 'applied', done.text)
    await push(id)
    assert.deepEqual(told.toSorted(), [...meters.imsis])
    const detail = (await call('GET', `profiles/${id}`)).body
    assert.deepEqual(
      [detail.version, detail.body.maxUplinkKbps, detail.push.told, detail.push.confirmed],
      [2, 50, told.length, told.length],
    )
    assert.equal((await apply(id, { version: 2, dryRun: false })).body.outcome, 'unchanged')
    assert.deepEqual(notices, ['profile.changed'])

    const back = await version(id, { restore: 1 })
    assert.equal(back.body.version, 3)
    assert.equal((await apply(id, { version: 3, dryRun: false })).body.outcome, 'applied')
    await push(id)
    assert.equal((await call('GET', `profiles/${id}`)).body.body.maxUplinkKbps, 60)
    const list = (await call('GET', `profiles/${id}/versions?limit=2`)).body
    assert.deepEqual(
      list.items.map(({ version: n, isCurrent }: { version: number; isCurrent: boolean }) => `${n} ${isCurrent}`),
      ['3 true', '2 false'],
    )
    assert.equal((await call('GET', `profiles/${id}/versions/2?against=1`)).body.differences.length, 1)
    assert.equal((await call('GET', `profiles/${id}/versions/7`)).body.code, 'profile-version-unknown')
    assert.equal((await call('DELETE', `profiles/${id}?reason=not+needed`)).body.code, 'profile-in-use')
  })

  test('with critical SIMs another person must agree; the executed approval is not executed twice', async () => {
    const { id } = (await create('vital')).body
    await platform.store.query(`UPDATE subscription SET profile_id = $1, class = 'critical' WHERE imsi = $2`, [id, meters.imsis[0]])
    const { body } = await proposed()
    await version(id, { body: { ...body, maxUplinkKbps: 10 } })
    const waiting = await apply(id, { version: 2, dryRun: false })
    assert.deepEqual([waiting.body.outcome, waiting.body.needsApproval], ['waiting-approval', true])
    assert.equal((await call('GET', `profiles/${id}`)).body.version, 1)
    const [approval] = approvals.asked
    assert.ok(approval !== undefined)
    assert.deepEqual([approval.kind, approval.requestedBy, approval.needed], ['profile-change', 'tester', 1])
    await approvals.approve(approval)
    assert.equal((await call('GET', `profiles/${id}`)).body.version, 2)
    await approvals.approve(approval)
    await version(id, { restore: 1 })
    await apply(id, { version: 3, dryRun: false })
    const [, second] = approvals.asked
    assert.ok(second !== undefined)
    await version(id, { body: { ...body, maxUplinkKbps: 20 } })
    await apply(id, { version: 4, dryRun: false })
    await approvals.approve(approvals.asked[2] as Approval)
    await assert.rejects(async () => approvals.approve(second), { code: 'profile-moved' })
    await push(id)
  })

  test('who saw an older version does not undo the work of another', async () => {
    const { id } = (await create('shared')).body
    const tag = await tagOf(id)
    const { body } = await proposed()
    const post = (headers: Record<string, string>) => call('POST', `profiles/${id}/versions`, { body, reason: 'mine' }, headers)
    assert.equal((await post({})).status, 428)
    assert.equal((await post({ 'if-match': tag })).status, 201)
    assert.equal((await post({ 'if-match': tag })).body.code, 'version-changed')
  })

  test('of another tenant nothing is seen, nothing changed', async () => {
    const { id } = (await create('ours')).body
    for (const [method, path, body] of [
      ['GET', `profiles/${id}`, undefined],
      ['GET', `profiles/${id}/versions`, undefined],
      ['POST', `profiles/${id}/apply`, { version: 1, reason: 'mine now' }],
      ['POST', `profiles/${id}/assessments`, { answers, reason: 'mine now' }],
      ['DELETE', `profiles/${id}?reason=mine+now`, undefined],
    ] as const) {
      const answer = await call(method, path, body, { 'if-match': '*' }, trackers.providerId)
      assert.deepEqual([answer.status, answer.body.code], [404, 'profile-unknown'], `${method} ${path}`)
    }
    const names = (await call('GET', 'profiles', undefined, {}, trackers.providerId)).body.items.map(({ name }: { name: string }) => name)
    assert.deepEqual(names, ['Meters'])
    const viewer = await platform.call('POST', 'profiles/propose', { as: meters.providerId, roles: ['provider-viewer'], body: answers })
    assert.equal(viewer.status, 200)
    const write = await platform.call('DELETE', `profiles/${id}?reason=viewing`, { as: meters.providerId, roles: ['provider-viewer'] })
    assert.equal(write.body.code, 'not-allowed')
  })

  test('an assessment made later shows what the profile gives beyond it; an unused profile can go', async () => {
    const { id } = (await create('late', { imeiLock: false }, { answers: undefined })).body
    assert.equal((await call('GET', `profiles/${id}`)).body.deviations, null)
    const assessed = await call('POST', `profiles/${id}/assessments`, { answers, reason: 'asked the owner' })
    assert.deepEqual(assessed.body.deviations, [{ kind: 'permission', value: 'any-module' }])
    const row = (await call('GET', 'profiles?limit=100')).body.items.find(({ name }: { name: string }) => name === 'late')
    assert.deepEqual([row.deviations, row.permissions], [1, ['any-module']])
    assert.equal((await call('DELETE', `profiles/${id}?reason=never+used`)).status, 204)
    assert.equal((await call('GET', `profiles/${id}`)).status, 404)
  })

  test('the list pages by name', async () => {
    const names: string[] = []
    for (let cursor = ''; ; ) {
      const page = (await call('GET', `profiles?limit=3${cursor}`)).body
      names.push(...page.items.map(({ name }: { name: string }) => name))
      if (page.next === null) break
      cursor = `&cursor=${page.next}`
    }
    assert.deepEqual(
      names,
      names.toSorted((a, b) => (a < b ? -1 : 1)),
    )
    assert.equal(new Set(names).size, names.length)
  })

  /** The push runs by itself; its end is awaited by what it writes. */
  async function push(id: string): Promise<void> {
    for (;;) {
      const { rows } = await platform.store.query<{ open: boolean }>(
        'SELECT finished_at IS NULL AS open FROM profile_push WHERE profile_id = $1',
        [id],
      )
      if (rows[0]?.open !== true) return
    }
  }
})
