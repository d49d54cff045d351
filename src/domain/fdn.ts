import type { FixedNumber } from './profile.ts'

/**
 * What EF_FDN would hold for a fixed dialling list (TS 31.102 §4.2.24; the record is that of EF_ADN, TS 51.011 §10.5.1):
 * alpha identifier, length, TON and NPI, ten octets of number, capability and extension identifiers. Computed for people
 * to see and for a card profile to take; nothing here writes it to a card.
 */

/** Octets after the alpha identifier. */
const fixedOctets = 14
const numberOctets = 10

export const fdnRecordSizes = { least: fixedOctets, usual: 28, most: fixedOctets + 241 } as const
const fdnNumberDigits = numberOctets * 2

/** TON and NPI (TS 24.008 §10.5.4.7): international or unknown, ISDN numbering plan, extension bit set. */
const tonNpi = { international: 0x91, unknown: 0x81 } as const

/** Extended BCD (TS 31.102 §4.4.2.3): * is A, # is B. */
const nibbles: Readonly<Record<string, number>> = { '*': 0xa, '#': 0xb }

export interface FdnRecord {
  name: string
  number: string
  hex: string
  /** The name did not fit the record: the card shows its beginning. */
  isNameCut: boolean
}

/** The records in the order of the list. `recordSize` is the card's own. */
export function fdnRecords(
  numbers: readonly Pick<FixedNumber, 'name' | 'number'>[],
  recordSize: number = fdnRecordSizes.usual,
): FdnRecord[] {
  return numbers.map(({ name, number }) => {
    const alpha = alphaIdentifier(name, recordSize - fixedOctets)
    return { name, number, hex: Buffer.concat([alpha.octets, numberPart(number)]).toString('hex'), isNameCut: alpha.isCut }
  })
}

/** `+999 ...` or a short code, as a card can hold it. */
export function isFdnNumber(number: string): boolean {
  return /^\+?[\d*#]+$/.test(number) && number.replace('+', '').length <= fdnNumberDigits
}

function numberPart(number: string): Buffer {
  const isInternational = number.startsWith('+')
  const digits = isInternational ? number.slice(1) : number
  const out = Buffer.alloc(fixedOctets, 0xff)
  const octets = (digits.length + 1) >> 1
  // The length counts TON and NPI too.
  out[0] = octets + 1
  out[1] = isInternational ? tonNpi.international : tonNpi.unknown
  for (let i = 0; i < octets; i++) out[2 + i] = (nibbleOf(digits[2 * i + 1]) << 4) | nibbleOf(digits[2 * i])
  // What follows the number stays FF: no capability and no extension record.
  return out
}

function nibbleOf(digit: string | undefined): number {
  return digit === undefined ? 0xf : (nibbles[digit] ?? Number(digit))
}

/** Characters whose code in the default alphabet of TS 23.038 §6.2.1 is that of ASCII. */
const sameInDefaultAlphabet = /^[ !"#%&'()*+,\-./0-9:;<=>?A-Za-z]*$/

/** Unused octets are FF (TS 31.101 Annex A); what the default alphabet lacks is written in UCS2 behind 80. */
function alphaIdentifier(name: string, room: number): { octets: Buffer; isCut: boolean } {
  const octets = Buffer.alloc(room, 0xff)
  if (sameInDefaultAlphabet.test(name)) {
    octets.write(name, 'latin1')
    return { octets, isCut: name.length > room }
  }
  const units = Math.max(0, (room - 1) >> 1)
  const isCut = name.length > units
  // A character of two units is not cut in half.
  const kept = isCut ? name.slice(0, units).replace(/[\ud800-\udbff]$/, '') : name
  if (kept.length > 0) {
    octets[0] = 0x80
    Buffer.from(kept, 'utf16le').swap16().copy(octets, 1)
  }
  return { octets, isCut }
}
