import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface PortalBuild {
  /** False where it failed; what failed was written. */
  readonly done: Promise<boolean>
  stop(): void
}

const program = fileURLToPath(new URL('build-portal.ts', import.meta.url))

/** Builds the portal where its sources have changed, in a process that gives way to signalling; tells its progress. */
export function buildPortalForDemo(write: (line: string) => void): PortalBuild {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => write(`  portal: ${line}`))
  const done = once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  )
  return { done, stop: () => void child.kill() }
}
