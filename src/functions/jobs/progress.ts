import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import type { EventPublisher } from '#platform/http/event-hub.ts'
import type { Job as JobView } from '#platform/http/schemas/jobs.ts'
import type { Job } from './job.ts'

export interface ProgressOptions {
  clock: Clock
  log: Logger
  events: EventPublisher
  show(jobs: readonly Job[]): Promise<JobView[]>
}

/** Tells open pages how jobs go on: the newest state of each, a few times a second. */
export interface Progress {
  saw(job: Job): void
  close(): void
}

const everyMs = 500

export function createProgress({ clock, log, events, show }: ProgressOptions): Progress {
  const waiting = new Map<string, Job>()
  let timer: Timer | undefined

  async function publish(): Promise<void> {
    timer = undefined
    const jobs = [...waiting.values()].filter(
      ({ providerId }) => events.wanted({ operator: true }) || (providerId !== null && events.wanted({ providerId })),
    )
    waiting.clear()
    if (jobs.length === 0) return
    for (const job of await show(jobs)) {
      events.publish('jobs', { job })
      if (job.provider !== null) events.publish('jobs', { job }, { providerId: job.provider.id })
    }
  }

  return {
    saw(job) {
      waiting.set(job.id, job)
      timer ??= clock.after(everyMs, () => {
        publish().catch((error: unknown) => log.debug({ err: error }, 'nobody was told of a job'))
      })
    },
    close: () => timer?.cancel(),
  }
}
