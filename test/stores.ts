import { after, before, describe } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import type { Db } from '#store/db.ts'
import { openStore } from '#store/open.ts'
import { postgresqlMissing, sharedPostgresql } from './postgresql.ts'
import { silentLog } from './silent-log.ts'

export interface StoreUnderTest {
  readonly engine: Db['engine']
  readonly db: Db
  readonly clock: VirtualClock
}

/** Runs the same suite over a fresh store of each engine; the PostgreSQL one is skipped, by name, where it is absent. */
export function overBothEngines(name: string, suite: (store: StoreUnderTest) => void): void {
  for (const engine of ['pglite', 'postgresql'] as const) {
    const skip = engine === 'postgresql' ? postgresqlMissing : false
    describe(`${name} (${engine})`, { skip }, () => {
      const clock = new VirtualClock()
      let db: Db | undefined
      before(async () => {
        db = await openTestStore(engine, clock)
      })
      after(() => db?.close())
      suite({
        engine,
        clock,
        get db() {
          if (db === undefined) throw new Error('the store is open only while its tests run')
          return db
        },
      })
    })
  }
}

export async function openTestStore(engine: Db['engine'], clock: VirtualClock): Promise<Db> {
  if (engine === 'pglite') return await openStore({ ephemeral: true, log: silentLog, clock })
  return await openStore({ url: await (await sharedPostgresql()).createDatabase(), log: silentLog, clock })
}
