import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import pg from 'pg'
import type { FromWorker, ToWorker, WorkerStart } from './pglite-worker.ts'
import { valueTypes } from './values.ts'

/** The embedded database in its thread, and the one connection to it. */
export interface PgliteThread {
  readonly client: pg.Client
  /** The whole database as a tar archive. */
  dump(): Promise<Uint8Array>
  /** Closes the database and ends the thread. */
  close(): Promise<void>
}

/**
 * Starts the thread and connects. The client is the same one that speaks to PostgreSQL: both engines share value
 * parsing, errors, prepared statements and notifications, because only the stream differs.
 */
export async function startPglite(start: WorkerStart): Promise<PgliteThread> {
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), { workerData: start })
  const stream = new ThreadStream(worker)
  try {
    await nextMessage(worker, 'ready')
    const client = new pg.Client({ stream: () => stream, user: 'postgres', database: 'postgres', types: valueTypes } as pg.ClientConfig)
    // Without a listener a lost thread would end the process; pending statements get the error themselves.
    client.on('error', () => {})
    await client.connect()
    return {
      client,
      async dump() {
        const dumped = nextMessage(worker, 'dump')
        post(worker, { dump: true })
        return await dumped
      },
      async close() {
        const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
        post(worker, { close: true })
        await exited
        stream.destroy()
      },
    }
  } catch (error) {
    await worker.terminate()
    throw error
  }
}

function post(worker: Worker, message: ToWorker, transfer: ArrayBuffer[] = []): void {
  worker.postMessage(message, transfer)
}

type Kind<M> = M extends M ? keyof M : never

function nextMessage<K extends Kind<FromWorker>>(worker: Worker, kind: K): Promise<Extract<FromWorker, Record<K, unknown>>[K]> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
    }
    const onMessage = (message: FromWorker): void => {
      if (!(kind in message)) return
      stop()
      resolve((message as Extract<FromWorker, Record<K, unknown>>)[kind])
    }
    const onError = (error: unknown): void => {
      stop()
      reject(error)
    }
    const onExit = (): void => onError(new Error('the thread of the embedded store ended'))
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
  })
}

/** Carries the PostgreSQL protocol to the thread; has the few members of a socket that the client touches. */
class ThreadStream extends Duplex {
  readonly #worker: Worker

  constructor(worker: Worker) {
    super()
    this.#worker = worker
    worker.on('message', (message: FromWorker) => {
      if (!('octets' in message)) return
      const { buffer, byteOffset, byteLength } = message.octets
      this.push(Buffer.from(buffer, byteOffset, byteLength))
    })
    worker.on('error', (error) => this.destroy(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', () => this.destroy())
  }

  connect(): void {
    process.nextTick(() => this.emit('connect'))
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send(Buffer.from(chunk))
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    done()
  }

  /** A copy that nobody else holds a view on, so that it can be transferred. */
  #send(octets: Buffer): void {
    const copy = new Uint8Array(octets)
    post(this.#worker, { octets: copy }, [copy.buffer])
  }
}
