import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { initiatorTlsOptions, provesIdentity } from './tls.ts'
import type { PeerRow, TlsMaterial } from './types.ts'

/** A connection being made. */
export interface Attempt {
  cancel(): void
}

/** Connects to the peer's address; exactly one of the two is called, unless cancelled before. Never synchronously. */
export function connectPeer(
  row: PeerRow,
  tls: TlsMaterial | undefined,
  onConnected: (socket: Socket, tls: boolean) => void,
  onFailed: (because: string) => void,
): Attempt {
  let isOver = false
  const fail = (because: string): void => {
    if (isOver) return
    isOver = true
    onFailed(because)
  }
  const target = row.connectTo
  if (target === null || (row.transport === 'tls' && tls === undefined)) {
    setImmediate(() => fail(target === null ? 'no address to connect to' : 'no certificate of our own is configured'))
    return {
      cancel: () => {
        isOver = true
      },
    }
  }
  const socket: Socket | TLSSocket =
    row.transport === 'tls' && tls !== undefined ? connectTls({ ...initiatorTlsOptions(tls, row.identity), ...target }) : connectTcp(target)
  const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message)
  const onClose = (): void => fail('connection-lost')
  socket.on('error', onError)
  socket.on('close', onClose)
  socket.once(row.transport === 'tls' ? 'secureConnect' : 'connect', () => {
    if (isOver) return
    if (row.transport === 'tls' && !provesIdentity(socket as TLSSocket, row.identity)) {
      fail('certificate-name')
      socket.destroy()
      return
    }
    isOver = true
    onConnected(socket, row.transport === 'tls')
    socket.off('close', onClose)
    socket.off('error', onError)
  })
  return {
    cancel() {
      isOver = true
      socket.destroy()
    },
  }
}
