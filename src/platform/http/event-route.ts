import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#core/clock.ts'
import type { Identity, SessionPort } from '../session.ts'
import type { EventHub } from './event-hub.ts'
import { problem, sendProblem } from './problem.ts'
import { topics as known } from './schemas/events.ts'

/** What one topic needs; a provider's person gets its own signals and alarms only. */
const permissionOf = {
  signals: 'signals:read',
  overview: 'overview:read',
  alarms: 'alarms:read',
  approvals: 'approvals:read',
  controls: 'controls:read',
  demo: 'demo:run',
  jobs: 'jobs:read',
} as const

export interface StreamSources {
  events: EventHub
  sessions: SessionPort | undefined
  clock: Clock
}

/** A stream does not outlive its session by more than this. */
const checkEveryMs = 30_000

/** Turns the answer into an event stream; the socket is ours from here on. */
export async function streamEvents(
  { events: hub, sessions, clock }: StreamSources,
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { topics } = request.query as { topics?: string }
  const asked = topics === undefined ? [...known] : topics.split(',').map((topic) => topic.trim())
  const unknown = asked.find((topic) => !known.some((name) => name === topic))
  if (unknown !== undefined) {
    return sendProblem(reply, problem(400, 'topic-unknown', `there is no topic ${JSON.stringify(unknown)}; there are ${known.join(', ')}`))
  }
  const allowed = known.filter((topic) => asked.includes(topic) && identity.permissions.includes(permissionOf[topic]))
  const lastEventId = request.headers['last-event-id']
  const { raw } = reply
  let ended = false
  const subscription = hub.subscribe({
    topics: allowed,
    audience: identity.providerId === null ? { operator: true } : { providerId: identity.providerId },
    lastEventId: typeof lastEventId === 'string' && lastEventId.length <= 64 ? lastEventId : null,
    sink: {
      write: (text) => {
        head()
        return ended || raw.write(text)
      },
      end: () => {
        ended = true
        raw.end()
      },
    },
  })
  if (subscription === null) {
    return sendProblem(reply, problem(503, 'too-many-readers', 'too many event streams are open: close another window'))
  }
  raw.on('drain', () => subscription.onDrain())
  let timer = clock.after(checkEveryMs, check)
  raw.on('close', () => {
    ended = true
    timer.cancel()
    subscription.close()
  })
  return reply

  /** A store that is away ends nothing; a session that is gone does. */
  function check(): void {
    const { sessionKey } = identity
    if (ended || sessionKey === null || sessions?.isAlive === undefined) return
    timer = clock.after(checkEveryMs, check)
    sessions.isAlive(sessionKey).then(
      (isAlive) => {
        if (!isAlive && !ended) raw.end()
      },
      () => {},
    )
  }

  /** Headers leave with the first write, with what helmet and the other hooks have set. */
  function head(): void {
    if (raw.headersSent) return
    reply.hijack()
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    }
    raw.writeHead(200, headers as Record<string, string>)
  }
}
