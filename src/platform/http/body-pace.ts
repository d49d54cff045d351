import type { IncomingMessage } from 'node:http'
import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'

/** How often an upload is looked at: what it brought since the last look counts. */
const lookEveryMs = 10_000

/**
 * Whoever sends a body takes a place: an ordinary request must be whole in time, an upload must keep coming at a least rate,
 * however long it is. Sending slower ends the connection. Time in which we do not read is not held against the sender.
 */
export function watchBody(request: IncomingMessage, { clock, isUpload }: { clock: Clock; isUpload: boolean }): void {
  // In tests without a socket there is nobody to be slow.
  if (typeof request.socket?.bytesRead !== 'number') return
  let timer: Timer = isUpload ? clock.after(lookEveryMs, look) : clock.after(limits.http.requestMs, () => end())
  let bytes = request.socket.bytesRead
  request.once('close', () => timer.cancel())
  request.once('end', () => timer.cancel())

  function look(): void {
    const { bytesRead } = request.socket
    const isWaitingForUs = request.readableLength > 0 || request.isPaused()
    const isSlow = bytesRead - bytes < (limits.http.uploadBytesPerSecond * lookEveryMs) / 1000
    if (isSlow && !isWaitingForUs) {
      end()
      return
    }
    bytes = bytesRead
    timer = clock.after(lookEveryMs, look)
  }

  function end(): void {
    if (!request.complete) request.socket.destroy()
  }
}
