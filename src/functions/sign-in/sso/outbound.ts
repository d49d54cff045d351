import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'

/** Networks that are inside somebody's house (RFC 6890 and its registry): nothing there is anybody's identity provider. */
const inside: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]

/** Also the IPv4 addresses that hide in IPv6 ones. */
export function isInside(address: string): boolean {
  const list = new BlockList()
  for (const [network, prefix, family] of inside) list.addSubnet(network, prefix, family)
  const mapped = /^::ffff:(?:0:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return list.check(mapped, 'ipv4')
  if (/^::ffff:/i.test(address)) return true
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Throws `sso-address` where nobody should be sent there: HTTPS only, and no address inside unless its host was named. */
export function checkAddress(url: URL, insideHosts: readonly string[]): void {
  const isNamed = insideHosts.includes(url.hostname)
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isNamed && loopback.has(url.hostname))
  if (!isSafe || url.username !== '' || url.password !== '')
    throw refused('an identity provider is reached by https, without a name in its address')
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (!isNamed && (url.hostname === 'localhost' || (isIP(literal) !== 0 && isInside(literal))))
    throw refused(`${url.hostname} is an address inside`)
}

interface Sending {
  method?: string
  headers?: Record<string, string>
  body?: unknown
}

/**
 * Fetches from an address that a customer typed: the name is resolved here and the connection made to what it resolved to,
 * so that it cannot mean one thing when checked and another when used. No redirects; answers are bounded in size and time.
 */
export function createOutbound(insideHosts: readonly string[]): (url: string, sending: Sending) => Promise<Response> {
  return async (address, { method = 'GET', headers = {}, body }) => {
    const url = new URL(address)
    checkAddress(url, insideHosts)
    const isNamed = insideHosts.includes(url.hostname)
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    return new Promise<Response>((resolve, reject) => {
      const request = send(url, {
        method,
        headers,
        lookup: isNamed ? lookup : lookupOutside,
        signal: AbortSignal.timeout(limits.signIn.ssoTimeoutMs),
      })
      request.on('error', (error) => reject(error instanceof OperationError ? error : refused(`${url.host}: ${error.message}`)))
      request.on('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > limits.signIn.ssoAnswerBytes) return void request.destroy(refused(`${url.host} answers with too much`))
          chunks.push(chunk)
        })
        response.on('error', reject)
        response.on('end', () => resolve(answerOf(response.statusCode ?? 502, response.headers, Buffer.concat(chunks))))
      })
      request.end(body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : undefined)
    })
  }
}

const lookupOutside: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0)
    const outside = addresses.filter(({ address }) => !isInside(address))
    const [first] = outside
    if (first === undefined) return callback(refused(`${hostname} leads to an address inside`), '', 0)
    if (options.all === true) return (callback as (error: null, addresses: LookupAddress[]) => void)(null, outside)
    callback(null, first.address, first.family)
  })
}

function answerOf(status: number, headers: NodeJS.Dict<string | string[]>, body: Buffer): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [value].flat().map((one) => [name, one]),
  )
  return new Response(status === 204 || status === 304 ? null : Uint8Array.from(body), { status, headers: pairs })
}

function refused(because: string): OperationError {
  return new OperationError('sso-address', 422, because)
}
