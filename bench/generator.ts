import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LoadOptions, LoadResult } from '#sim/load.ts'

export type Load = Pick<LoadOptions, 'target' | 'operation' | 'total' | 'window' | 'ratePerSecond' | 'sims'>

const program = fileURLToPath(new URL('../sim/load-process.ts', import.meta.url))

/** One run of the load generator in a process of its own. Rejects unless every request was answered with success. */
export async function generateLoad(load: Load): Promise<LoadResult & { cpuSeconds: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(load)], { encoding: 'utf8' })
  const result = JSON.parse(stdout) as LoadResult & { cpuSeconds: number }
  const succeeded = result.byResult['2001'] ?? 0
  if (result.interrupted || result.timeouts > 0 || succeeded !== result.sent) {
    throw new Error(
      `${result.operation}: ${succeeded} of ${result.sent} succeeded, ${result.timeouts} had no answer: ${JSON.stringify(result.byResult)}`,
    )
  }
  return result
}
