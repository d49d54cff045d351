import type { AesImplementation } from './aes.ts'
import type { AuthenticationFunctions, FunctionParameters, KeyMaterial, MilenageParameters, TuakParameters } from './authentication.ts'
import { prepareMilenage } from './milenage.ts'
import { createTuak } from './tuak.ts'

/** Everything known about each authentication algorithm; nothing else switches on their names. */
export interface AlgorithmRow {
  readonly name: string
  readonly spec: string
  /** Lengths that K may have, in octets. */
  readonly keyBytes: readonly number[]
  /** The operator's value as it is kept, per subscriber. */
  readonly operatorValue: { readonly name: string; readonly bytes: number }
  /** Why these parameters cannot make a vector; null where they can. */
  refuse(parameters: FunctionParameters): string | null
  /** Copies the keys and gives what makes f1..f5* of them; small enough to be kept by the hundred thousand. */
  prepare(material: KeyMaterial, aes: AesImplementation): () => AuthenticationFunctions
}

export const algorithms: Readonly<Record<KeyMaterial['algorithm'], AlgorithmRow>> = {
  MILENAGE: {
    name: 'MILENAGE',
    spec: 'TS 35.206',
    keyBytes: [16],
    operatorValue: { name: 'OPc', bytes: 16 },
    refuse: ({ milenage }) => (milenage === undefined ? null : refuseMilenage(milenage)),
    prepare: ({ k, opc, parameters }, aes) => prepareMilenage(k, opc, parameters?.milenage, aes),
  },
  TUAK: {
    name: 'TUAK',
    spec: 'TS 35.231',
    keyBytes: [16, 32],
    operatorValue: { name: 'TOPc', bytes: 32 },
    refuse: ({ tuak }) => (tuak === undefined ? null : refuseTuak(tuak)),
    // No key schedule: the functions are as small as the keys, and made once.
    prepare({ k, opc, parameters }) {
      const functions = createTuak(k, opc, parameters?.tuak)
      return () => functions
    },
  },
}

const onlyTriplets = 'it authenticates the card alone and makes GSM triplets, from which neither EPS nor UTRAN vectors can be made'

/** Algorithms that a card file may name and that are not served, with the reason that a person reads. */
const refusedAlgorithms: Readonly<Record<string, string>> = {
  'COMP128-1': `COMP128-1 is broken: some tens of thousands of chosen challenges give Ki away, and its Kc has 54 bits; ${onlyTriplets}`,
  'COMP128-2': `COMP128-2 makes a Kc of 54 bits only; ${onlyTriplets}`,
  'COMP128-3': `COMP128-3 is not supported: ${onlyTriplets}`,
  XOR: 'XOR (TS 34.108 §8.1.2) is for conformance tests: one answer gives K away',
}

/** The row of an algorithm that is served; a RangeError with the reason for any other name. */
export function algorithmRow(name: string): AlgorithmRow {
  const row = Object.values(algorithms).find((candidate) => candidate.name === name)
  if (row === undefined) throw new RangeError(refuseAlgorithm(name) ?? `${name} is not served`)
  return row
}

/**
 * Why a card batch with this algorithm and these parameters cannot be served, in words for the person who imports it;
 * null where it can. Names are compared without regard to case or to the separator before the number.
 */
export function refuseAlgorithm(name: string, parameters: FunctionParameters = {}): string | null {
  const wanted = canonical(name)
  const served = Object.values(algorithms).find((row) => row.name === wanted)
  if (served !== undefined) return served.refuse(parameters)
  return refusedAlgorithms[wanted] ?? `no algorithm ${JSON.stringify(name)}; served are ${Object.keys(algorithms).join(' and ')}`
}

/** "comp128 v1", "COMP128_1", "COMP128-1" -> "COMP128-1". */
function canonical(name: string): string {
  const text = name.trim().toUpperCase()
  const comp128 = /^COMP128[\s_-]*V?([123])$/.exec(text)
  return comp128 === null ? text : `COMP128-${comp128[1]}`
}

/** TS 35.206 §5.3: no two outputs may come from the same input of the kernel. */
function refuseMilenage({ c, r }: MilenageParameters): string | null {
  if (c.length !== 5 || !c.every((hex) => /^[0-9a-f]{32}$/i.test(hex))) return 'MILENAGE takes c1..c5 of 32 hexadecimal digits each'
  if (r.length !== 5 || !r.every((bits) => Number.isInteger(bits) && bits >= 0 && bits < 128)) return 'MILENAGE takes r1..r5 from 0 to 127'
  const pairs = c.map((hex, i) => `${hex.toLowerCase()}/${r[i]}`)
  const twin = pairs.findIndex((pair, i) => pairs.indexOf(pair) !== i)
  if (twin < 0) return null
  return `MILENAGE needs five different pairs of c and r; pair ${twin + 1} repeats pair ${pairs.indexOf(pairs[twin] ?? '') + 1}`
}

/** TS 33.102 §6.3.7 and TS 33.401 §6.1.1: what an AUTN and the keys below it have room for. */
function refuseTuak(tuak: TuakParameters): string | null {
  if (tuak.keyBits !== 128 && tuak.keyBits !== 256) return 'TUAK takes a K of 128 or 256 bits'
  if (!Number.isInteger(tuak.iterations) || tuak.iterations < 1 || tuak.iterations > 255) return 'TUAK takes 1 to 255 iterations'
  if (tuak.macBits !== 64) return 'an AUTN carries a MAC of 64 bits'
  if (tuak.ckBits !== 128 || tuak.ikBits !== 128) return 'vectors carry a CK and an IK of 128 bits'
  if (tuak.resBits !== 32 && tuak.resBits !== 64 && tuak.resBits !== 128) return 'vectors carry a RES of 32, 64 or 128 bits'
  return null
}
