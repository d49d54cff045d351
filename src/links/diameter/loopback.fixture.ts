import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { type Clock, systemClock } from '#core/clock.ts'
import { answerTo, decode, encode, peekHeader, requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import type { Message, MessageOf, RequestName } from '#protocols/diameter/message.ts'
import type { LinkEvent, LinkEventKind } from './events.ts'
import { createFramer } from './framing.ts'
import { createDiameterNode } from './node.ts'
import type { DiameterNode, DiameterNodeOptions, PeerLink, PeerRow } from './types.ts'

export const s6a = { vendor: 10415, id: 16777251 }
export const home = 'epc.mnc001.mcc001.3gppnetwork.org'
export const abroad = 'epc.mnc099.mcc999.3gppnetwork.org'

/** Makes nodes and bare peers for one test, and closes them all after it, also when it fails. */
export function loopback(t: { after(run: () => Promise<void>): void }) {
  const nodes: DiameterNode[] = []
  const sockets: Socket[] = []
  const servers: Server[] = []
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    await Promise.all(nodes.map((node) => node.close()))
  })
  const keep = (peer: RawPeer): RawPeer => {
    sockets.push(peer.socket)
    return peer
  }
  return {
    station(...given: Parameters<typeof station>): Station {
      const made = station(...given)
      nodes.push(made.node)
      return made
    },
    rawPeer: async (...given: Parameters<typeof rawPeer>): Promise<RawPeer> => keep(await rawPeer(...given)),
    openRawPeer: async (...given: Parameters<typeof openRawPeer>): Promise<RawPeer> => keep(await openRawPeer(...given)),
    /** A bare listener: `accept` gives the next connection made to it. */
    async rawListener(): Promise<{ port: number; accept(): Promise<RawPeer> }> {
      const server = createServer()
      servers.push(server)
      const waiting: Socket[] = []
      server.on('connection', (socket) => {
        waiting.push(socket)
        server.emit('waiting')
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      return {
        port: address.port,
        async accept() {
          for (let socket = waiting.shift(); ; socket = waiting.shift()) {
            if (socket !== undefined) return keep(await rawPeer(0, socket))
            await once(server, 'waiting')
          }
        },
      }
    },
    keepSocket: (socket: Socket): void => void sockets.push(socket),
  }
}

/** A node over real loopback sockets that keeps its events and can wait for one. */
export interface Station {
  node: DiameterNode
  events: LinkEvent[]
  /** The next event of that kind, or one that has come and was not waited for yet. */
  until<K extends LinkEventKind['kind']>(kind: K): Promise<Extract<LinkEvent, { kind: K }>>
  link(peerId?: string): PeerLink
}

function station(identity: string, realm: string, peers: PeerRow[], more: Partial<DiameterNodeOptions> & { clock?: Clock } = {}): Station {
  const events: LinkEvent[] = []
  const unread: LinkEvent[] = []
  const waiting: { kind: string; resolve: (event: LinkEvent) => void }[] = []
  const node = createDiameterNode({
    identity,
    realm,
    productName: 'station',
    originStateId: 1,
    applications: [s6a],
    clock: systemClock,
    dictionary: diameter,
    peers: () => peers,
    onRequest: (request, _link, respond) => respond(success(request, { host: identity, realm })),
    ...more,
    onEvent(event) {
      events.push(event)
      const at = waiting.findIndex((each) => each.kind === event.kind)
      if (at >= 0) waiting.splice(at, 1)[0]?.resolve(event)
      else unread.push(event)
      more.onEvent?.(event)
    },
  })
  return {
    node,
    events,
    until(kind) {
      const at = unread.findIndex((event) => event.kind === kind)
      const found = at >= 0 ? unread.splice(at, 1)[0] : undefined
      if (found !== undefined) return Promise.resolve(found as never)
      return new Promise((resolve) => waiting.push({ kind, resolve: resolve as (event: LinkEvent) => void }))
    },
    link(peerId) {
      const found = node.links().find((each) => peerId === undefined || each.peerId === peerId)
      if (found === undefined) throw new Error(`no link ${peerId}`)
      return found
    },
  }
}

export function peerRow(id: string, more: Partial<PeerRow> = {}): PeerRow {
  const identity = more.identity ?? `${id}.${abroad}`
  return {
    id,
    identity,
    realm: abroad,
    role: 'node',
    linkClass: 'ipx',
    transport: 'tcp',
    realms: [more.realm ?? abroad],
    connectTo: null,
    enabled: true,
    ...more,
  }
}

/** The answer 2001 to any S6a request. */
export function success(request: Message, from = { host: `hss.${home}`, realm: home }): Message {
  const avps = { 'Result-Code': 2001, 'Auth-Session-State': 1, 'Origin-Host': from.host, 'Origin-Realm': from.realm }
  return answerTo(request as MessageOf<RequestName>, avps as never)
}

/** A PUR as the smallest S6a request there is. */
export function purgeRequest(from: { host: string; realm: string }, more: Record<string, unknown> = {}): MessageOf<'PUR'> {
  return requestOf(diameter, 'PUR', {
    'Session-Id': `${from.host};1;${more['User-Name'] ?? 1}`,
    'Auth-Session-State': 1,
    'Origin-Host': from.host,
    'Origin-Realm': from.realm,
    'Destination-Realm': home,
    'User-Name': '001015550000001',
    ...more,
  })
}

/** A peer made of a bare socket, for what no node of ours would send. */
export interface RawPeer {
  socket: Socket
  /** The next whole message. Watchdogs are answered and left out, unless asked for. */
  next(wanted?: 'DWR'): Promise<Message>
  send(message: Message | Buffer): void
  closed: Promise<unknown>
}

/** The message; where it is malformed (it may repeat what the peer sent) its header alone. */
function readable(octets: Buffer): Message {
  try {
    return decode(diameter, octets, { keepUnknown: true })
  } catch {
    return { command: 'unknown', avps: {}, others: [], ...peekHeader(octets) }
  }
}

async function rawPeer(port: number, socket: Socket = connect({ host: '127.0.0.1', port })): Promise<RawPeer> {
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  const inbox: Message[] = []
  let wake = (): void => {}
  const framer = createFramer(65_536)
  socket.on('data', (chunk: Buffer) => {
    framer.push(chunk, (octets) => void inbox.push(readable(octets)))
    wake()
  })
  const send = (message: Message | Buffer): void => void socket.write(Buffer.isBuffer(message) ? message : encode(diameter, message))
  if (socket.connecting) await once(socket, 'connect')
  return {
    socket,
    closed,
    async next(wanted) {
      for (;;) {
        const message = inbox.shift()
        if (message === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else if (message.command !== 'DWR' || wanted === 'DWR') return message
        else send(answerTo(message, { 'Result-Code': 2001, 'Origin-Host': 'raw.example', 'Origin-Realm': 'example' }))
      }
    },
    send,
  }
}

export function capabilitiesRequest(host: string, realm: string, more: Record<string, unknown> = {}): MessageOf<'CER'> {
  return requestOf(
    diameter,
    'CER',
    {
      'Origin-Host': host,
      'Origin-Realm': realm,
      'Host-IP-Address': ['127.0.0.1'],
      'Vendor-Id': 0,
      'Product-Name': 'raw',
      'Vendor-Specific-Application-Id': [{ 'Vendor-Id': s6a.vendor, 'Auth-Application-Id': s6a.id }],
      ...more,
    },
    { hopByHop: 7, endToEnd: 8 },
  )
}

/** The CEA of a bare peer to the CER that it has just received. */
export async function answerCapabilities(peer: RawPeer, host: string, realm: string, more: Record<string, unknown> = {}): Promise<void> {
  const cer = await peer.next()
  if (cer.command !== 'CER') throw new Error(`a ${cer.command} instead of the CER`)
  const avps = { 'Result-Code': 2001, ...capabilitiesRequest(host, realm).avps, ...more }
  peer.send(answerTo(cer, avps))
}

/** Connects a bare socket and exchanges capabilities. */
async function openRawPeer(port: number, host: string, realm = abroad): Promise<RawPeer> {
  const peer = await rawPeer(port)
  peer.send(capabilitiesRequest(host, realm))
  const cea = await peer.next()
  if (cea.command !== 'CEA' || cea.avps['Result-Code'] !== 2001) throw new Error('the CER was refused')
  return peer
}
