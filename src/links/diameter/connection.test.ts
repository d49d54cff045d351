import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '#core/clock.ts'
import { Connection, type ConnectionReader } from './connection.ts'

const options = { clock: systemClock, messageBytes: 65_536, sendBufferBytes: 65_536, tls: false }

function message(length: number, fill = 0): Buffer {
  const octets = Buffer.alloc(length, fill)
  octets[0] = 1
  octets.writeUIntBE(length, 1, 3)
  return octets
}

/** Two ends of a loopback connection: one of ours, and the bare socket. */
async function pair(reader: Partial<ConnectionReader> = {}): Promise<{ ours: Connection; theirs: Socket; close(): Promise<void> }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const theirs = connect(address.port, '127.0.0.1')
  theirs.on('error', () => {})
  const [socket] = (await once(server, 'connection')) as [Socket]
  const closed = once(socket, 'close')
  const ours = new Connection(socket, options, { message() {}, fault() {}, closed() {}, ...reader })
  return {
    ours,
    theirs,
    async close() {
      theirs.destroy()
      socket.destroy()
      await closed
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('what is sent within one turn leaves in one write', async () => {
  const { ours, theirs, close } = await pair()
  let writes = 0
  const write = ours.socket.write.bind(ours.socket)
  ours.socket.write = ((octets: Buffer) => {
    writes += 1
    return write(octets)
  }) as typeof ours.socket.write
  for (let i = 0; i < 256; i++) ours.send(message(20, i))
  let got = 0
  for await (const chunk of theirs) {
    got += (chunk as Buffer).length
    if (got === 256 * 20) break
  }
  assert.equal(writes, 1)
  assert.equal(ours.octetsOut, 5120)
  await close()
})

test('a peer that does not read is not read from; it is when it reads again', async () => {
  const heard = Promise.withResolvers<Buffer>()
  let isHeard = false
  const { ours, theirs, close } = await pair({
    message(octets) {
      isHeard = true
      heard.resolve(octets)
    },
  })
  theirs.pause()
  while (!ours.isPausedFor('sendBuffer')) {
    ours.send(message(65_536))
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(ours.isCongested)
  assert.ok(ours.socket.isPaused())
  await new Promise<void>((written) => theirs.write(message(20), () => written()))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isHeard, false)
  theirs.resume()
  assert.deepEqual(await heard.promise, message(20))
  assert.ok(!ours.isCongested)
  await close()
})

test('past four times the send buffer the connection closes with a fault', async () => {
  const faults: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<string>()
  const { ours, theirs, close } = await pair({ fault: (fault) => faults.push(fault), closed: resolve })
  theirs.pause()
  while (!ours.isPausedFor('sendBuffer')) {
    ours.send(message(65_536))
    await new Promise((done) => setImmediate(done))
  }
  for (let i = 0; i < 5; i++) ours.send(message(65_536))
  assert.equal(await promise, 'overflow')
  assert.deepEqual(faults, ['send-buffer'])
  assert.equal(ours.isClosed, true)
  await close()
})

test('lost framing is told once and ends the connection; later octets are not read', async () => {
  const faults: unknown[] = []
  let heard = 0
  const { promise, resolve } = Promise.withResolvers<string>()
  const { theirs, close } = await pair({ message: () => heard++, fault: (fault) => faults.push(fault), closed: resolve })
  theirs.write(Buffer.concat([message(20), Buffer.from([9, 9, 9, 9]), message(20)]))
  theirs.resume()
  assert.equal(await promise, 'framing')
  assert.equal(faults.length, 1)
  assert.equal(heard, 1)
  await close()
})

test('an ended connection first delivers what was sent', async () => {
  const { ours, theirs, close } = await pair()
  ours.send(message(20, 1))
  ours.end('refused')
  ours.send(message(20, 2))
  const got: Buffer[] = []
  for await (const chunk of theirs) got.push(chunk as Buffer)
  assert.deepEqual(Buffer.concat(got), message(20, 1))
  await close()
})
