import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import pg from 'pg'

const binaries = '/usr/lib/postgresql/15/bin'

/** Why PostgreSQL cannot be started here, for a test's `skip`; false when it can. */
export const postgresqlMissing: string | false = missing()

export interface PostgresqlServer {
  /** Process id of the server; the tests' own child. */
  readonly pid: number
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>
  /** `immediate`: as if it crashed. The data stays. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  /** Starts it again on the same data, at the same URLs. */
  start(): Promise<void>
  /** Stops it and removes its data. */
  remove(): Promise<void>
}

/**
 * A private server in a temporary directory, reached by a socket there and by nothing else. `durable`: waits for the
 * disk at each commit, which tests that kill only the client do not need. `more`: settings as `name=value`.
 */
export async function startPostgresql({
  durable = false,
  more = [],
}: {
  durable?: boolean
  more?: readonly string[]
} = {}): Promise<PostgresqlServer> {
  const account = serverAccount()
  const folder = await mkdtemp(join(tmpdir(), 'simward-pg-'))
  if (account !== undefined) await chown(folder, account.uid, account.gid)
  const data = join(folder, 'data')
  await promisify(execFile)(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...account, cwd: folder },
  )
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'shared_buffers=64MB', 'log_checkpoints=off']
  if (!durable) settings.push('fsync=off', 'full_page_writes=off')
  // A later setting of the same name wins.
  settings.push(...more)
  let child = await launch(data, folder, settings, account)
  const killAtExit = (): void => void child.kill('SIGQUIT')
  process.on('exit', killAtExit)
  const stop = async (how: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.ref()
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await exited
  }
  return {
    get pid() {
      return child.pid ?? 0
    },
    createDatabase: () => createDatabase(folder),
    stop,
    async start() {
      child = await launch(data, folder, settings, account)
    },
    async remove() {
      await stop()
      process.off('exit', killAtExit)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function createDatabase(folder: string): Promise<string> {
  const urlOf = (database: string): string => `postgresql:///${database}?user=postgres&host=${encodeURIComponent(folder)}`
  const name = `test_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: urlOf('postgres') })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
  return urlOf(name)
}

interface Account {
  uid: number
  gid: number
}

/** The server refuses to run as root: there, the account that Debian made for it. Elsewhere ours. */
function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((row) => row.startsWith('postgres:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

function missing(): string | false {
  if (!existsSync(join(binaries, 'postgres'))) return `PostgreSQL 15 is not installed (${binaries})`
  if (process.getuid?.() === 0 && serverAccount() === undefined) return 'no account named postgres, and PostgreSQL does not run as root'
  return false
}

/** Resolves when the server says that it accepts connections. Nothing of it keeps this process alive. */
async function launch(data: string, folder: string, settings: readonly string[], account: Account | undefined): Promise<ChildProcess> {
  const child = spawn(join(binaries, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines = createInterface({ input: child.stderr })
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (said.length < 50) said.push(line)
      if (line.includes('ready to accept connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${said.join('\n')}`)))
  })
  child.unref()
  if ('unref' in child.stderr && typeof child.stderr.unref === 'function') child.stderr.unref()
  return child
}
