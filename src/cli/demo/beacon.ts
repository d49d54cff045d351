import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Where a running demo can be reached by a second terminal of the same user. */
export interface Beacon {
  url: string
  pid: number
}

function path(): string {
  return join(tmpdir(), `simward-demo-${userInfo().uid}.json`)
}

export function announce(beacon: Beacon): void {
  writeFileSync(path(), `${JSON.stringify(beacon)}\n`, { mode: 0o600 })
}

/** Removes the beacon if it is this process's. */
export function forget(pid: number): void {
  if (find()?.pid === pid) rmSync(path(), { force: true })
}

/** The running demo, or undefined where there is none (a beacon of a process that is gone does not count). */
export function find(): Beacon | undefined {
  if (!existsSync(path())) return undefined
  try {
    const beacon: Beacon = JSON.parse(readFileSync(path(), 'utf8'))
    process.kill(beacon.pid, 0)
    return beacon
  } catch {
    return undefined
  }
}
