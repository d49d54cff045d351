import { readFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

/** What the thread is started with. */
export interface WorkerStart {
  /** Directory of the database; undefined: in memory. */
  dataDir?: string
  /** Migrated snapshot to begin from; undefined: the directory has a database, or a fresh one is made. */
  snapshot?: string
}

/** Thread to parent: ready, octets of the PostgreSQL protocol, the dump that was asked for, closed. */
export type FromWorker = { ready: true } | { octets: Uint8Array } | { dump: Uint8Array } | { closed: true }
export type ToWorker = { octets: Uint8Array } | { dump: true } | { close: true }

/**
 * The embedded store keeps 16 MB of pages, not 128; checkpoints come often and small, since the one thread that
 * answers queries also writes them.
 */
const configuration = [
  'shared_buffers = 16MB',
  'max_wal_size = 64MB',
  'min_wal_size = 4MB',
  'jit = off',
  'wal_level = minimal',
  'max_wal_senders = 0',
]

const port = parentPort
if (port === null) throw new Error('pglite-worker.ts runs as a worker thread only')

const start = workerData as WorkerStart
const database = await PGlite.create({
  ...(start.dataDir === undefined ? {} : { dataDir: start.dataDir }),
  ...(start.snapshot === undefined ? {} : { loadDataDir: new Blob([await readFile(start.snapshot)]) }),
  // Only a fresh database is made with these: small segments, so that a snapshot is copied quickly.
  initDbStartParams: ['--wal-segsize=1'],
  postgresqlconf: configuration,
})

const send = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

async function handle(message: ToWorker): Promise<void> {
  if ('octets' in message) {
    // The answer is a view on the engine's own buffer: copy before the next message overwrites it.
    const octets = (await database.execProtocolRaw(message.octets)).slice()
    send({ octets }, [octets.buffer])
  } else if ('dump' in message) {
    const dump = new Uint8Array(await (await database.dumpDataDir('none')).arrayBuffer())
    send({ dump }, [dump.buffer])
  } else {
    await database.close()
    send({ closed: true })
    port?.close()
  }
}

/** One after the other: an answer never overtakes the one before it. */
function takeInOrder(): void {
  let last: Promise<void> = Promise.resolve()
  port?.on('message', (message: ToWorker) => {
    last = last.then(() => handle(message))
  })
}

takeInOrder()
send({ ready: true })
