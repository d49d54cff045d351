import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { OutageResult, OutageRow } from '#sim/outage.ts'

export interface ComputeStart {
  outage: OutageRow
  seed: number
}

/** The same seed without admission control, in a thread of its own: it takes about a second in which signalling must not wait. */
export async function computeBeside(outage: OutageRow, seed: number): Promise<OutageResult> {
  const start: ComputeStart = { outage, seed }
  const worker = new Worker(new URL('./computed-thread.ts', import.meta.url), { workerData: start })
  try {
    const [result] = await once(worker, 'message')
    return result as OutageResult
  } finally {
    await worker.terminate()
  }
}
