import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { systemClock } from '#core/clock.ts'
import { openVerifier } from '#functions/ledger/signing-key.ts'
import { readConfig } from '#platform/config.ts'
import { verifyLedger } from '#store/ledger-verify.ts'
import { openStore } from '#store/open.ts'
import { type Command, suggestion, UsageError } from '../command.ts'

export const ledgerCommand: Command = {
  name: 'ledger',
  summary: 'Verifies the ledger: every chain, checkpoint and signature',
  usage: 'ledger verify [--json]',
  words: ['verify'],
  options: [{ name: 'json', summary: 'one JSON line' }],
  async run(args) {
    const [word] = args.words
    if (word !== 'verify') throw new UsageError(`ledger: say ./simward ledger verify${suggestion(word ?? '', ['verify'])}`)
    const config = readConfig(process.env)
    const log = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }))
    const dataDir = join(config.dataDir, 'store')
    if (config.databaseUrl === null && !existsSync(dataDir)) {
      throw new UsageError(`ledger: there is no store in ${config.dataDir}; set SIMWARD_DATA_DIR or SIMWARD_DATABASE_URL`)
    }
    const db = await openStore({ ...(config.databaseUrl === null ? { dataDir } : { url: config.databaseUrl }), log, clock: systemClock })
    try {
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
    } finally {
      await db.close()
    }
  },
}
