/** What an agent needs of a message in order to route it, read without a dictionary: it judges no other AVP (RFC 6733 §6.1). */
import { limits } from '#core/limits.ts'

export interface Routing {
  readonly sessionId: string | undefined
  readonly originHost: string | undefined
  readonly originRealm: string | undefined
  readonly destinationHost: string | undefined
  readonly destinationRealm: string | undefined
  readonly userName: string | undefined
  readonly routeRecord: readonly string[]
  /** Offset of the first AVP that could not be read; -1: all could. */
  readonly brokenAt: number
}

const names: Readonly<Record<number, keyof Routing | undefined>> = {
  1: 'userName',
  263: 'sessionId',
  264: 'originHost',
  283: 'destinationRealm',
  293: 'destinationHost',
  296: 'originRealm',
}
const routeRecord = 282

/** First-level AVPs only; the first of each name counts. Never throws; text is Latin-1 of what came. */
export function peekRouting(octets: Buffer): Routing {
  const found: Partial<Record<keyof Routing, string>> = {}
  const route: string[] = []
  let brokenAt = octets.length < 20 ? 0 : -1
  let left: number = limits.diameter.avpsPerMessage
  for (let at = 20; at < octets.length && brokenAt < 0; ) {
    const end = octets.length - at < 8 ? 0 : at + octets.readUIntBE(at + 5, 3)
    const hasVendor = ((octets[at + 4] ?? 0) & 0x80) !== 0
    if (end < at + (hasVendor ? 12 : 8) || end > octets.length || left-- <= 0) {
      brokenAt = at
      break
    }
    if (!hasVendor) {
      const code = octets.readUInt32BE(at)
      const name = names[code]
      if (code === routeRecord) route.push(octets.toString('latin1', at + 8, end))
      else if (name !== undefined && found[name] === undefined) found[name] = octets.toString('latin1', at + 8, end)
    }
    at = (end + 3) & ~3
  }
  const { sessionId, originHost, originRealm, destinationHost, destinationRealm, userName } = found
  return { sessionId, originHost, originRealm, destinationHost, destinationRealm, userName, routeRecord: route, brokenAt }
}
