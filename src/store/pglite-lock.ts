import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Clock, Timer } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'

/**
 * The lock on an embedded store's directory: two processes on one directory silently lose each other's rows, and the
 * engine itself does not notice. The file says who holds it; a holder on this machine is alive if a process with its
 * id and start time runs, one elsewhere (a container on the same volume) if it touched the file lately.
 */
interface Holder {
  pid: number
  /** Start of the process in clock ticks since boot; tells a process from a later one with the same id. */
  started: string
  host: string
  nonce: string
}

export interface DirectoryLock {
  release(): Promise<void>
}

const touchEveryMs = 5_000
const silentAfterMs = 20_000

/** Takes the lock or throws OperationError `store-locked` naming the holder. */
export async function lockDirectory(path: string, clock: Clock): Promise<DirectoryLock> {
  const mine: Holder = { pid: process.pid, started: await startOf(process.pid), host: hostname(), nonce: randomBytes(8).toString('hex') }
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await tryCreate(path, mine)) return holdOn(path, mine, clock)
    const holder = await readHolder(path)
    if (holder === null) continue
    if (await isAlive(path, holder)) {
      throw new OperationError(
        'store-locked',
        409,
        `process ${holder.pid} on ${holder.host} uses this data directory (${path}); stop it first`,
      )
    }
    if (await succeed(path, holder, mine)) return holdOn(path, mine, clock)
  }
  throw new OperationError('store-locked', 409, `another process is taking this data directory (${path})`)
}

/** The file appears whole or not at all: written aside, then linked to its name. */
async function tryCreate(path: string, mine: Holder): Promise<boolean> {
  const aside = `${path}.${mine.nonce}`
  await writeFile(aside, JSON.stringify(mine), { mode: 0o600 })
  try {
    await link(aside, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(aside, { force: true })
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

async function isAlive(path: string, holder: Holder): Promise<boolean> {
  if (holder.host === hostname()) return holder.started !== '' && (await startOf(holder.pid)) === holder.started
  const touched = await stat(path).catch(() => null)
  return touched !== null && Date.now() - touched.mtimeMs < silentAfterMs
}

/** Successors that died one after the other before they had taken over; with more of them somebody has to look. */
const mostDeadSuccessors = 8

/**
 * Takes over from a dead holder. Of all who find it dead only one may: whoever makes the file that has the dead one's nonce in
 * its name. The lock itself is never away meanwhile: the successor's file replaces it in one step. A successor that died on
 * the way is succeeded like a holder. False: somebody else is at it, or has done it.
 */
async function succeed(path: string, dead: Holder, mine: Holder): Promise<boolean> {
  const line = [dead]
  while (line.length <= mostDeadSuccessors) {
    const claim = claimOn(path, line.at(-1) ?? dead)
    if (await tryCreate(claim, mine)) return await finish(path, line, mine)
    const other = await readHolder(claim)
    if (other === null || (await isAlive(claim, other))) return false
    line.push(other)
  }
  return false
}

const claimOn = (path: string, { nonce }: Holder): string => `${path}.after.${nonce}`

/** With the claim on the last of the line: nobody else may move now; but somebody may have, before it was made. */
async function finish(path: string, line: readonly Holder[], mine: Holder): Promise<boolean> {
  const places = [path, ...line.slice(0, -1).map((holder) => claimOn(path, holder))]
  const found = await Promise.all(places.map(readHolder))
  const isSame = found.every((holder, i) => holder !== null && holder.nonce === line[i]?.nonce)
  if (isSame) {
    const aside = `${path}.${mine.nonce}`
    await writeFile(aside, JSON.stringify(mine), { mode: 0o600 })
    await rename(aside, path)
  }
  const done = isSame ? line : line.slice(-1)
  for (const holder of done.toReversed()) await rm(claimOn(path, holder), { force: true })
  return isSame
}

function holdOn(path: string, mine: Holder, clock: Clock): DirectoryLock {
  let timer: Timer
  const arm = (): void => {
    timer = clock.after(touchEveryMs, () => {
      const now = new Date()
      utimes(path, now, now).catch(() => {})
      arm()
    })
  }
  arm()
  return {
    async release() {
      timer.cancel()
      const holder = await readHolder(path)
      if (holder?.nonce === mine.nonce) await rm(path, { force: true })
    },
  }
}

/** Field 22 of /proc/<pid>/stat; empty where there is no such process. Elsewhere than on Linux: whether it runs. */
async function startOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    // A zombie holds nothing any more.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    if (process.platform === 'linux') return ''
    try {
      process.kill(pid, 0)
      return 'running'
    } catch (error) {
      return isCode(error, 'EPERM') ? 'running' : ''
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
