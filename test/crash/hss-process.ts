import { writeSync } from 'node:fs'
import { pino } from 'pino'
import { seedWorld } from '#cli/world/seed.ts'
import { sleep, systemClock } from '#core/clock.ts'
import { startSimward } from '#main'
import { readConfig } from '#platform/config.ts'
import { home } from '#sim/world.ts'
import { signallingFunctions } from '../simward.ts'

/** The victim of the crash tests: Simward as a signalling process, which says by synchronous writes what it has done. */
export interface HssProcessArguments {
  /** null: the embedded store in `dataDir`. */
  databaseUrl: string | null
  dataDir: string
  /** 64 hexadecimal digits, made for this test. */
  masterKey: string
  diameterPort: number
  sims: number
  seed: number
}

async function main({ sims, seed, ...settings }: HssProcessArguments): Promise<void> {
  const config = readConfig(
    {},
    { ...settings, plmn: home.plmn, originHost: home.hssHost, capacity: 100_000, cutOverComplete: true, httpPort: 0 },
  )
  const simward = await startSimward({
    config,
    mode: 'open',
    version: 'test',
    clock: systemClock,
    log: pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true })),
    only: signallingFunctions,
    prepare: (db, vault) => seedWorld(db, vault, { sims, seed, now: Date.now() }),
  })
  writeSync(1, 'ready\n')
  const { ledger } = simward.ports
  for (let number = 0; ; number++) {
    await sleep(systemClock, 20)
    try {
      const entry = await ledger?.append({ kind: 'crash-test', actor: 'test', body: { number } })
      writeSync(1, `entry ${entry?.id}\n`)
    } catch {
      // The store is away: nothing was promised.
    }
  }
}

await main(JSON.parse(process.argv[2] ?? '') as HssProcessArguments)
