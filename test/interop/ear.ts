import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { limits } from '#core/limits.ts'
import { createFramer } from '#links/diameter/framing.ts'

/** Stands between the networks and Simward in plain TCP, passes everything on, and keeps each message that Simward sends. */
export class Ear {
  readonly heard: Buffer[] = []
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((near) => this.#join(near))
  #to = { host: '', port: 0 }
  #at = { host: '127.0.0.1', port: 0 }

  /** Where it listens, once it does. */
  get at(): { host: string; port: number } {
    return this.#at
  }

  async listen(to: { host: string; port: number }): Promise<void> {
    this.#to = to
    this.#server.listen(this.#at)
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('a listener without a port')
    this.#at = { host: this.#at.host, port: address.port }
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(near: Socket): void {
    const far = connect({ host: this.#to.host, port: this.#to.port })
    const framer = createFramer(limits.diameter.messageBytes)
    far.on('data', (chunk: Buffer) => framer.push(chunk, (octets) => void this.heard.push(Buffer.from(octets))))
    far.pipe(near)
    near.pipe(far)
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        ;(socket === near ? far : near).destroy()
      })
    }
  }
}
