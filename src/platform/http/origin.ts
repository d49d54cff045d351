import type { IncomingHttpHeaders } from 'node:http'
import { type ProblemBody, problem } from './problem.ts'

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/** "localhost:8480" -> "localhost"; "[::1]:8480" -> "[::1]". Lower case; undefined where it is not a host. */
function hostNameOf(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(host)
  return match?.[1]?.toLowerCase()
}

export interface OriginPolicy {
  /** Origin by which browsers reach us when it is not loopback, or null. */
  publicOrigin: string | null
}

/**
 * The Host that a browser was led to must be ours: a page of another name that resolves to our address (DNS
 * rebinding) would otherwise read everything that loopback may. Any port of loopback is right: an `ssh -L` picks one.
 */
export function isOurHost(host: string | undefined, policy: OriginPolicy): boolean {
  if (host === undefined) return false
  const name = hostNameOf(host)
  if (name === undefined) return false
  if (loopbackNames.has(name)) return true
  return policy.publicOrigin !== null && host.toLowerCase() === new URL(policy.publicOrigin).host.toLowerCase()
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * What a request is refused for before anything looks at it; null where it may go on. Cross-site requests of a browser
 * are told by Sec-Fetch-Site, in older ones by Origin; a program that sends neither carries no cookie of a victim.
 */
export function originFault(method: string, path: string, headers: IncomingHttpHeaders, policy: OriginPolicy): ProblemBody | null {
  if (!isOurHost(headers.host, policy)) {
    return problem(421, 'host-unknown', 'this server is not known by that name: use localhost, or set SIMWARD_HTTP_ORIGIN')
  }
  const site = headers['sec-fetch-site']
  const changes = !safeMethods.has(method)
  const isApi = path.startsWith('/api/')
  const own = site === undefined || site === 'same-origin' || (site === 'none' && !changes)
  if ((changes || isApi) && !own) return problem(403, 'cross-site', 'requests from other sites are refused')
  if (changes && headers.origin !== undefined && !isSameOrigin(headers.origin, headers.host)) {
    return problem(403, 'cross-site', 'the Origin of this request is another site')
  }
  return null
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host.toLowerCase() === host?.toLowerCase()
}
