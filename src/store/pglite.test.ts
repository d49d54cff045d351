import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemClock, VirtualClock } from '#core/clock.ts'
import { silentLog } from '#test/silent-log.ts'
import type { Db } from './db.ts'
import { openStore } from './open.ts'
import { lockDirectory } from './pglite-lock.ts'

describe('the embedded store in a directory', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simward-store-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const open = (name: string): Promise<Db> => openStore({ dataDir: join(folder, name), log: silentLog, clock: new VirtualClock() })

  test('keeps its rows from one opening to the next, few pages in memory, and lets one opener in at a time', async () => {
    const first = await open('kept')
    const { rows } = await first.query<{ setting: string }>(
      `SELECT current_setting(name) AS setting FROM unnest(ARRAY['shared_buffers', 'synchronous_commit', 'full_page_writes']) AS name`,
    )
    assert.deepEqual(
      rows.map(({ setting }) => setting),
      ['16MB', 'on', 'on'],
    )
    await assert.rejects(open('kept'), { code: 'store-locked', message: new RegExp(`process ${process.pid} on `) })
    await first.query(`INSERT INTO setting (key, value) VALUES ('a', '1')`)
    await first.close()
    const second = await open('kept')
    assert.deepEqual((await second.query('SELECT key, value FROM setting')).rows, [{ key: 'a', value: 1 }])
    await second.close()
  })

  test('a first filling that was cut short starts anew', async () => {
    const db = await open('cut')
    await db.query(`INSERT INTO setting (key, value) VALUES ('half', '1')`)
    await db.close()
    await writeFile(join(folder, 'cut', 'database.unfinished'), '')
    await rm(join(folder, 'cut', 'database', 'PG_VERSION'))
    const again = await open('cut')
    assert.deepEqual((await again.query('SELECT FROM setting')).affected, 0)
    await again.close()
    await assert.rejects(stat(join(folder, 'cut', 'database.unfinished')), { code: 'ENOENT' })
  })

  test('closing waits for the statement that runs, and refuses the ones after', async () => {
    const db = await open('closing')
    const running = db.transaction(async (tx) => {
      await tx.query(`INSERT INTO setting (key, value) VALUES ('last', '1')`)
      await tx.query('SELECT pg_sleep(0.01)')
    })
    const waiting = db.query('SELECT 1')
    const closed = db.close()
    await assert.rejects(waiting, { code: 'store-unavailable' })
    await running
    await closed
    await assert.rejects(db.query('SELECT 1'), { code: 'store-unavailable', status: 503 })
    const again = await open('closing')
    assert.equal((await again.query('SELECT FROM setting')).affected, 1)
    await again.close()
  })
})

describe('the lock on a directory', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simward-lock-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const write = (path: string, holder: object): Promise<void> =>
    writeFile(path, JSON.stringify({ nonce: 'x', host: hostname(), ...holder }))

  test('of a process that lives is respected, of one that was killed is taken over', async () => {
    const path = join(folder, 'other')
    const child = spawn(process.execPath, ['-e', `process.send('up'); setInterval(() => {}, 1000)`], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    await once(child, 'message')
    const text = await readFile(`/proc/${child.pid}/stat`, 'utf8')
    await write(path, { pid: child.pid, started: text.slice(text.lastIndexOf(')') + 2).split(' ')[19] })
    await assert.rejects(lockDirectory(path, systemClock), { code: 'store-locked', message: new RegExp(`process ${child.pid} `) })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = await lockDirectory(path, systemClock)
    assert.equal((JSON.parse(await readFile(path, 'utf8')) as { pid: number }).pid, process.pid)
    await lock.release()
    await assert.rejects(stat(path), { code: 'ENOENT' })
  })

  test('is taken from a former process whose number a later one has', async () => {
    const path = join(folder, 'reused')
    await write(path, { pid: process.pid, started: '1' })
    await (await lockDirectory(path, systemClock)).release()
  })

  test('on a shared volume counts as long as its holder elsewhere touches it', async () => {
    const path = join(folder, 'elsewhere')
    await write(path, { pid: 1, started: '1', host: 'another-machine' })
    await assert.rejects(lockDirectory(path, systemClock), { code: 'store-locked' })
    const minuteAgo = new Date(Date.now() - 60_000)
    await utimes(path, minuteAgo, minuteAgo)
    await (await lockDirectory(path, systemClock)).release()
  })

  test('goes to one of many that want it at once, also when a dead one left it, or one who was taking it over', async () => {
    const dead = (nonce: string) => ({ pid: 2 ** 22 + 1, started: '1', nonce })
    // What could go wrong is a matter of moments: many times.
    for (let round = 0; round < 40; round++) {
      const path = join(folder, `contended-${round}`)
      if (round % 4 > 0) await write(path, dead('first'))
      if (round % 4 > 1) await write(`${path}.after.first`, dead('second'))
      if (round % 4 > 2) await write(`${path}.after.second`, dead('third'))
      const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(path, systemClock)))
      const won = attempts.filter((attempt) => attempt.status === 'fulfilled')
      assert.equal(won.length, 1, `round ${round}`)
      await won[0]?.value.release()
    }
    const left = (await readdir(folder)).filter((name) => name.startsWith('contended'))
    assert.deepEqual(left, [], 'nothing of it is left behind')
  })
})
