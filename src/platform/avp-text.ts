/** AVPs as text for people: a line each, groups indented, octets in hexadecimal. */
export function avpText(avps: object, indent = ''): string {
  return Object.entries(avps)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((item) => line(name, item, indent)) : value === undefined ? [] : [line(name, value, indent)],
    )
    .join('\n')
}

function line(name: string, value: unknown, indent: string): string {
  if (value instanceof Uint8Array) return `${indent}${name}: ${Buffer.from(value).toString('hex')}`
  if (typeof value === 'object' && value !== null) return `${indent}${name}\n${avpText(value, `${indent}  `)}`
  return `${indent}${name}: ${String(value)}`
}
