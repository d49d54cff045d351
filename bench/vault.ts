import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { createVault } from '#crypto/vault.ts'
import { type Bench, interleave, round, timeHere } from './bench.ts'
import { fill } from './inputs.ts'

/**
 * Sealed records opened per second of one core: K of 200,000 subscribers, a key per record. The reference is the least that
 * node:crypto can do for one: AES-256-GCM under one key for all, made ready before.
 */

const records = 200_000
const rounds = 3

export const bench: Bench = {
  name: 'vault',
  summary: 'sealed keys opened per second of one core (a key per record), against AES-256-GCM under one key for all',
  async *run() {
    const masterKey = Buffer.concat([fill(5, 1), fill(6, 1)])
    const vault = createVault(masterKey)
    const imsis = Array.from({ length: records }, (_, i) => `00101${String(i).padStart(10, '0')}`)
    const sealed = imsis.map((imsi, i) => vault.seal('subscriber-k', imsi, fill(1, i)))
    const open = (count: number) => {
      for (let i = 0; i < count; i++) {
        if (vault.open('subscriber-k', imsis[i] ?? '', sealed[i] ?? masterKey) === null) throw new Error(`record ${i} does not open`)
      }
    }
    const { rates } = await interleave([timeHere(open), timeHere(createReference(masterKey, fill(1, 0)))], records, rounds)
    const [ours = Number.NaN, reference = Number.NaN] = rates
    yield {
      name: 'vault',
      ours: Math.round(ours),
      reference: Math.round(reference),
      ratio: round(ours / reference, 3),
      unit: 'records per CPU second',
      aim: `${records.toLocaleString('en')} records within 3 CPU seconds`,
      referenceIs: 'createDecipheriv aes-256-gcm with one KeyObject, update, final',
      secondsForAll: round(records / ours, 2),
      records,
    }
  },
}

/** Opens one and the same record. */
function createReference(masterKey: Buffer, octets: Buffer): (count: number) => void {
  const key = createSecretKey(masterKey)
  const nonce = Buffer.alloc(12)
  const associatedData = Buffer.from('simward\0subscriber-k\x00001010000000001')
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData)
  const sealed = cipher.update(octets)
  cipher.final()
  const tag = cipher.getAuthTag()
  return (count) => {
    for (let i = 0; i < count; i++) {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
      decipher.setAAD(associatedData)
      decipher.setAuthTag(tag)
      decipher.update(sealed)
      decipher.final()
    }
  }
}
