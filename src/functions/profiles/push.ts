import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { Ports } from '#platform/ports.ts'
import type { Db } from '#store/db.ts'

/** A process that works on a push and falls silent is given up after this. */
const workerMs = 120_000
/** What another process left, or what could not be done, is looked at again. */
const againMs = 10_000

export interface Pushing extends AsyncDisposable {
  /** There may be something to do. */
  wake(): void
  /** Resolves when nothing is left that can be done now; for tests. */
  settled(): Promise<void>
}

interface PushRow {
  profile_id: string
  version: number
  reached: string
}

/**
 * Tells the serving nodes of a profile's SIMs that it changed, in chunks by IMSI; each partner's rate is kept by the port
 * that tells. Where it came to is written after each chunk, so that a restart or another process takes it up there.
 */
export function startPushing(options: { db: Db; clock: Clock; log: Logger; worker: string; ports: Readonly<Partial<Ports>> }): Pushing {
  const { db, clock, log, worker, ports } = options
  let running: Promise<void> = Promise.resolve()
  let closed = false
  let timer: Timer | undefined

  async function pushAll(): Promise<void> {
    const { changes } = ports
    if (changes === undefined) return
    for (let row = await claim(db, worker, clock.now()); row !== null && !closed; row = await claim(db, worker, clock.now())) {
      await pushChunk(db, row, { worker, now: () => clock.now(), changes })
    }
  }
  function wake(): void {
    if (closed) return
    running = running.then(pushAll).catch((error: unknown) => log.warn({ err: error }, 'telling serving nodes of a profile goes on later'))
  }
  const look = (): void => {
    timer = clock.after(againMs, look)
    wake()
  }
  look()
  return {
    wake,
    settled: () => running,
    async [Symbol.asyncDispose]() {
      closed = true
      timer?.cancel()
      await running
    },
  }
}

/** The oldest push that nobody works on, or our own. */
async function claim(db: Db, worker: string, now: number): Promise<PushRow | null> {
  const { rows } = await db.query<PushRow>(
    `UPDATE profile_push SET worker = $1, worker_until = $3
      WHERE finished_at IS NULL AND profile_id = (
        SELECT profile_id FROM profile_push
         WHERE finished_at IS NULL AND (worker IS NULL OR worker = $1 OR worker_until < $2)
         ORDER BY started_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING profile_id, version, reached`,
    [worker, new Date(now), new Date(now + workerMs)],
    { priority: 'job' },
  )
  return rows[0] ?? null
}

/** One chunk. */
async function pushChunk(
  db: Db,
  { profile_id: profileId, version, reached }: PushRow,
  at: { worker: string; now(): number; changes: NonNullable<Ports['changes']> },
): Promise<void> {
  const { rows } = await db.query<{ imsi: string }>(
    `SELECT imsi FROM subscription WHERE profile_id = $1 AND imsi > $2 ORDER BY imsi LIMIT ${limits.profiles.pushChunk}`,
    [profileId, reached],
    { priority: 'job' },
  )
  const imsis = rows.map(({ imsi }) => imsi)
  const done = imsis.length === 0 ? { confirmed: 0, failed: 0, notRegistered: 0 } : await at.changes.announce(imsis)
  const isLast = imsis.length < limits.profiles.pushChunk
  // A newer version that came into force meanwhile began again at the first SIM: then nothing is written here.
  await db.query(
    `UPDATE profile_push SET reached = $4, told = told + $5, confirmed = confirmed + $6, failed = failed + $7,
            not_registered = not_registered + $8, finished_at = $9, worker_until = $10
      WHERE profile_id = $1 AND version = $2 AND worker = $3`,
    [
      profileId,
      version,
      at.worker,
      imsis.at(-1) ?? reached,
      imsis.length,
      done.confirmed,
      done.failed,
      done.notRegistered,
      isLast ? new Date(at.now()) : null,
      new Date(at.now() + workerMs),
    ],
    { priority: 'job' },
  )
}
