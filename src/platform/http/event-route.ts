import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#core/clock.ts'
import { type NoticeFeed, noticeTypesFor } from '../notice.ts'
import type { Identity } from '../session.ts'
import type { EventHub } from './event-hub.ts'
import { NoticeStream, splitEventId } from './notice-stream.ts'
import { problem, sendProblem } from './problem.ts'
import { topics as known } from './schemas/events.ts'

/** What one topic needs (notices: each type its own); a provider's person gets its own signals and alarms only. */
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
  notices: NoticeFeed | undefined
  /** Whether the session, key or token still stands; asking is no use of it. */
  isAlive(): Promise<boolean>
  clock: Clock
}

/** A stream does not outlive its session by more than this. */
const checkEveryMs = 30_000

/** Turns the answer into an event stream; the socket is ours from here on. */
export async function streamEvents(
  { events: hub, notices: feed, isAlive, clock }: StreamSources,
  identity: Identity,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { topics } = request.query as { topics?: string }
  const asked = topics === undefined ? known.filter((topic) => topic !== 'notices') : topics.split(',').map((topic) => topic.trim())
  const unknown = asked.find((topic) => !known.some((name) => name === topic))
  if (unknown !== undefined) {
    return sendProblem(reply, problem(400, 'topic-unknown', `there is no topic ${JSON.stringify(unknown)}; there are ${known.join(', ')}`))
  }
  const types = asked.includes('notices') ? noticeTypesFor(identity.permissions) : []
  const allowed = known.filter(
    (topic) => topic !== 'notices' && asked.includes(topic) && identity.permissions.includes(permissionOf[topic]),
  )
  if (allowed.length + types.length === 0) return sendProblem(reply, problem(403, 'not-allowed', 'you may read none of these topics'))
  const lastEventId = request.headers['last-event-id']
  const last = splitEventId(typeof lastEventId === 'string' && lastEventId.length <= 80 ? lastEventId : null)
  const scope = identity.providerId === null ? ({ operator: true } as const) : { providerId: identity.providerId }
  const { raw } = reply
  let ended = false
  const write = (text: string): boolean => {
    head()
    return ended || raw.write(text)
  }
  const end = (): void => {
    ended = true
    raw.end()
  }
  const notices = types.length === 0 || feed === undefined ? null : new NoticeStream({ feed, scope, types, place: last.place, write, end })
  const subscription = hub.subscribe({
    topics: allowed,
    audience: scope,
    // Who reads notices only has missed nothing of the hub.
    lastEventId: allowed.length === 0 ? null : last.hub,
    sink: { write: (text) => write(notices?.stamp(text) ?? text), end },
  })
  if (subscription === null) {
    notices?.close()
    return sendProblem(reply, problem(503, 'too-many-readers', 'too many event streams are open: close another window'))
  }
  notices?.wake()
  raw.on('drain', () => {
    subscription.onDrain()
    notices?.drained()
  })
  let timer = clock.after(checkEveryMs, check)
  raw.on('close', () => {
    ended = true
    timer.cancel()
    notices?.close()
    subscription.close()
  })
  return reply

  /** A store that is away ends nothing; a session that is gone does. */
  function check(): void {
    if (ended) return
    timer = clock.after(checkEveryMs, check)
    isAlive().then(
      (stands) => {
        if (!stands && !ended) raw.end()
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
