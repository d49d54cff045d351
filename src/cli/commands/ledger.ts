import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { systemClock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { openVerifier, publicKeys } from '#functions/ledger/signing-key.ts'
import { readConfig } from '#platform/config.ts'
import { readKeyFile, readReceipt } from '#platform/receipt.ts'
import type { Db } from '#store/db.ts'
import { verifyLedger } from '#store/ledger-verify.ts'
import { openStore } from '#store/open.ts'
import { type Arguments, type Command, suggestion, UsageError } from '../command.ts'
import { reportReceipt } from '../ledger/receipt-report.ts'

const parts: Readonly<Record<string, (args: Arguments) => Promise<number>>> = { verify, keys, 'verify-receipt': verifyReceipt }

export const ledgerCommand: Command = {
  name: 'ledger',
  summary: 'Verifies the ledger, prints its public keys, and checks a receipt offline',
  usage: 'ledger verify | keys | verify-receipt FILE [--keys FILE] [--json]',
  words: Object.keys(parts),
  options: [
    { name: 'keys', value: 'FILE', summary: 'verify-receipt: public keys that you trust, as `ledger keys` prints them' },
    { name: 'json', summary: 'one JSON line' },
  ],
  async run(args) {
    const [word = ''] = args.words
    const part = parts[word]
    if (part === undefined) {
      const known = Object.keys(parts)
      throw new UsageError(`ledger: say ./simward ledger ${known.join(' or ')}${suggestion(word, known)}`)
    }
    return await part(args)
  },
}

async function verify(args: Arguments): Promise<number> {
  return await withStore(async (db) => {
    const report = await verifyLedger(db, await openVerifier(db))
    if (args.flags.has('json')) process.stdout.write(`${JSON.stringify(report)}\n`)
    else {
      process.stdout.write(
        `${report.chains} chains, ${report.entries} entries, ${report.checkpoints} signed checkpoints, ${report.uncovered} entries not covered yet, ${report.erasedSubjects} subjects erased\n`,
      )
      process.stdout.write(
        report.ok ? 'the ledger verifies\n' : `the ledger does not verify: ${report.fault?.where}: ${report.fault?.what}\n`,
      )
    }
    return report.ok ? 0 : 1
  })
}

async function keys(): Promise<number> {
  return await withStore(async (db) => {
    process.stdout.write(`${JSON.stringify({ keys: await publicKeys(db) }, null, 2)}\n`)
    return 0
  })
}

/** No store, no network: a receipt is checked where its holder is. */
async function verifyReceipt(args: Arguments): Promise<number> {
  const [, path] = args.words
  if (path === undefined) throw new UsageError('ledger: say ./simward ledger verify-receipt FILE')
  const keyPath = args.values.get('keys')
  const report = await reportReceipt(
    readJson(path, (value) => readReceipt(value)),
    keyPath === undefined ? null : readJson(keyPath, (value) => readKeyFile(value)),
  )
  if (args.flags.has('json')) process.stdout.write(`${JSON.stringify(report)}\n`)
  else {
    process.stdout.write(`${report.lines.join('\n')}\n`)
    process.stdout.write(report.ok ? 'the receipt verifies\n' : `the receipt does not verify: ${report.faults.join('; ')}\n`)
  }
  return report.ok ? 0 : 1
}

function readJson<T>(path: string, read: (value: unknown) => T): T {
  if (!existsSync(path)) throw new UsageError(`ledger: there is no file ${path}`)
  try {
    return read(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if (error instanceof OperationError) throw new UsageError(`ledger: ${path}: ${error.message}`)
    throw new UsageError(`ledger: ${path} is no JSON`)
  }
}

async function withStore(run: (db: Db) => Promise<number>): Promise<number> {
  const config = readConfig(process.env)
  const log = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }))
  const dataDir = join(config.dataDir, 'store')
  if (config.databaseUrl === null && !existsSync(dataDir)) {
    throw new UsageError(`ledger: there is no store in ${config.dataDir}; set SIMWARD_DATA_DIR or SIMWARD_DATABASE_URL`)
  }
  const db = await openStore({ ...(config.databaseUrl === null ? { dataDir } : { url: config.databaseUrl }), log, clock: systemClock })
  try {
    return await run(db)
  } finally {
    await db.close()
  }
}
