/**
 * Cuts a byte stream into Diameter messages (RFC 6733 §3: version, then a 24-bit length that counts the header and is a
 * multiple of four). Once a version or a length is wrong nothing after it can be trusted, so the caller closes.
 */

export interface FramingFault {
  because: 'version' | 'length' | 'too-long'
  message: string
  spec: string
}

export interface Framer {
  /** Calls `onMessage` for every whole message; returns the first fault, after which the framer takes nothing more. */
  push(chunk: Buffer, onMessage: (octets: Buffer) => void): FramingFault | null
  /** Octets held of a message that is not whole yet. */
  readonly heldBytes: number
  /** Makes the framer drop everything from now on. */
  stop(): void
}

const headerBytes = 20
const prefixBytes = 4

/** Reads version and length; `at` must have four octets. */
function checkPrefix(octets: Buffer, at: number, maxBytes: number): FramingFault | number {
  const version = octets[at]
  if (version !== 1) return { because: 'version', message: `version ${version} is not 1`, spec: 'RFC 6733 §3' }
  const length = octets.readUIntBE(at + 1, 3)
  if (length < headerBytes || length % 4 !== 0) {
    return { because: 'length', message: `length ${length} is not a multiple of 4 from 20`, spec: 'RFC 6733 §3' }
  }
  if (length > maxBytes) return { because: 'too-long', message: `length ${length} is over the limit of ${maxBytes}`, spec: 'RFC 6733 §3' }
  return length
}

/** @param maxBytes longest message accepted, header included. */
export function createFramer(maxBytes: number): Framer {
  const prefix = Buffer.alloc(prefixBytes)
  let prefixHeld = 0
  let message: Buffer | null = null
  let messageHeld = 0
  let stopped = false

  /** Takes from the chunk what the message in hand lacks; returns octets taken. */
  const fill = (into: Buffer, chunk: Buffer, at: number): number => {
    const taken = Math.min(into.length - messageHeld, chunk.length - at)
    chunk.copy(into, messageHeld, at, at + taken)
    messageHeld += taken
    return taken
  }

  const begin = (length: number): Buffer => {
    const whole = Buffer.allocUnsafeSlow(length)
    message = whole
    messageHeld = 0
    return whole
  }

  const takeWhole = (whole: Buffer, onMessage: (octets: Buffer) => void): void => {
    message = null
    messageHeld = 0
    onMessage(whole)
  }

  /** Completes what an earlier chunk left; returns the offset from which the chunk stands on its own. */
  const resume = (chunk: Buffer, onMessage: (octets: Buffer) => void): number | FramingFault => {
    let at = 0
    if (message === null && prefixHeld > 0) {
      at = Math.min(prefixBytes - prefixHeld, chunk.length)
      chunk.copy(prefix, prefixHeld, 0, at)
      prefixHeld += at
      if (prefixHeld < prefixBytes) return at
      const length = checkPrefix(prefix, 0, maxBytes)
      if (typeof length !== 'number') return length
      prefix.copy(begin(length))
      messageHeld = prefixBytes
      prefixHeld = 0
    }
    const whole: Buffer | null = message
    if (whole === null) return at
    at += fill(whole, chunk, at)
    if (messageHeld === whole.length) takeWhole(whole, onMessage)
    return at
  }

  const push = (chunk: Buffer, onMessage: (octets: Buffer) => void): FramingFault | null => {
    if (stopped) return null
    const start = resume(chunk, onMessage)
    if (typeof start !== 'number') {
      stopped = true
      return start
    }
    let at = start
    while (!stopped && chunk.length - at >= prefixBytes) {
      const length = checkPrefix(chunk, at, maxBytes)
      if (typeof length !== 'number') {
        stopped = true
        return length
      }
      if (chunk.length - at < length) {
        fill(begin(length), chunk, at)
        return null
      }
      onMessage(chunk.subarray(at, at + length))
      at += length
    }
    if (!stopped && message === null && at < chunk.length) prefixHeld = chunk.copy(prefix, 0, at)
    return null
  }

  return {
    push,
    get heldBytes() {
      return prefixHeld + messageHeld
    },
    stop() {
      stopped = true
      message = null
    },
  }
}
