import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { storeUnavailable } from './db.ts'
import type { Engine } from './engine.ts'
import { createNotifications } from './notifications.ts'
import { type DirectoryLock, lockDirectory } from './pglite-lock.ts'
import { startPglite } from './pglite-thread.ts'
import type { WorkerStart } from './pglite-worker.ts'
import { runScript, type Session } from './session.ts'
import { ensureSnapshot } from './snapshot.ts'
import { TurnQueue } from './turn-queue.ts'

/** The embedded engine: one connection, taken in turns. `dataDir` undefined: in memory, gone at close. */
export async function openPglite(options: { dataDir?: string; clock: Clock }): Promise<Engine> {
  const { dataDir, clock } = options
  if (dataDir === undefined) return await createEngine({ snapshot: await ensureSnapshot() }, clock, undefined)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lock = await lockDirectory(join(dataDir, 'store.lock'), clock)
  try {
    const start = await prepareDirectory(dataDir)
    const engine = await createEngine(start, clock, lock)
    await rm(unfinished(dataDir), { force: true })
    return engine
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** A directory whose first filling was cut short has never acknowledged anything: it is filled anew. */
async function prepareDirectory(dataDir: string): Promise<WorkerStart> {
  const database = join(dataDir, 'database')
  if (await exists(unfinished(dataDir))) await rm(database, { recursive: true, force: true })
  if (await exists(database)) return { dataDir: database }
  const snapshot = await ensureSnapshot()
  await writeFile(unfinished(dataDir), '')
  return { dataDir: database, snapshot }
}

function unfinished(dataDir: string): string {
  return join(dataDir, 'database.unfinished')
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

async function createEngine(start: WorkerStart, clock: Clock, lock: DirectoryLock | undefined): Promise<Engine> {
  const thread = await startPglite(start)
  const turns = new TurnQueue(limits.store.waitingStatements, () => clock.monotonicMs())
  const session: Session = { client: thread.client, broken: false }
  const notifications = createNotifications()
  thread.client.on('notification', ({ channel, payload }) => notifications.deliver(channel, payload ?? ''))
  const inTurn = async (sql: string): Promise<void> => {
    await turns.take('signalling')
    try {
      await runScript(session, sql)
    } finally {
      turns.give()
    }
  }
  return {
    name: 'pglite',
    async acquire(priority) {
      await turns.take(priority)
      if (!session.broken) return session
      turns.give()
      throw storeUnavailable('the embedded database has stopped')
    },
    release: () => turns.give(),
    listen: (channel, handler, onGap) =>
      notifications.add(
        channel,
        { handler, onGap },
        { first: () => inTurn(`LISTEN ${channel}`), last: () => inTurn(`UNLISTEN ${channel}`) },
      ),
    async close() {
      await turns.close(storeUnavailable('it is closed'))
      await thread.close()
      await lock?.release()
    },
  }
}
