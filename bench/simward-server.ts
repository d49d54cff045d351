import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Simward in a process of its own, asked over a channel and measured from outside. */

export interface ServerOptions {
  dataDir: string
  /** null: the embedded store. */
  databaseUrl: string | null
  diameterPort: number
  /** SIMs of the simulated world to fill the store with before it starts; 0: it is filled. */
  sims: number
  /** Every function, portal and API too; absent: only what answers S6a. */
  portal?: boolean
}

/** The generator is one peer that sends what many do together; every other rule is in force. */
export const rulesOff: readonly string[] = ['s6a-peer-rate']

export interface Ask {
  id: number
  ask: 'port' | 'url' | 'settings' | 'commits' | 'load' | 'forgotten' | 'close'
  first?: number
  count?: number
}

export interface Reply {
  id: number
  value?: unknown
  error?: string
}

export interface SimwardServer {
  readonly pid: number
  /** Where Diameter listens. */
  port(): Promise<number>
  /** Where portal and API listen. */
  url(): Promise<string>
  /** SIMs that the network functions were told to forget since the last question, and milliseconds since the last of them. */
  forgotten(): Promise<{ sims: number; sinceMs: number }>
  /** What the database says of itself. */
  settings(): Promise<Record<string, string>>
  /** Transactions that the store has committed. */
  commits(): Promise<number>
  /** Reads subscribers into memory; resolves when they are there. */
  load(first: number, count: number): Promise<void>
  close(): Promise<void>
}

const program = fileURLToPath(new URL('./simward-process.ts', import.meta.url))

/** Resolves when it listens. `flags` are options of Node. */
export async function startServer(options: ServerOptions, flags: readonly string[] = []): Promise<SimwardServer> {
  const child = fork(program, [JSON.stringify(options)], { execArgv: [...flags], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const channel = openChannel(child)
  await channel.ready
  const ask = (what: Omit<Ask, 'id'>): Promise<unknown> => channel.ask(what)
  return {
    pid: child.pid ?? 0,
    port: async () => Number(await ask({ ask: 'port' })),
    url: async () => String(await ask({ ask: 'url' })),
    forgotten: async () => (await ask({ ask: 'forgotten' })) as { sims: number; sinceMs: number },
    settings: async () => (await ask({ ask: 'settings' })) as Record<string, string>,
    commits: async () => Number(await ask({ ask: 'commits' })),
    load: async (first, count) => void (await ask({ ask: 'load', first, count })),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      await ask({ ask: 'close' })
      await ended
    },
  }
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

function openChannel(child: ChildProcess) {
  const pending = new Map<number, Pending>()
  let last = 0
  const wait = (id: number): Promise<unknown> => new Promise((resolve, reject) => pending.set(id, { resolve, reject }))
  child.on('message', ({ id, value, error }: Reply) => {
    const waiting = pending.get(id)
    pending.delete(id)
    if (error === undefined) waiting?.resolve(value)
    else waiting?.reject(new Error(error))
  })
  child.on('exit', (code, signal) => {
    for (const { reject } of pending.values()) reject(new Error(`the process of Simward ended with ${signal ?? code}`))
    pending.clear()
  })
  return {
    // The first word of the process has the number 0.
    ready: wait(0),
    ask(what: Omit<Ask, 'id'>): Promise<unknown> {
      last += 1
      const answer = wait(last)
      child.send({ ...what, id: last } satisfies Ask)
      return answer
    },
  }
}
