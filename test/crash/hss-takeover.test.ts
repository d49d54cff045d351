import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postgresqlMissing, startPostgresql } from '../postgresql-server.ts'
import { HssLoad } from './hss-load.ts'
import { freePort, Victim, withBench } from './hss-victim.ts'

const seed = Number(process.env.SIMWARD_SEED ?? Date.now() % 1_000_000)
const sims = 30

test(`a process that stands still past its lease and comes back issues no SEQ that its successor has issued (seed ${seed})`, {
  skip: postgresqlMissing,
}, async (t) => {
  const server = await startPostgresql()
  try {
    await withBench(await server.createDatabase(), { sims, seed, networks: ['aurelia'] }, async ({ settings, load }) => {
      const diameterPort = await freePort()
      const other = new HssLoad({ port: diameterPort, sims, seed, networks: ['brenn', 'fennmark'], beside: load })
      const refused = ({ counts }: HssLoad): number => counts.results.get('e4181') ?? 0
      try {
        await using first = new Victim(settings, [])
        await first.during(async () => {
          await load.ready()
          load.start()
          await load.until(({ registrations }) => registrations >= 30)
          await using second = new Victim({ ...settings, diameterPort }, [])
          await second.during(async () => {
            await other.ready()
            other.start()
            await other.until(() => refused(other) >= 100)
            assert.equal(other.counts.vectors, 0, 'one process at a time')
            first.pause()
            // The lease runs out, and the second takes it.
            await other.until(({ vectors }) => vectors >= 200)
            const [givenBefore, refusedBefore] = [load.counts.vectors, refused(load)]
            first.resume()
            await load.until(() => refused(load) >= refusedBefore + 200)
            await other.until(({ vectors }) => vectors >= 400)
            t.diagnostic(`${load.counts.vectors - givenBefore} vectors were under way when it stood still`)
            await Promise.all([load.stop(), other.stop()])
          })
        })
      } finally {
        await other.close()
      }
    })
  } finally {
    await server.remove()
  }
})
