import type { Plmn } from '#core/bcd.ts'
import { encode } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { air, type Origin, ulr, ulrFlags } from './messages.ts'
import { home } from './world.ts'

/** One request, encoded once; each copy differs in identifiers, Session-Id and IMSI, all of fixed width. */
export interface LoadTemplate {
  /** Command code. */
  readonly code: number
  /** `imsi` of 15 digits. `number` makes the Session-Id unique and is the End-to-End identifier. */
  make(imsi: string, hopByHop: number, number: number): Buffer
}

const imsiMark = '000000000000000'
const sessionMark = '0000000000'

export function createLoadTemplate(operation: 'AIR' | 'ULR', peer: { identity: string; realm: string; plmn: string }): LoadTemplate {
  const origin: Origin = {
    host: peer.identity,
    realm: peer.realm,
    destinationRealm: home.realm,
    session: () => `${peer.identity};1;${sessionMark}`,
  }
  const options = { imsi: imsiMark, plmn: peer.plmn as Plmn }
  const message =
    operation === 'AIR' ? air(origin, options) : ulr(origin, { ...options, flags: ulrFlags.initialAttach, imei: '00101000000001' })
  const master = encode(diameter, message)
  const imsiAt = master.indexOf(imsiMark)
  const sessionAt = master.indexOf(`;1;${sessionMark}`) + 3
  return {
    code: message.code,
    make(imsi, hopByHop, number) {
      const octets = Buffer.allocUnsafe(master.length)
      master.copy(octets)
      octets.writeUInt32BE(hopByHop, 12)
      octets.writeUInt32BE(number >>> 0, 16)
      octets.write(imsi, imsiAt, 15, 'latin1')
      writeDigits(octets, sessionAt, number)
      return octets
    },
  }
}

function writeDigits(octets: Buffer, at: number, number: number): void {
  let left = number
  for (let i = at + 9; i >= at; i--) {
    octets[i] = 48 + (left % 10)
    left = Math.floor(left / 10)
  }
}

export interface ReadAnswer {
  code: number
  hopByHop: number
  /** Result-Code; an Experimental-Result-Code negated; 0 where there is none. */
  result: number
}

/** Reads what a load generator needs of an answer, without decoding it; null for a request. */
export function readAnswer(octets: Buffer): ReadAnswer | null {
  if (octets.length < 20 || ((octets[4] ?? 0) & 0x80) !== 0) return null
  return { code: octets.readUIntBE(5, 3), hopByHop: octets.readUInt32BE(12), result: resultIn(octets, 20, octets.length) }
}

/** Result-Code 268, or within Experimental-Result 297 the code 298 (RFC 6733 §7). */
function resultIn(octets: Buffer, from: number, to: number): number {
  let at = from
  while (at + 8 <= to) {
    const code = octets.readUInt32BE(at)
    const length = octets.readUIntBE(at + 5, 3)
    if (length < 8 || at + length > to) return 0
    if (code === 268) return octets.readUInt32BE(at + 8)
    if (code === 298) return -octets.readUInt32BE(at + 8)
    if (code === 297) {
      const inner = resultIn(octets, at + 8, at + length)
      if (inner !== 0) return inner
    }
    at += (length + 3) & ~3
  }
  return 0
}
