import { answerOf } from './client.ts'
import type { Job } from './types.ts'

/** A file goes as it is, in one request whose body the browser reads from the disk piece by piece. */
export async function sendRows(jobId: string, file: Blob): Promise<Job> {
  const response = await fetch(`/api/v1/jobs/${encodeURIComponent(jobId)}/rows`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'text/csv' },
    body: file,
  })
  const body: unknown = await response.json().catch(() => null)
  return answerOf<Job>(response.ok ? { data: body as Job, response } : { error: body, response })
}
