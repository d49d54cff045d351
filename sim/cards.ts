import { hash } from 'node:crypto'
import type { Plmn } from '#core/bcd.ts'
import { type BatchRow, batches, home, type NetworkId, type ProviderRow, providers, type TrafficClass } from './world.ts'

/** One SIM of the simulated world, with its secrets: made from the seed when needed, never stored. */
export interface SimCard {
  index: number
  imsi: string
  /** Two SIMs with one ICCID are two subscriptions of one multi-IMSI card. */
  iccid: string
  eid: string
  msisdn: string
  /** 14 digits of the equipment that carries it. */
  imei: string
  k: Buffer
  /** OPc, or TOPc (32 octets) for TUAK. */
  opc: Buffer
  batchId: string
  algorithm: 'MILENAGE' | 'TUAK'
  providerId: string
  profileId: string
  class: TrafficClass
  nasLowPriority: boolean
  homePlmn: Plmn
  /** Where it is in the simulated world. */
  networkId: NetworkId
}

/** Order of providers within ten consecutive SIMs: any run of tens keeps the shares 10 / 40 / 50. */
const tenPattern: readonly ProviderRow[] = spread()

function spread(): ProviderRow[] {
  const left = new Map<ProviderRow, number>(providers.map((row) => [row, row.tenths]))
  const order: ProviderRow[] = []
  // The smallest share first, so that a critical SIM is the first of every ten.
  const bySize = [...left.keys()].toSorted((a, b) => a.tenths - b.tenths)
  while (order.length < 10) {
    for (const row of bySize) {
      const count = left.get(row) ?? 0
      if (count === 0) continue
      order.push(row)
      left.set(row, count - 1)
    }
  }
  return order
}

/**
 * Where fifty SIMs of one class are. The pattern below walks through it so that any 500 consecutive SIMs have these
 * shares in each class: half are behind plain MMEs, a fifth behind random-abating ones.
 */
const presence: readonly (readonly [NetworkId, number])[] = [
  ['aurelia', 15],
  ['brenn', 10],
  ['castrel', 9],
  ['dorvik', 7],
  ['fennmark', 6],
  ['estrel', 2],
  ['pelagos', 1],
]

/** `count` SIMs; the same seed always gives the same ones, and a longer list starts with the shorter. */
export function generateSims(count: number, seed: number): SimCard[] {
  return Array.from({ length: count }, (_, index) => generateSim(index, seed))
}

/** The SIM number `index` of the world with this seed. */
export function generateSim(index: number, seed: number): SimCard {
  const provider = tenPattern[index % 10] ?? providers[0]
  const batch = batchOf(index)
  const imsi = imsiOf(index, provider)
  const card = isSecondOfCard(index) ? index - 1 : index
  const serial = String(card).padStart(9, '0')
  return {
    index,
    imsi,
    iccid: withLuhn(`899997000${serial}`),
    eid: `89999070000000000000000${serial}`,
    msisdn: `${home.countryCode}700${imsi.slice(-9)}`,
    imei: `00101${String(7_000_000_00 + card).padStart(9, '0')}`,
    k: secret(seed, imsi, 'K', 16),
    opc: secret(seed, imsi, 'OPc', batch.parameters.algorithm === 'TUAK' ? 32 : 16),
    batchId: batch.id,
    algorithm: batch.parameters.algorithm,
    providerId: provider.id,
    profileId: provider.profileId,
    class: provider.class,
    nasLowPriority: provider.nasLowPriority,
    homePlmn: home.plmn,
    networkId: whereabouts(index),
  }
}

/** Its IMSI alone, without the cost of its secrets: for load generators that walk through many. */
export function imsiAt(index: number): string {
  return imsiOf(index, tenPattern[index % 10] ?? providers[0])
}

/** The batch of a SIM, from its row id. */
export function batchRow(id: string): BatchRow {
  const row = batches.find((each) => each.id === id)
  if (row === undefined) throw new Error(`no such batch: ${id}`)
  return row
}

/** Every 19th SIM is from the TUAK batch: no multiple of ten, so that each class has some. */
function batchOf(index: number): BatchRow {
  if (index % 19 === 7) return batches[2]
  return index % 2 === 0 ? batches[0] : batches[1]
}

/** Every 500 SIMs, two meters that are one multi-IMSI card. */
function isSecondOfCard(index: number): boolean {
  return index % 500 === 499
}

/** One range of 10^8 per provider: 01 meters, 02 trackers, 03 monitors. */
function imsiOf(index: number, provider: ProviderRow): string {
  const range = providers.findIndex((row) => row.id === provider.id) + 1
  return `${home.imsiPrefix}${String(range * 100_000_000 + index).padStart(10, '0')}`
}

function whereabouts(index: number): NetworkId {
  // 7 and 50 have no common factor: fifty blocks of ten meet every place once, for each position in the ten.
  let place = (Math.floor(index / 10) * 7 + (index % 10) * 13) % 50
  for (const [id, count] of presence) {
    place -= count
    if (place < 0) return id
  }
  return 'aurelia'
}

function secret(seed: number, imsi: string, purpose: string, octets: number): Buffer {
  return Buffer.from(hash('sha256', `simulated ${purpose} ${seed} ${imsi}`, 'buffer').subarray(0, octets))
}

/** Appends the check digit (ITU-T E.118: Luhn). */
function withLuhn(digits: string): string {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    const weighted = i % 2 === 0 ? digit * 2 : digit
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return `${digits}${(10 - (sum % 10)) % 10}`
}
