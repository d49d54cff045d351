import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { createIdMaker } from '#core/ids.ts'
import { limits } from '#core/limits.ts'
import { silentLog } from '#test/silent-log.ts'
import { overBothEngines, type StoreUnderTest } from '#test/stores.ts'
import { insertProvider, type ProviderRows } from '#test/subscribers.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { receiptFor, verifyReceipt } from './ledger-receipt.ts'
import { type VerifySignature, verifyLedger } from './ledger-verify.ts'
import { merkleRoot } from './merkle.ts'
import { createSubjectKeys, type KeyWrapper, type SubjectKeys } from './subject-keys.ts'

/** Stands for the vault: enough to see that the store keeps only what the wrapper gave it. */
const wrapper: KeyWrapper = {
  wrap: (subjectId, key) => Buffer.concat([Buffer.from(subjectId), key.map((octet) => octet ^ 0x5a)]),
  unwrap: (subjectId, wrapped) =>
    wrapped.subarray(0, 36).toString() === subjectId ? Buffer.from(wrapped.subarray(36).map((octet) => octet ^ 0x5a)) : null,
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const verifySignature: VerifySignature = (keyId, octets, signature) => keyId === 'key-1' && verify(null, octets, publicKey, signature)

interface Writer {
  ledger: Ledger
  subjects: SubjectKeys
}

/** A process of its own, as far as the ledger is concerned. */
async function openWriter(store: StoreUnderTest, node: string): Promise<Writer> {
  const newId = createIdMaker()
  const { db, clock } = store
  const subjects = await createSubjectKeys({ db, clock, newId, wrapper })
  const signer = { keyId: 'key-1', sign: (octets: Buffer) => sign(null, octets, privateKey) }
  return { subjects, ledger: createLedger({ db, clock, log: silentLog, newId, node, subjects, signer, checkpointAfterMs: 0 }) }
}

const draft = (n: number) => ({ kind: 'tested', actor: 'test', body: { n } })

overBothEngines('ledger', (store) => {
  let writer: Writer
  let provider: ProviderRows
  let other: ProviderRows

  before(async () => {
    writer = await openWriter(store, 'node-a')
    provider = await insertProvider(store.db, 'Meters Ltd', '00101100', 3)
    other = await insertProvider(store.db, 'Trackers Ltd', '00101200', 3)
  })

  const check = () => verifyLedger(store.db, verifySignature)

  test('an empty ledger holds', async () => {
    assert.deepEqual(await check(), { ok: true, chains: 0, entries: 0, checkpoints: 0, uncovered: 0, erasedSubjects: 0, fault: null })
  })

  test('entries appended together stand in one chain in their order', async () => {
    const places = await Promise.all(Array.from({ length: 50 }, (_, n) => writer.ledger.append(draft(n))))
    assert.deepEqual(
      places.map(({ seq }) => seq),
      Array.from({ length: 50 }, (_, n) => BigInt(n + 1)),
    )
    assert.equal(new Set(places.map(({ chain }) => chain)).size, 1)
    const report = await check()
    assert.ok(report.ok)
    assert.equal(report.entries, 50)
    assert.equal(report.uncovered, 50)
  })

  test('a checkpoint covers what was new, once', async () => {
    assert.equal(await writer.ledger.checkpoint(), true)
    assert.equal(await writer.ledger.checkpoint(), false)
    const report = await check()
    assert.deepEqual([report.ok, report.checkpoints, report.uncovered], [true, 1, 0])
  })

  test('a second process writes a chain of its own; a checkpoint ties both', async () => {
    const second = await openWriter(store, 'node-b')
    await Promise.all([second.ledger.append(draft(1)), writer.ledger.append(draft(2)), second.ledger.append(draft(3))])
    await second.ledger.close()
    await second.subjects.close()
    const report = await check()
    assert.deepEqual([report.ok, report.chains, report.entries, report.uncovered], [true, 2, 53, 0])
    const { rows } = await store.db.query<{ n: bigint }>(
      'SELECT count(*) AS n FROM ledger_head GROUP BY checkpoint ORDER BY checkpoint DESC LIMIT 1',
    )
    assert.equal(rows[0]?.n, 2n)
  })

  test('a change and its entry are both there or neither', async () => {
    const rename = (name: string, fail: boolean) =>
      writer.ledger.record(
        async (tx, note) => {
          await tx.query('UPDATE service_profile SET name = $1', [name])
          note({ kind: 'profile-renamed', actor: 'person-1', providerId: provider.providerId, body: { name } })
          if (fail) throw new Error('second thoughts')
          return 'renamed'
        },
        { scope: { providerId: provider.providerId } },
      )
    assert.equal(await rename('Night meters', false), 'renamed')
    await assert.rejects(rename('Day meters', true), /second thoughts/)
    const names = await store.db.query<{ name: string }>('SELECT name FROM service_profile ORDER BY name')
    // The other tenant's profile is out of the scope's reach.
    assert.deepEqual(names.rows, [{ name: 'Meters' }, { name: 'Night meters' }])
    const seen = await store.db
      .asTenant({ providerId: provider.providerId })
      .query(`SELECT body FROM ledger_entry WHERE kind = 'profile-renamed'`)
    assert.deepEqual(seen.rows, [{ body: { name: 'Night meters' } }])
    const elsewhere = await store.db.asTenant({ providerId: other.providerId }).query('SELECT body FROM ledger_entry')
    assert.deepEqual(elsewhere.rows, [])
    // The chain goes on after the transaction that failed.
    await writer.ledger.append(draft(60))
    assert.ok((await check()).ok)
  })

  test('changes recorded at once are serialised into the chain', async () => {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        writer.ledger.record(async (tx, note) => {
          await tx.query('SELECT 1')
          note(draft(n))
          note(draft(-n))
          return n
        }),
      ),
    )
    assert.deepEqual(
      results,
      Array.from({ length: 12 }, (_, n) => n),
    )
    assert.ok((await check()).ok)
  })

  test('personal data is sealed, opens for its entry only, and is gone with its key; the chain still holds', async () => {
    const imsi = '001011000000002'
    const subjectId = await writer.subjects.subjectFor({ kind: 'sim', identifier: imsi, providerId: provider.providerId })
    assert.equal(await writer.subjects.subjectFor({ kind: 'sim', identifier: imsi, providerId: provider.providerId }), subjectId)
    const personal = { subjectId, data: { imsi, visitedPlmn: '999-70' } }
    const { id } = await writer.ledger.append({ kind: 'verdict', actor: 'guard', body: { rule: 'x' }, personal })
    const second = await writer.ledger.append({ kind: 'verdict', actor: 'guard', body: { rule: 'y' }, personal })
    const read = async (entryId: string) => {
      const { rows } = await store.db.query<{ id: string; subjectId: string; sealed: Buffer }>(
        'SELECT id, subject_id AS "subjectId", sealed FROM ledger_entry WHERE id = $1',
        [entryId],
      )
      const [row] = rows
      assert.ok(row !== undefined)
      return row
    }
    const entry = await read(id)
    assert.ok(!entry.sealed.includes(imsi))
    assert.deepEqual(await writer.ledger.openPersonal(entry), { imsi, visitedPlmn: '999-70' })
    await assert.rejects(writer.ledger.openPersonal({ ...(await read(second.id)), sealed: entry.sealed }), { code: 'sealed-unreadable' })

    // Another process has the key at hand: it must forget it too.
    const elsewhere = await openWriter(store, 'node-c')
    assert.deepEqual(await elsewhere.ledger.openPersonal(entry), { imsi, visitedPlmn: '999-70' })
    const forgotten = Promise.withResolvers<void>()
    const stop = await store.db.listen('subject_erased', () => forgotten.resolve())
    assert.equal(await writer.ledger.eraseSubject(subjectId, { actor: 'person-1', reason: 'request of the data subject' }), true)
    assert.equal(await writer.ledger.eraseSubject(subjectId, { actor: 'person-1', reason: 'again' }), false)
    await forgotten.promise
    await stop()
    assert.equal(await writer.ledger.openPersonal(entry), null)
    assert.equal(await elsewhere.ledger.openPersonal(entry), null)
    await elsewhere.subjects.close()

    const { rows } = await store.db.query('SELECT wrapped_key, identifier FROM subject_key WHERE id = $1', [subjectId])
    assert.deepEqual(rows, [{ wrapped_key: null, identifier: null }])
    const said = await store.db.query(`SELECT actor, subject_id FROM ledger_entry WHERE kind = 'subject-erased'`)
    assert.deepEqual(said.rows, [{ actor: 'person-1', subject_id: subjectId }])
    // What comes later about the erased subject is kept without the personal part; the number may be given to a new one.
    await writer.ledger.append({ kind: 'verdict', actor: 'guard', body: { rule: 'z' }, personal })
    assert.notEqual(await writer.subjects.subjectFor({ kind: 'sim', identifier: imsi, providerId: null }), subjectId)
    await writer.ledger.checkpoint()
    const report = await check()
    assert.deepEqual([report.ok, report.erasedSubjects, report.fault], [true, 1, null])
  })

  test('a receipt proves an entry without the database, and only that entry', async () => {
    const leaves = ['one', 'two', 'three'].map((text) => Buffer.from(text))
    const { id } = await writer.ledger.append({
      kind: 'bulk-chunk',
      actor: 'job-1',
      providerId: provider.providerId,
      body: { count: leaves.length, root: merkleRoot(leaves).toString('hex') },
    })
    const reader = store.db.asTenant({ providerId: provider.providerId })
    assert.equal(await receiptFor(store.db, reader, id), null)
    await Promise.all([1, 2, 3, 4].map((n) => writer.ledger.append(draft(n))))
    await writer.ledger.checkpoint()
    const receipt = await receiptFor(store.db, reader, id)
    assert.ok(receipt !== null)
    assert.equal(await receiptFor(store.db, store.db.asTenant({ providerId: other.providerId }), id), null)
    const handedOver = JSON.parse(JSON.stringify(receipt)) as typeof receipt
    assert.equal(await verifyReceipt(handedOver, verifySignature), true)
    assert.equal(await verifyReceipt({ ...receipt, entry: { ...receipt.entry, actor: 'job-2' } }, verifySignature), false)
    assert.equal(await verifyReceipt({ ...receipt, checkpoint: { ...receipt.checkpoint, node: 'x' } }, verifySignature), false)
    assert.equal(await verifyReceipt(receipt, () => false), false)
  })

  test('a long stretch is covered by several checkpoints', async () => {
    const count = limits.store.chunkRows + 5
    await Promise.all(Array.from({ length: count }, (_, n) => writer.ledger.append(draft(n))))
    await writer.ledger.checkpoint()
    const report = await check()
    assert.deepEqual([report.ok, report.uncovered], [true, 0])
  })

  test('an entry larger than the limit is refused, and so is one that JSON cannot hold', async () => {
    const body = { text: 'x'.repeat(limits.store.ledgerBodyBytes) }
    await assert.rejects(writer.ledger.append({ kind: 'big', actor: 'test', body }), { code: 'ledger-entry-too-large' })
    const [good, bad] = await Promise.allSettled([
      writer.ledger.append(draft(1)),
      writer.ledger.append({ kind: 'nul', actor: 'test', body: { text: '\0' } }),
    ])
    assert.deepEqual([good?.status, bad?.status], ['fulfilled', 'rejected'])
    assert.ok((await check()).ok)
  })

  test('the database refuses to change or remove rows', async () => {
    for (const table of ['ledger_entry', 'ledger_checkpoint', 'ledger_head', 'ledger_chain']) {
      await assert.rejects(store.db.query(`DELETE FROM ${table}`), /append-only/, table)
      await assert.rejects(store.db.query(`TRUNCATE ${table} CASCADE`), /append-only/, table)
    }
    await assert.rejects(store.db.query(`UPDATE ledger_entry SET actor = 'nobody'`), /append-only/)
  })

  describe('whoever can switch the guard off is found out', () => {
    /** Changes rows behind the guard, looks, and undoes it. */
    const tamper = async (sql: string, expected: RegExp): Promise<void> => {
      const tables = ['ledger_entry', 'ledger_checkpoint', 'ledger_head', 'ledger_chain', 'subject_key']
      await store.db.exec(
        tables.map((table) => `CREATE TABLE kept_${table} AS TABLE ${table}; ALTER TABLE ${table} DISABLE TRIGGER ALL`).join(';'),
      )
      await store.db.exec(sql)
      const report = await check()
      await store.db.exec(
        [
          ...tables.toReversed().map((table) => `DELETE FROM ${table}`),
          ...tables.map(
            (table) =>
              `INSERT INTO ${table} SELECT * FROM kept_${table}; DROP TABLE kept_${table}; ALTER TABLE ${table} ENABLE TRIGGER ALL`,
          ),
        ].join(';'),
      )
      assert.equal(report.ok, false, sql)
      assert.match(`${report.fault?.where}: ${report.fault?.what}`, expected)
      assert.ok((await check()).ok)
    }
    const third = `chain = (SELECT chain FROM ledger_entry GROUP BY chain ORDER BY count(*) DESC LIMIT 1) AND seq = 3`
    const cases: [string, string, RegExp][] = [
      ['a changed body', `UPDATE ledger_entry SET body = '{"n":9}' WHERE ${third}`, /entry 3: was altered/],
      ['a changed time', `UPDATE ledger_entry SET at = at + interval '1 ms' WHERE ${third}`, /entry 3: was altered/],
      ['a changed payload', `UPDATE ledger_entry SET sealed = '\\x01' WHERE sealed IS NOT NULL`, /was altered/],
      ['a removed entry', `DELETE FROM ledger_entry WHERE ${third}`, /entry 3: is missing/],
      ['a chain rewritten from one entry on', `UPDATE ledger_entry SET hash = sha256(hash) WHERE ${third}`, /entry 3: was altered/],
      ['a chain cut short', `DELETE FROM ledger_entry WHERE seq > 10`, /ends at 10, but checkpoint/],
      ['a removed chain', `DELETE FROM ledger_entry; DELETE FROM ledger_chain; DELETE FROM ledger_head`, /checkpoint 1: was altered/],
      ['a moved head', `UPDATE ledger_head SET seq = seq - 1 WHERE checkpoint = 1`, /checkpoint 1: was altered/],
      [
        'a removed checkpoint',
        `DELETE FROM ledger_head WHERE checkpoint = 2; DELETE FROM ledger_checkpoint WHERE number = 2`,
        /checkpoint 2: is missing/,
      ],
      [
        'a forged signature',
        `UPDATE ledger_checkpoint SET signature = decode(repeat('00', 64), 'hex') WHERE number = 1`,
        /no valid signature/,
      ],
      [
        'a key destroyed in silence',
        `UPDATE subject_key SET wrapped_key = NULL, identifier = NULL, erased_at = now()`,
        /erased without a row/,
      ],
      ['a subject removed', `DELETE FROM subject_key`, /has sealed entries but no key row/],
    ]
    for (const [name, sql, expected] of cases) test(name, () => tamper(sql, expected))
  })

  test('closing signs what is left', async () => {
    const last = await openWriter(store, `node-${randomUUID()}`)
    await last.ledger.append(draft(1))
    await last.ledger.close()
    await last.subjects.close()
    assert.equal((await check()).uncovered, 0)
  })
})
