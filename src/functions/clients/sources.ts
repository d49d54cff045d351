import { BlockList, isIP } from 'node:net'
import { OperationError } from '#core/errors.ts'

/** Checks and tidies a list of addresses and networks (192.0.2.0/24, 2001:db8::1). Throws `source-invalid`. */
export function parseSources(sources: readonly string[]): string[] {
  const tidy = sources.map((source) => source.trim())
  for (const source of tidy) {
    const [address = '', prefix, ...rest] = source.split('/')
    const bits = isIP(address) === 6 ? 128 : 32
    const isGood =
      isIP(address) !== 0 && rest.length === 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
    if (!isGood) throw new OperationError('source-invalid', 400, `${source} is no address and no network such as 192.0.2.0/24`, { source })
  }
  return [...new Set(tidy)]
}

/** Whether a client that is bound to these may come from that address. No sources: from anywhere. */
export function mayComeFrom(sources: readonly string[], address: string): boolean {
  if (sources.length === 0) return true
  // A socket that listens for both families shows IPv4 peers in their mapped form.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(plain)
  if (family === 0) return false
  const list = new BlockList()
  for (const source of sources) {
    const [net = '', prefix] = source.split('/')
    const kind = isIP(net) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(net, prefix === undefined ? (kind === 'ipv6' ? 128 : 32) : Number(prefix), kind)
  }
  return list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}
