import type { Clock } from '#core/clock.ts'
import type { DiameterNode, PeerLink, RequestResult } from '#links/diameter/types.ts'
import type { Message } from '#protocols/diameter/codec.ts'

/**
 * How a simulated node reaches the operator: over a real socket, or directly in this process. Direct is synchronous
 * where the other side answers at once, so that a virtual clock can run minutes in a second.
 */

/** null says that no answer will be sent. */
export type Respond = (answer: Message | null) => void
export type RequestHandler = (request: Message, respond: Respond) => void

export interface Transport {
  /** The peer row whose connection this is. */
  readonly peerId: string
  /** A real agent stands between and writes down the route itself (RFC 6733 §6.1.9). */
  readonly recordsRoute?: boolean
  /** Sends to the operator. `done` is called exactly once. */
  request(message: Message, timeoutMs: number, done: (reply: RequestResult) => void): void
  /** Requests for this Destination-Host come to this handler; one handler per host. */
  serve(host: string, handler: RequestHandler): void
}

/** The same as a promise. */
export function ask(transport: Transport, message: Message, timeoutMs = 6_000): Promise<RequestResult> {
  return new Promise((resolve) => transport.request(message, timeoutMs, resolve))
}

/** Requests of the operator, handed to the simulated host that they name; an unknown host gets nothing. */
export function createDispatcher(): { serve: Transport['serve']; dispatch: RequestHandler } {
  const handlers = new Map<string, RequestHandler>()
  return {
    serve: (host, handler) => {
      handlers.set(host.toLowerCase(), handler)
    },
    dispatch: (request, respond) => {
      const handler = handlers.get(destinationHostOf(request).toLowerCase())
      if (handler === undefined) respond(null)
      else handler(request, respond)
    },
  }
}

function destinationHostOf(request: Message): string {
  return (request.avps as { readonly 'Destination-Host'?: string | undefined })['Destination-Host'] ?? ''
}

/** Over a node of `links/`; its `onRequest` must be the dispatcher's. `target` is the node's row of the neighbour. */
export function createNodeTransport(
  node: DiameterNode,
  at: { peerId: string; target: string; recordsRoute: boolean },
  serve: Transport['serve'],
): Transport {
  const { peerId, target, recordsRoute } = at
  return {
    peerId,
    recordsRoute,
    serve,
    request(message, timeoutMs, done) {
      void node.request(message, { peerId: target }, timeoutMs).then(done)
    },
  }
}

/** The operator's side of a direct connection. */
export type DirectHandler = (request: Message, peerId: string, respond: Respond) => void

export interface DirectNetwork {
  /** What answers the requests of every transport; set before the first request. */
  onRequest(handler: DirectHandler): void
  transport(peerId: string): Transport
  /** A request of the operator to a simulated node. */
  request(peerId: string, message: Message, timeoutMs: number, done: (reply: RequestResult) => void): void
}

/** A link as the operator would see it, for code that wants one with each request. */
export function directLink(row: {
  id: string
  identity: string
  realm: string
  role: 'node' | 'agent'
  linkClass: PeerLink['linkClass']
  transport: 'tcp' | 'tls'
}): PeerLink {
  const names = [
    'requestsIn',
    'answersOut',
    'requestsOut',
    'answersIn',
    'octetsIn',
    'octetsOut',
    'malformed',
    'unsolicited',
    'altered',
    'busy',
    'retransmitted',
    'unanswered',
    'timeouts',
    'connects',
  ] as const
  return {
    peerId: row.id,
    identity: row.identity,
    realm: row.realm,
    role: row.role,
    linkClass: row.linkClass,
    state: 'open',
    tls: row.transport === 'tls',
    remoteAddress: null,
    openSince: 0,
    applications: [16_777_251],
    counters: Object.fromEntries(names.map((name) => [name, 0])) as Record<(typeof names)[number], number>,
    pending: 0,
    outstanding: 0,
    writable: true,
  }
}

/** `wire`, where given, carries each message as octets would: encode and decode, so that a shape fault shows. */
export function createDirectNetwork(clock: Clock, wire: (message: Message) => Message = (message) => message): DirectNetwork {
  let handler: DirectHandler = (_request, _peerId, respond) => respond(null)
  let endToEnd = 0
  const dispatchers = new Map<string, ReturnType<typeof createDispatcher>>()

  const exchange = (message: Message, timeoutMs: number, done: (reply: RequestResult) => void, run: RequestHandler): void => {
    let isOpen = true
    const timer = clock.after(timeoutMs, () => {
      if (isOpen) finish({ ok: false, why: 'timeout' })
    })
    const finish = (reply: RequestResult): void => {
      isOpen = false
      timer.cancel()
      done(reply)
    }
    endToEnd = (endToEnd + 1) >>> 0
    const numbered = { ...message, hopByHop: endToEnd, endToEnd: message.endToEnd === 0 ? endToEnd : message.endToEnd }
    run(wire(numbered), (answer) => {
      if (isOpen && answer !== null) finish({ ok: true, answer: wire(answer) })
    })
  }

  const dispatcherOf = (peerId: string): ReturnType<typeof createDispatcher> => {
    let dispatcher = dispatchers.get(peerId)
    if (dispatcher === undefined) {
      dispatcher = createDispatcher()
      dispatchers.set(peerId, dispatcher)
    }
    return dispatcher
  }

  return {
    onRequest: (next) => {
      handler = next
    },
    transport: (peerId) => ({
      peerId,
      serve: dispatcherOf(peerId).serve,
      request: (message, timeoutMs, done) => exchange(message, timeoutMs, done, (request, respond) => handler(request, peerId, respond)),
    }),
    request: (peerId, message, timeoutMs, done) => exchange(message, timeoutMs, done, dispatcherOf(peerId).dispatch),
  }
}
