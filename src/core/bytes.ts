/** Octets as text and back. */

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Spaces are allowed; an odd count or another character is a RangeError. */
export function fromHex(text: string): Buffer {
  const compact = text.replaceAll(/\s+/g, '')
  if (compact.length % 2 !== 0 || /[^0-9a-f]/i.test(compact)) throw new RangeError('not a string of hexadecimal octets')
  return Buffer.from(compact, 'hex')
}

export function isEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
