import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDb } from './engine.ts'
import { migrate, readMigrations } from './migrate.ts'
import { startPglite } from './pglite-thread.ts'

/**
 * Path of a tar archive of an empty, migrated embedded database. Making one takes seconds and a gigabyte at its peak,
 * so it is made once for each set of migrations and engine version, and kept.
 */
export async function ensureSnapshot(): Promise<string> {
  const folder = await cacheFolder()
  const path = join(folder, `store-${await buildHash()}.tar`)
  if ((await stat(path).catch(() => null)) !== null) return path
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(aside, await makeSnapshot(), { mode: 0o600 })
  await rename(aside, path)
  await dropOlder(folder, path)
  return path
}

async function makeSnapshot(): Promise<Uint8Array> {
  const thread = await startPglite({})
  try {
    const session = { client: thread.client, broken: false }
    const db = createDb({
      name: 'pglite',
      acquire: async () => session,
      release: () => {},
      listen: () => Promise.reject(new Error('no notifications while a snapshot is made')),
      close: async () => {},
    })
    await migrate(db, await readMigrations())
    // Not analysed: of a table that was never measured the planner expects some rows, of one measured empty none.
    await db.exec('CHECKPOINT')
    return await thread.dump()
  } finally {
    await thread.close()
  }
}

async function buildHash(): Promise<string> {
  const hash = createHash('sha256')
  const engine = await readFile(new URL('../package.json', import.meta.resolve('@electric-sql/pglite')), 'utf8')
  hash.update(String((JSON.parse(engine) as { version: string }).version))
  for (const { checksum } of await readMigrations()) hash.update(checksum)
  for (const file of ['./pglite-worker.ts', './snapshot.ts']) hash.update(await readFile(new URL(file, import.meta.url)))
  return hash.digest('hex').slice(0, 16)
}

/** `.cache` of the source tree where we may write, else a folder of our own (no one else's) among the temporary files. */
async function cacheFolder(): Promise<string> {
  const near = fileURLToPath(new URL('../../.cache/store', import.meta.url))
  try {
    await mkdir(near, { recursive: true, mode: 0o700 })
    const probe = join(near, `probe-${randomBytes(6).toString('hex')}`)
    await writeFile(probe, '')
    await rm(probe)
    return near
  } catch {
    const { uid } = userInfo()
    const own = join(tmpdir(), `simward-${uid}`)
    await mkdir(own, { recursive: true, mode: 0o700 })
    const found = await lstat(own)
    if (!found.isDirectory() || (uid >= 0 && (found.uid !== uid || (found.mode & 0o022) !== 0))) {
      throw new Error(`${own} is not a folder of ours alone: a snapshot from it could be anyone's`)
    }
    return own
  }
}

/** Snapshots of former builds; whoever still wants one makes it again. */
async function dropOlder(folder: string, keep: string): Promise<void> {
  const dayAgo = Date.now() - 86_400_000
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (path === keep || !name.startsWith('store-')) continue
    const found = await stat(path).catch(() => null)
    if (found !== null && found.mtimeMs < dayAgo) await rm(path, { force: true })
  }
}
