import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { watchBody } from './body-pace.ts'

/** A server that watches each request, and a client that has sent the head and the beginning of a body. */
async function halfSent(
  isUpload: boolean,
  isRead = true,
): Promise<{ clock: VirtualClock; socket: Socket; got: () => number; [Symbol.asyncDispose](): Promise<void> }> {
  const clock = new VirtualClock()
  let bytes = 0
  const arrived = Promise.withResolvers<void>()
  const server = createServer((request) => {
    watchBody(request, { clock, isUpload })
    if (isRead)
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
    arrived.resolve()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nimsi\r\n')
  await arrived.promise
  return {
    clock,
    socket,
    got: () => bytes,
    async [Symbol.asyncDispose]() {
      socket.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Cut off by a reset or by an end: either will do. */
const closing = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()))

test('an ordinary request that is not whole in time loses its connection', async () => {
  await using half = await halfSent(false)
  half.clock.advance(29_999)
  assert.equal(half.socket.closed, false)
  const closed = closing(half.socket)
  half.clock.advance(1)
  await closed
})

test('an upload may take as long as it needs while it keeps coming, and no longer', async () => {
  await using half = await halfSent(true)
  for (let i = 0; i < 10; i++) {
    const before = half.got()
    half.socket.write(Buffer.alloc(20_000, 'x'))
    while (half.got() < before + 20_000) await new Promise((resolve) => setImmediate(resolve))
    half.clock.advance(10_000)
    assert.equal(half.socket.closed, false)
  }
  const closed = closing(half.socket)
  half.socket.write('slow')
  half.clock.advance(10_000)
  await closed
})

test('an upload that waits for us is not slow', async () => {
  await using half = await halfSent(true, false)
  half.clock.advance(60_000)
  assert.equal(half.socket.closed, false)
})
