import pino from 'pino'
import { systemClock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { readConfig } from '#platform/config.ts'
import { startSimward } from '../../main.ts'
import type { Command } from '../command.ts'
import { readVersion } from './version.ts'

export const startCommand: Command = {
  name: 'start',
  summary: 'Runs Simward for real: settings from the environment (docs/configuration.md)',
  usage: 'start [--no-portal]',
  options: [{ name: 'no-portal', summary: 'do not build the portal first' }],
  async run(args) {
    try {
      const config = readConfig(process.env)
      const log = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: false }))
      if (!args.flags.has('no-portal')) {
        const { buildPortal } = await import('../../../portal/build.ts')
        await buildPortal({ log: (text: string) => log.info(`portal: ${text}`) })
      }
      if (config.databaseUrl === null)
        log.warn('the embedded store survives a crash of this process, not a loss of power; use PostgreSQL for production')
      await using simward = await startSimward({ config, mode: 'open', version: readVersion(), clock: systemClock, log })
      log.info({ url: simward.url }, 'Simward runs')
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
      })
      return 0
    } catch (error) {
      if (!(error instanceof OperationError)) throw error
      process.stderr.write(`simward: ${error.message}\n`)
      return 1
    }
  },
}
