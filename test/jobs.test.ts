import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { limits } from '#core/limits.ts'
import { createVault } from '#crypto/vault.ts'
import { luhnDigit } from '#domain/identities.ts'
import { approvalsFunction } from '#functions/approvals/index.ts'
import { forgetOld } from '#functions/jobs/forgetting.ts'
import { jobsFunction } from '#functions/jobs/index.ts'
import { noticesFunction } from '#functions/notices/index.ts'
import { screeningFunction } from '#functions/screening/index.ts'
import { subscriptionsFunction } from '#functions/subscriptions/index.ts'
import type { AnyFunction } from '#platform/function.ts'
import type { Job } from '#platform/http/schemas/jobs.ts'
import { recorderFunction } from '#platform/recorder-function.ts'
import { startTestPlatform, type TestPlatform } from './platform.ts'
import { insertProvider, type ProviderRows } from './subscribers.ts'

describe('jobs', () => {
  let platform: TestPlatform
  let meters: ProviderRows
  let trackers: ProviderRows
  let person: string
  let other: string
  const vault = createVault(randomBytes(32))

  before(async () => {
    platform = await startTestPlatform({
      functions: [
        noticesFunction,
        screeningFunction,
        recorderFunction,
        subscriptionsFunction,
        approvalsFunction,
        jobsFunction({ vault }),
      ] as readonly AnyFunction[],
      config: { jobApprovalSims: 900 },
      http: { requestsPerMinute: 100_000 },
    })
    meters = await insertProvider(platform.store, 'Meters Ltd', '99970100', 1_200)
    trackers = await insertProvider(platform.store, 'Trackers Ltd', '99970200', 30)
    person = await insertPerson(meters.providerId)
    other = await insertPerson(meters.providerId)
  })
  after(() => platform[Symbol.asyncDispose]())

  const insertPerson = async (providerId: string): Promise<string> => {
    const id = randomUUID()
    await platform.store.query(
      "INSERT INTO person (id, provider_id, name, roles) VALUES ($1::uuid, $2, $1::uuid::text, '{provider-admin}')",
      [id, providerId],
    )
    return id
  }
  type Method = 'GET' | 'POST'
  const asked = (
    method: Method,
    path: string,
    body?: unknown,
    over: { as?: string; headers?: Record<string, string>; roles?: readonly never[] } = {},
  ) =>
    platform.call(method, path, {
      as: over.as ?? meters.providerId,
      roles: over.as === 'operator' ? ['operator-admin'] : ['provider-admin'],
      ...(body === undefined ? {} : { body }),
      headers: { 'x-test-person': person, ...over.headers },
    })
  const made = async (body: unknown, as?: string): Promise<Job> => {
    const answer = await asked('POST', 'jobs', body, as === undefined ? {} : { as })
    assert.equal(answer.status, 201, answer.text)
    return answer.body
  }
  const moved = async (id: string, move: string, body?: unknown, as?: string): Promise<Job> => {
    const answer = await asked('POST', `jobs/${id}/${move}`, body, as === undefined ? {} : { as })
    assert.ok(answer.status < 300, answer.text)
    return answer.body
  }
  /** Waits until the job has come to one of these states; nothing but its own steps makes it move. */
  const until = async (id: string, ...states: Job['state'][]): Promise<Job> => {
    for (let round = 0; round < 2_000; round++) {
      const { rows } = await platform.store.query<{ state: Job['state'] }>('SELECT state FROM job WHERE id = $1', [id])
      if (states.includes(rows[0]?.state ?? 'failed')) return (await asked('GET', `jobs/${id}`, undefined, { as: 'operator' })).body
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.fail(`job ${id} did not come to ${states.join(' or ')}`)
  }
  const previewed = async (body: unknown, as?: string): Promise<Job> => {
    const { id } = await made(body, as)
    await moved(id, 'preview', undefined, as)
    return await until(id, 'ready', 'draft')
  }
  const upload = (id: string, text: string | Buffer, as?: string) =>
    platform.http.app.inject({
      method: 'POST',
      url: `/api/v1/jobs/${id}/rows`,
      headers: {
        host: 'localhost:8480',
        'x-test-as': as ?? meters.providerId,
        'x-test-roles': as === 'operator' ? 'operator-admin' : 'provider-admin',
        'x-test-person': person,
        'content-type': 'text/csv',
      },
      payload: text,
    })
  const statesOf = async (rows: ProviderRows): Promise<Record<string, number>> => {
    const { rows: found } = await platform.store.query<{ intended: string; n: bigint }>(
      'SELECT intended, count(*) AS n FROM subscription WHERE provider_id = $1 GROUP BY intended',
      [rows.providerId],
    )
    return Object.fromEntries(found.map(({ intended, n }) => [intended, Number(n)]))
  }
  const suspend = { kind: 'change', change: { kind: 'state', to: 'suspended' }, reason: 'season is over' }
  const trackersPerson = async () => ({ as: trackers.providerId, headers: { 'x-test-person': await insertPerson(trackers.providerId) } })

  test('a change of what a filter matches: previewed, bound to its hash, done, and written down', async () => {
    const job = await previewed({ ...suspend, filter: 'imsi:9997010000000*' })
    assert.equal(job.state, 'ready')
    assert.equal(job.total, 100)
    assert.deepEqual(job.preview?.outcomes, { changed: 100, unchanged: 0, refused: 0, needsApproval: 0 })
    assert.deepEqual(job.preview?.states, { active: 100 })
    assert.match(job.setHash ?? '', /^[0-9a-f]{64}$/)
    assert.deepEqual(await statesOf(meters), { active: 1_200 }, 'a preview changes nothing')

    const wrong = await asked('POST', `jobs/${job.id}/start`, { setHash: '0'.repeat(64) })
    assert.deepEqual([wrong.status, wrong.body.code], [409, 'set-changed'])
    await moved(job.id, 'start', { setHash: job.setHash })
    const done = await until(job.id, 'done', 'telling', 'failed')
    assert.deepEqual(done.outcomes, { changed: 100, unchanged: 0, refused: 0, needsApproval: 0 })
    assert.deepEqual(await statesOf(meters), { active: 1_100, suspended: 100 })
    const { rows } = await platform.store.query<{ kind: string; body: Record<string, unknown>; actor: string }>(
      `SELECT kind, body, actor FROM ledger_entry WHERE body->>'job' = $1 AND kind IN ('job-started', 'bulk-chunk') ORDER BY seq`,
      [job.id],
    )
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      ['job-started', 'bulk-chunk'],
    )
    assert.deepEqual(
      rows.map(({ actor }) => actor),
      [person, person],
    )
    assert.equal(rows[1]?.body.rows, 100)
    assert.equal(rows[1]?.body.setHash, job.setHash)
    const results = (await asked('GET', `jobs/${job.id}/results.csv`)).text.split('\r\n')
    assert.equal(results.length, 102)
    assert.match(results[1] ?? '', /^,999701000000000,[0-9a-f-]{36},state,changed,,$/)
  })

  test('a set that changed since its preview is not touched', async () => {
    const job = await previewed({
      kind: 'change',
      change: { kind: 'label', label: 'x' },
      reason: 'a label',
      filter: 'imsi:99970100000011*',
    })
    await platform.store.query("UPDATE subscription SET imsi = '999701000009999' WHERE imsi = '999701000000110'")
    await moved(job.id, 'start', { setHash: job.setHash })
    const after = await until(job.id, 'draft', 'done')
    assert.deepEqual([after.state, after.fault, after.done], ['draft', 'set-changed', 0])
    await platform.store.query("UPDATE subscription SET imsi = '999701000000110' WHERE imsi = '999701000009999'")
  })

  test('a large set waits for a second person, who is bound to the hash', async () => {
    const job = await previewed({ kind: 'change', change: { kind: 'label', label: 'Field' }, reason: 'naming', filter: '' })
    assert.equal(job.total, 1_200)
    assert.deepEqual(job.preview?.approvals, { persons: 1, because: 'size' })
    const waiting = await moved(job.id, 'start', { setHash: job.setHash })
    assert.equal(waiting.state, 'waiting')
    const approval = await platform.composition.ports.approvals?.read(waiting.approvalId ?? '')
    assert.deepEqual(approval?.command, { jobId: job.id, setHash: job.setHash, change: { kind: 'label', label: 'Field' }, count: 1_200 })
    assert.equal((await asked('POST', `jobs/${job.id}/pause`)).body.code, 'job-state')
    const cancelled = await moved(job.id, 'cancel', { reason: 'not now' })
    assert.equal(cancelled.state, 'cancelled')
    assert.equal((await platform.composition.ports.approvals?.read(waiting.approvalId ?? ''))?.state, 'withdrawn')
  })

  test('an approval by another person lets it run, and their names go with every row', async () => {
    const executed: Parameters<NonNullable<TestPlatform['composition']['ports']['approvals']>['on']>[1][] = []
    void executed
    await platform.store.query("UPDATE subscription SET class = 'critical' WHERE imsi = '999701000000200'")
    const job = await previewed({ ...suspend, filter: 'imsi:99970100000020*' })
    assert.equal(job.preview?.outcomes.needsApproval, 1)
    assert.deepEqual(job.preview?.approvals, { persons: 1, because: 'gate' })
    const waiting = await moved(job.id, 'start', { setHash: job.setHash })
    await platform.store.query("UPDATE job SET state = 'checking', approved_by = $2 WHERE id = $1", [waiting.id, [other]])
    await moved((await made({ kind: 'csv', reason: 'wakes the runner' })).id, 'cancel', { reason: 'wakes it' })
    const done = await until(job.id, 'done', 'telling')
    assert.deepEqual(done.outcomes, { changed: 10, unchanged: 0, refused: 0, needsApproval: 0 })
    assert.deepEqual(done.approvedBy, [other])
  })

  test('another tenant’s job does not exist, and its SIMs are in nobody else’s set', async () => {
    const job = await previewed({ ...suspend, filter: 'imsi:99970100000030*' })
    const stranger = await trackersPerson()
    for (const [method, path, body] of [
      ['GET', ''],
      ['GET', '/errors'],
      ['GET', '/results.csv'],
      ['GET', '/errors.csv'],
      ['POST', '/preview'],
      ['POST', '/start', { setHash: job.setHash }],
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['POST', '/cancel', { reason: 'mine' }],
      ['POST', '/retry', { reason: 'mine' }],
    ] as const) {
      const answer = await asked(method, `jobs/${job.id}${path}`, body, stranger)
      assert.deepEqual([answer.status, answer.body?.code], [404, 'job-unknown'], `${method} ${path}`)
    }
    const theirs = await asked('POST', 'jobs', { ...suspend, filter: 'imsi:99970100000030*' }, stranger)
    await asked('POST', `jobs/${theirs.body.id}/preview`, undefined, stranger)
    assert.equal((await until(theirs.body.id, 'ready')).total, 0)
    const { rows } = await platform.store.query<{ id: string }>("SELECT id FROM subscription WHERE imsi = '999701000000300'")
    const named = await asked('POST', 'jobs', { ...suspend, ids: rows.map(({ id }) => id) }, stranger)
    assert.deepEqual([named.status, named.body.code], [404, 'sim-unknown'])
    const viewer = await platform.call('POST', 'jobs', { as: meters.providerId, roles: ['provider-viewer'], body: suspend })
    assert.equal(viewer.status, 403)
  })

  test('a file of SIMs with errors: each with line, column, code and value; the rest is done', async () => {
    const { id } = await made({ kind: 'change', change: { kind: 'state', to: 'suspended' }, reason: 'a list' })
    const answer = await upload(
      id,
      '\ufeffIMSI,ICCID\r\n999701000000400,\r\n999701000000401x,\r\n999701000000400,\r\n,8999997\r\n\r\n001010000000001,\r\n999702000000001,\r\n',
    )
    assert.equal(answer.statusCode, 200, answer.body)
    assert.deepEqual([answer.json().total, answer.json().badRows], [1, 5])
    const { items } = (await asked('GET', `jobs/${id}/errors`)).body
    assert.deepEqual(
      items.map(({ line, column, code, value }: Record<string, unknown>) => [line, column, code, value]),
      [
        [3, 'imsi', 'imsi-invalid', '999701000000401x'],
        [5, 'iccid', 'iccid-invalid', '8999997'],
        [4, null, 'duplicate', '999701000000400'],
        [7, 'imsi', 'sim-unknown', '001010000000001'],
        [8, 'imsi', 'sim-unknown', '999702000000001'],
      ],
      'a SIM of another tenant is as unknown as one that is not there',
    )
    const errors = (await asked('GET', `jobs/${id}/errors.csv`)).text.split('\r\n')
    assert.equal(errors[0], 'imsi,iccid,line,error')
    assert.match(errors[1] ?? '', /^999701000000401x,,3,"?imsi: imsi-invalid \(999701000000401x\)/)
    await moved(id, 'preview')
    const job = await until(id, 'ready')
    await moved(id, 'start', { setHash: job.setHash })
    assert.equal((await until(id, 'done', 'telling')).outcomes.changed, 1)
  })

  test('each row its own changes', async () => {
    const { id } = await made({ kind: 'csv', reason: 'corrections' })
    const answer = await upload(
      id,
      "imsi,state,label,profile,imei\n999701000000500,suspended,Pump 7,,\n999701000000501,,'=1+1,meters,\n999701000000502,,,nope,\n999701000000503,,,,123\n999701000000504,,,,\n",
    )
    assert.deepEqual([answer.json().total, answer.json().badRows], [4, 3], answer.body)
    await moved(id, 'preview')
    const job = await until(id, 'ready')
    assert.deepEqual(job.preview?.outcomes, { changed: 3, unchanged: 1, refused: 0, needsApproval: 0 })
    await moved(id, 'start', { setHash: job.setHash })
    assert.equal((await until(id, 'done', 'telling')).outcomes.changed, 3)
    const { rows } = await platform.store.query(
      "SELECT intended, label FROM subscription WHERE imsi IN ('999701000000500', '999701000000501') ORDER BY imsi",
    )
    assert.deepEqual(rows, [
      { intended: 'suspended', label: 'Pump 7' },
      { intended: 'active', label: '=1+1' },
    ])
  })

  test('a file that cannot be used leaves nothing behind', async () => {
    const { id } = await made({ kind: 'csv', reason: 'bad files' })
    const header = 'imsi,state\n'
    for (const [text, status, code] of [
      [Buffer.from('\ufeffimsi,state\n1,active\n', 'utf16le'), 422, 'csv-encoding'],
      [Buffer.from(`${header}999701000000600,caf\xe9\n`, 'latin1'), 422, 'csv-encoding'],
      ['', 422, 'csv-empty'],
      ['imsi,colour\n', 422, 'csv-header'],
      ['state\nactive\n', 422, 'csv-header'],
      ['imsi,imsi,state\n', 422, 'csv-header'],
      ['imsi\n', 422, 'csv-header'],
      [`${header}999701000000600,"active\n`, 422, 'csv-malformed'],
      [`${header}${'9'.repeat(20_000)}`, 413, 'csv-line-too-long'],
      [`${header}999701000000600,active,${','.repeat(80)}x\n`, 422, 'csv-too-many-columns'],
    ] as const) {
      const answer = await upload(id, text)
      assert.deepEqual([answer.statusCode, answer.json().code], [status, code], answer.body)
      assert.equal(answer.headers['content-type'], 'application/problem+json')
      const job = (await asked('GET', `jobs/${id}`)).body
      assert.deepEqual([job.state, job.total], ['draft', 0])
    }
    const { affected } = await platform.store.query('SELECT FROM job_chunk WHERE job_id = $1', [id])
    assert.equal(affected, 0)
    assert.equal((await asked('POST', `jobs/${id}/preview`)).body.code, 'job-empty')
  })

  test('what failed is tried again as a new job', async () => {
    const job = await previewed({
      kind: 'change',
      change: { kind: 'state', to: 'inventory' },
      reason: 'back to stock',
      filter: 'imsi:99970100000070*',
    })
    assert.deepEqual(job.preview?.refusals, { 'transition-not-allowed': 10 })
    await moved(job.id, 'start', { setHash: job.setHash })
    await until(job.id, 'done')
    const { items } = (await asked('GET', `jobs/${job.id}/errors?limit=4`)).body
    assert.deepEqual([items.length, items[0].stage, items[0].code, items[0].imsi], [4, 'run', 'transition-not-allowed', '999701000000700'])
    await platform.store.query("UPDATE subscription SET intended = 'test' WHERE imsi LIKE '99970100000070%'")
    const again = await moved(job.id, 'retry', { reason: 'they are in test now' })
    await moved(again.id, 'preview')
    const second = await until(again.id, 'ready')
    assert.deepEqual([second.total, second.preview?.outcomes.changed, second.retryOf], [10, 10, job.id])
    await moved(again.id, 'start', { setHash: second.setHash })
    assert.equal((await until(again.id, 'done', 'telling')).outcomes.changed, 10)
  })

  describe('import', () => {
    const k = '00112233445566778899aabbccddeeff'
    const opc = 'ffeeddccbbaa99887766554433221100'
    const iccidOf = (n: number): string => {
      const digits = `89999705${String(n).padStart(10, '0')}`
      return `${digits}${luhnDigit(digits)}`
    }
    const header = 'iccid,imsi,msisdn,form_factor,use,profile,label,ki,opc\n'
    const line = (n: number, over: Record<string, string> = {}): string => {
      const row = {
        iccid: iccidOf(n),
        imsi: `99970500000${String(n).padStart(4, '0')}`,
        msisdn: `+9995${n}00`,
        ff: 'MFF2',
        use: 'iot',
        profile: 'Meters',
        label: '',
        ki: k,
        opc,
        ...over,
      }
      return `${Object.values(row).join(',')}\n`
    }
    const draft = async (): Promise<Job> =>
      await made(
        {
          kind: 'import',
          reason: 'a new batch',
          providerId: meters.providerId,
          batch: {
            supplier: 'Cardworks',
            accreditation: null,
            parameters: { algorithm: 'MILENAGE', indBits: 5, delta: 268435456, ageLimit: 0, amf: '8000', startSqn: '3200' },
          },
        },
        'operator',
      )

    test('new SIMs from a file: checked, previewed, made; keys sealed and shown nowhere', async () => {
      const { id } = await draft()
      const odd = 'abcdefabcdefabcdefabcdefabcdefab'
      const answer = await upload(
        id,
        header +
          line(1) +
          line(2, { label: odd }) +
          line(3, { imsi: '001010000000003' }) +
          line(4, { ki: 'xyz' }) +
          line(1, { iccid: iccidOf(9) }) +
          line(5, { profile: 'None' }) +
          line(6, { iccid: `${iccidOf(6).slice(0, -1)}${(Number(iccidOf(6).at(-1)) + 1) % 10}` }) +
          line(7, { opc: `${opc}${opc}` }) +
          line(8, { imsi: meters.imsis[0] ?? '' }) +
          `${odd},${line(10)}`,
        'operator',
      )
      assert.equal(answer.statusCode, 200, answer.body)
      assert.deepEqual([answer.json().total, answer.json().badRows], [2, 8])
      const { items } = (await asked('GET', `jobs/${id}/errors`, undefined, { as: 'operator' })).body
      assert.deepEqual(
        items.map(({ line: at, column, code }: Record<string, unknown>) => [at, column, code]).toSorted(),
        [
          [3, 'label', 'key-misplaced'],
          [4, 'imsi', 'imsi-foreign'],
          [5, 'ki', 'key-invalid'],
          [6, 'imsi', 'duplicate'],
          [7, 'profile', 'profile-unknown'],
          [8, 'iccid', 'iccid-invalid'],
          [9, 'ki', 'key-invalid'],
          [11, 'iccid', 'key-misplaced'],
        ].toSorted(),
      )
      await moved(id, 'preview', undefined, 'operator')
      const job = await until(id, 'ready')
      assert.deepEqual(job.preview?.refusals, { 'imsi-taken': 1 })
      await moved(id, 'start', { setHash: job.setHash }, 'operator')
      assert.deepEqual((await until(id, 'done')).outcomes, { changed: 1, unchanged: 0, refused: 1, needsApproval: 0 })

      const { rows } = await platform.store.query<{
        intended: string
        provider_id: string
        sealed_k: Buffer
        seq_reserved: bigint
        kcv: string
        home_plmn: string
      }>(
        "SELECT s.intended, s.provider_id, s.home_plmn, a.sealed_k, a.seq_reserved, a.kcv FROM subscription s JOIN auc a ON a.imsi = s.imsi WHERE s.imsi = '999705000000001'",
      )
      assert.deepEqual(
        [rows[0]?.intended, rows[0]?.provider_id, rows[0]?.seq_reserved, rows[0]?.home_plmn],
        ['inventory', meters.providerId, 100n, '999-70'],
      )
      const opened = vault.open('subscriber-keys', '999705000000001', rows[0]?.sealed_k ?? Buffer.alloc(0))
      assert.equal(opened?.toString('hex'), k + opc)

      const said = [
        (await asked('GET', `jobs/${id}`, undefined, { as: 'operator' })).text,
        (await asked('GET', `jobs/${id}/errors`, undefined, { as: 'operator' })).text,
        (await asked('GET', `jobs/${id}/errors.csv`, undefined, { as: 'operator' })).text,
        (await asked('GET', `jobs/${id}/results.csv`, undefined, { as: 'operator' })).text,
        JSON.stringify((await platform.store.query('SELECT * FROM job_problem WHERE job_id = $1', [id])).rows),
        JSON.stringify((await platform.store.query('SELECT job_id, sims, ids, changes FROM job_chunk WHERE job_id = $1', [id])).rows),
        JSON.stringify(
          (
            await platform.store.query(
              "SELECT body FROM ledger_entry WHERE kind LIKE '%job%' OR kind = 'bulk-chunk' OR kind = 'batch-created'",
            )
          ).rows,
        ),
      ].join('\n')
      for (const secret of [k, opc, odd]) assert.ok(!said.toLowerCase().includes(secret), 'a key shows')
    })

    test('is for the operator, who holds the keys', async () => {
      const answer = await asked('POST', 'jobs', { kind: 'import', reason: 'mine', providerId: meters.providerId, batchId: meters.batchId })
      assert.deepEqual([answer.status, answer.body.code], [403, 'operator-only'])
    })
  })

  test('drafts that nobody starts are forgotten, with the keys that they hold', async () => {
    const { id } = await made({ kind: 'csv', reason: 'never started' })
    await upload(id, 'imsi,label\n999701000000800,x\n')
    await forgetOld(platform.store, platform.clock.now() + limits.jobs.draftMs - 1)
    assert.equal((await asked('GET', `jobs/${id}`)).status, 200)
    await forgetOld(platform.store, platform.clock.now() + limits.jobs.draftMs + 1)
    assert.equal((await asked('GET', `jobs/${id}`)).status, 404)
    assert.equal((await platform.store.query('SELECT FROM job_chunk WHERE job_id = $1', [id])).affected, 0)
  })

  test('bad input: each a clear problem, nothing half-done', async () => {
    const cases = [
      [{ ...suspend, filter: 'colour:red' }, 400, 'filter-invalid'],
      [{ ...suspend, filter: '', ids: [randomUUID()] }, 400, 'job-target'],
      [{ ...suspend, ids: ['x'] }, 400, 'request-invalid'],
      [{ kind: 'change', change: { kind: 'state', to: 'gone' }, reason: 'why' }, 400, 'request-invalid'],
      [{ kind: 'nothing', reason: 'why' }, 400, 'request-invalid'],
      [{ ...suspend, reason: '' }, 400, 'request-invalid'],
    ] as const
    for (const [body, status, code] of cases) {
      const answer = await asked('POST', 'jobs', body)
      assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body))
    }
    for (const cursor of ['x', Buffer.from('["not-an-id"]').toString('base64url'), Buffer.from('[1]').toString('base64url')]) {
      assert.equal((await asked('GET', `jobs?cursor=${cursor}`)).body.code, 'cursor-invalid')
    }
    assert.equal((await asked('GET', 'jobs/not-an-id')).body.code, 'job-unknown')
    const template = await asked('GET', 'jobs/templates/import.csv')
    assert.match(template.text, /^iccid,imsi,msisdn,eid,form_factor/)
  })
})
