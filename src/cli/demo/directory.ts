import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A directory of this process's own below `parent`; those of demos that were killed, and so could not tidy up, are removed
 * on the way.
 */
export function makeDirectory(parent: string, pid: number): string {
  for (const name of readdirSync(parent)) {
    const owner = /^simward-demo-(\d+)-/.exec(name)?.[1]
    if (owner !== undefined && !isRunning(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true })
  }
  return mkdtempSync(join(parent, `simward-demo-${pid}-`))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
