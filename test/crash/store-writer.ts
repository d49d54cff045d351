import { createPrivateKey, sign } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { systemClock } from '#core/clock.ts'
import { createIdMaker } from '#core/ids.ts'
import { createGroupCommit } from '#store/group-commit.ts'
import { createLedger } from '#store/ledger.ts'
import { openStore } from '#store/open.ts'
import { createSubjectKeys } from '#store/subject-keys.ts'
import { silentLog } from '../silent-log.ts'

/**
 * The victim of the crash test: writes numbered rows and ledger entries until it is killed. What it was told is
 * committed it notes at once in a file, which outlives it; each note is a dot on its standard output, for the pace only.
 */
export interface WriterArguments {
  store: { url: string } | { dataDir: string }
  firstNumber: number
  /** Where it appends its notes. */
  notes: string
  /** PEM of an Ed25519 key, made for this test. */
  signingKey: string
}

const outstanding = 200

async function main({ store, firstNumber, notes, signingKey }: WriterArguments): Promise<void> {
  const clock = systemClock
  const newId = createIdMaker()
  const db = await openStore({ ...store, log: silentLog, clock })
  await db.exec('CREATE TABLE IF NOT EXISTS numbered (n int8 PRIMARY KEY)')
  const subjects = await createSubjectKeys({ db, clock, newId, wrapper: { wrap: (_id, key) => key, unwrap: (_id, key) => key } })
  const key = createPrivateKey(signingKey)
  const signer = { keyId: 'crash', sign: (octets: Buffer) => sign(null, octets, key) }
  const ledger = createLedger({ db, clock, log: silentLog, newId, node: `writer-${process.pid}`, subjects, signer, checkpointAfterMs: 50 })
  const subjectId = await subjects.subjectFor({ kind: 'sim', identifier: '001010000000001', providerId: null })
  const commits = createGroupCommit<number>({
    db,
    clock,
    windowMs: 2,
    maxBatch: 100,
    write: async (tx, rows) => void (await tx.query('INSERT INTO numbered SELECT unnest($1::int8[])', [rows], { prepare: 'numbered' })),
  })

  const file = openSync(notes, 'a')
  const note = (line: string): void => {
    // A pipe would refuse (EAGAIN) when its reader is slow; a file takes it, and the kernel keeps it after a kill.
    writeSync(file, `${line}\n`)
    process.stdout.write('.')
  }
  let next = firstNumber
  const addOne = (): void => {
    const n = next++
    commits.add(n, (error) => {
      if (error !== null) throw error
      note(`row ${n}`)
      setImmediate(addOne)
    })
  }
  const appendOne = async (): Promise<void> => {
    for (;;) {
      const { id } = await ledger.append({ kind: 'crash-test', actor: 'writer', body: { next }, personal: { subjectId, data: { next } } })
      note(`entry ${id}`)
    }
  }
  for (let i = 0; i < outstanding; i++) addOne()
  await Promise.all([appendOne(), appendOne(), appendOne()])
}

await main(JSON.parse(process.argv[2] ?? '') as WriterArguments)
