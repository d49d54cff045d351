import { BlockList, isIP } from 'node:net'
import { OperationError } from '#core/errors.ts'

/** A name to its addresses; rejects where it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** IANA special-purpose and multicast registries: nothing of the Internet answers there, and much of our own network does. */
const specialV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Within 2000::/3: protocol assignments and Teredo, documentation, 6to4. Whatever is outside it is no unicast of the Internet. */
const specialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

function listOf(networks: readonly string[], kind: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), kind)
  }
  return list
}

const refusedV4 = listOf(specialV4, 'ipv4')
const globalV6 = listOf(['2000::/3'], 'ipv6')
const refusedV6 = listOf(specialV6, 'ipv6')
const loopbackV4 = listOf(['127.0.0.0/8'], 'ipv4')

/** Whether we may connect to that address. IPv4 in an IPv6 address (mapped, translated) is outside 2000::/3, and so refused. */
export function isAllowedAddress(address: string, allowLoopback: boolean): boolean {
  const family = isIP(address)
  if (family === 4) return !refusedV4.check(address, 'ipv4') || (allowLoopback && loopbackV4.check(address, 'ipv4'))
  if (family !== 6) return false
  if (allowLoopback && address === '::1') return true
  return globalV6.check(address, 'ipv6') && !refusedV6.check(address, 'ipv6')
}

function refuse(why: string): OperationError {
  return new OperationError('webhook-address', 422, `webhooks cannot go there: ${why}`)
}

/** The URL as it will be used. Throws `webhook-address` for what is refused whatever its name resolves to. */
export function checkUrl(text: string, allowLoopback: boolean): URL {
  if (!URL.canParse(text)) throw refuse('this is no URL')
  const url = new URL(text)
  const host = hostOf(url)
  const isLoopback = host === 'localhost' || (isIP(host) !== 0 && !isAllowedAddress(host, false) && isAllowedAddress(host, true))
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowLoopback && isLoopback)) throw refuse('only https is taken')
  if (url.username !== '' || url.password !== '') throw refuse('the URL holds a password; check the signature instead')
  if (url.hash !== '') throw refuse('a fragment is never sent')
  if (isIP(host) !== 0) {
    if (!isAllowedAddress(host, allowLoopback)) throw refuse(`${host} is not an address of the Internet`)
    return url
  }
  const isOurs =
    host === 'localhost' ? !allowLoopback : !host.includes('.') || /\.(?:localhost|local|internal|home\.arpa|onion)\.?$/.test(host)
  if (isOurs) throw refuse(`${host} is not a name of the Internet`)
  return url
}

/** The host without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

/**
 * The addresses of a URL's host, all of them ones that we may connect to. One bad address among them spoils the name: who
 * put it there meant it. Throws `webhook-address`. Asked at creation and again at each connection, which goes to the
 * address that was looked at and asks no resolver again (DNS rebinding).
 */
export async function vettedAddresses(url: URL, resolve: Resolve, allowLoopback: boolean): Promise<readonly string[]> {
  const host = hostOf(url)
  const addresses = isIP(host) !== 0 ? [host] : await resolve(host).catch(() => [])
  if (addresses.length === 0) throw refuse(`${host} does not resolve`)
  const bad = addresses.find((address) => !isAllowedAddress(address, allowLoopback))
  if (bad !== undefined) throw refuse(`${host} resolves to ${bad}, which is not an address of the Internet`)
  return addresses
}
