import { createCredentials } from '#crypto/credentials.ts'
import { c2, c3 } from '#crypto/gsm.ts'
import { generateEpsVector, generateUtranVector, type UtranVector } from '#crypto/vectors.ts'
import { type Bench, interleave, round, type TimedRun, timeHere } from './bench.ts'
import { fill } from './inputs.ts'
import { buildReference, referenceVersion } from './reference-program.ts'

/**
 * MILENAGE vectors per second of one core against osmo_auth_gen_vec() of libosmocore. Both make, from a fresh key each
 * time, what gen_vec makes: RES, CK, IK, AUTN, and SRES and Kc of GSM. The first vectors of both are compared first.
 */

const library = 'libosmogsm'
const keys = 1024
const perRound = 200_000
const rounds = 9

export const bench: Bench = {
  name: 'milenage',
  summary: 'vectors per second of one core (RES, CK, IK, AUTN, SRES, Kc), against osmo_auth_gen_vec of libosmocore',
  async *run() {
    const work = createWork('table')
    const reference = buildReference('milenage', library)
    const common = { name: 'milenage', unit: 'vectors per CPU second', aim: '>= 1.0 x' }
    if ('missing' in reference) {
      yield {
        ...common,
        ours: await rate(work.vectors),
        reference: null,
        ratio: null,
        reason: reference.missing,
        ...(await measureOthers(work)),
      }
      return
    }
    compare(reference.check(keys + 1), work)
    const timed = reference.time()
    try {
      const { rates, rounds: taken } = await interleave([timeHere(work.vectors), timed.run], perRound, rounds)
      const [ours = Number.NaN, theirs = Number.NaN] = rates
      yield {
        ...common,
        ours: Math.round(ours),
        reference: Math.round(theirs),
        ratio: round(ours / theirs, 3),
        referenceIs: `osmo_auth_gen_vec, libosmocore ${referenceVersion(library)}`,
        ...(await measureOthers(work)),
        oursByRound: taken[0],
        referenceByRound: taken[1],
      }
    } finally {
      await timed.close()
    }
  },
}

/** After the comparison: the constant-time cipher would teach the compiler that there are two. */
async function measureOthers(work: Work): Promise<{ eps: number; oneKey: number; constantTime: number }> {
  const eps = await rate(work.eps)
  const oneKey = await rate(work.oneKey)
  return { eps, oneKey, constantTime: await rate(createWork('constant-time').vectors, 20_000) }
}

interface Work {
  vectors(count: number): void
  eps(count: number): void
  oneKey(count: number): void
  /** The vector as the reference prints it. */
  show(number: number): string
}

function createWork(aes: 'table' | 'constant-time'): Work {
  const subscribers = Array.from({ length: keys }, (_, i) =>
    createCredentials({ algorithm: 'MILENAGE', k: fill(1, i), opc: fill(2, i) }, aes),
  )
  const amf = Buffer.alloc(2)
  const epsAmf = Buffer.of(0x80, 0)
  const plmn = Buffer.of(0x00, 0xf1, 0x10)
  // What is made is kept, or the compiler may see that nobody wants it.
  const kept: { vector: UtranVector | null; sres: Buffer | null; kc: Buffer | null; other: unknown } = {
    vector: null,
    sres: null,
    kc: null,
    other: null,
  }
  const make = (number: number) => {
    const subscriber = subscribers[number % keys]
    if (subscriber === undefined) throw new Error('no such key')
    const vector = generateUtranVector(subscriber, { sqn: BigInt(number + 1), amf, rand: fill(3, number) })
    kept.vector = vector
    kept.sres = c2(vector.xres)
    kept.kc = c3(vector.ck, vector.ik)
  }
  return {
    vectors(count) {
      for (let i = 0; i < count; i++) make(i)
    },
    eps(count) {
      for (let i = 0; i < count; i++) {
        const subscriber = subscribers[i % keys]
        if (subscriber !== undefined)
          kept.other = generateEpsVector(subscriber, { sqn: BigInt(i + 1), amf: epsAmf, rand: fill(3, i), plmn })
      }
    },
    oneKey(count) {
      const functions = subscribers[0]?.functions
      for (let i = 0; i < count; i++) kept.other = functions?.quintuplet(fill(3, i), i + 1, 0)
    },
    show(number) {
      make(number)
      const { vector, sres, kc } = kept
      if (vector === null || sres === null || kc === null) throw new Error('no vector was made')
      return Buffer.concat([vector.xres, vector.ck, vector.ik, vector.autn, sres, kc]).toString('hex')
    },
  }
}

function compare(lines: readonly string[], work: Work): void {
  for (const [number, line] of lines.entries()) {
    if (work.show(number) !== line) throw new Error(`vector ${number} differs from the reference: ${work.show(number)} and ${line}`)
  }
}

async function rate(work: (count: number) => void, count = perRound / 2): Promise<number> {
  const { rates } = await interleave([timeHere(work) satisfies TimedRun], count, 3)
  return Math.round(rates[0] ?? Number.NaN)
}
