import { hash } from 'node:crypto'
import { createCredentials } from '#crypto/credentials.ts'
import { generateUtranVector, type UtranVector } from '#crypto/vectors.ts'
import { type Bench, interleave, round, timeHere } from './bench.ts'
import { fill } from './inputs.ts'

/**
 * TUAK vectors per second of one core (RES, CK, IK, AUTN; one iteration) against two SHAKE256 calls of node:crypto over as
 * many octets as the two permutations of a vector take. The libosmocore of Debian 12 has no TUAK. The calls are taken twice:
 * with octets as their result, which is what a vector consists of, and with text, which node makes at half the cost.
 */

const keys = 1024
const perRound = 100_000
const rounds = 9
const inputBytes = 96

export const bench: Bench = {
  name: 'tuak',
  summary: 'vectors per second of one core (RES, CK, IK, AUTN), against two shake256 calls of node:crypto a vector',
  async *run() {
    const sides = [timeHere(createWork(1)), timeHere(twoDigests), timeHere(twoTextDigests)]
    const { rates, rounds: taken } = await interleave(sides, perRound, rounds)
    const [ours = Number.NaN, octets = Number.NaN, text = Number.NaN] = rates
    const twice = await interleave([timeHere(createWork(2))], perRound / 10, 3)
    yield {
      name: 'tuak',
      ours: Math.round(ours),
      reference: Math.round(octets),
      ratio: round(ours / octets, 3),
      unit: 'vectors per CPU second',
      aim: '>= 0.8 x',
      referenceIs: `two crypto.hash('shake256', 96 octets, 'buffer')`,
      textReference: Math.round(text),
      ratioToText: round(ours / text, 3),
      twoIterations: Math.round(twice.rates[0] ?? Number.NaN),
      oursByRound: taken[0],
      referenceByRound: taken[1],
      textReferenceByRound: taken[2],
    }
  },
}

function createWork(iterations: number): (count: number) => void {
  const tuak = { keyBits: 128, macBits: 64, resBits: 64, ckBits: 128, ikBits: 128, iterations } as const
  const subscribers = Array.from({ length: keys }, (_, i) => {
    const opc = Buffer.concat([fill(2, i), fill(4, i)])
    return createCredentials({ algorithm: 'TUAK', k: fill(1, i), opc, parameters: { tuak } })
  })
  const amf = Buffer.alloc(2)
  const kept: { vector: UtranVector | null } = { vector: null }
  return (count) => {
    for (let i = 0; i < count; i++) {
      const subscriber = subscribers[i % keys]
      if (subscriber !== undefined) kept.vector = generateUtranVector(subscriber, { sqn: BigInt(i + 1), amf, rand: fill(3, i) })
    }
  }
}

function twoDigests(count: number): void {
  const input = Buffer.alloc(inputBytes)
  for (let i = 0; i < count; i++) {
    for (const instance of [0x08, 0x48]) {
      input[32] = instance
      input.writeUInt32LE(i, 40)
      hash('shake256', input, 'buffer')
    }
  }
}

function twoTextDigests(count: number): void {
  const input = Buffer.alloc(inputBytes)
  for (let i = 0; i < count; i++) {
    for (const instance of [0x08, 0x48]) {
      input[32] = instance
      input.writeUInt32LE(i, 40)
      hash('shake256', input)
    }
  }
}
