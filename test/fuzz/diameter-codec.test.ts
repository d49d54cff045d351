import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ProtocolError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import { decode, encode, failureAnswer, peekHeader } from '#protocols/diameter/codec.ts'
import { type AvpNode, describeMessage, messageName, withoutSecrets } from '#protocols/diameter/describe.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import { resultCodes } from '#protocols/diameter/result-codes.ts'
import { peekRouting } from '#protocols/diameter/routing.ts'
import { readVectors } from '#protocols/diameter/vectors/vector-file.ts'

/** Octets made wrong in every way we know, from the text vectors. The seed is printed; set SIMWARD_FUZZ_SEED to repeat a run. */

const seed = Number(process.env.SIMWARD_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const rounds = Number(process.env.SIMWARD_FUZZ_ROUNDS ?? 3_000)
const local = { originHost: 'hss.home.example', originRealm: 'home.example' }

const corpus = ['base', 's6a', 's13', 'gx', 'recorded', 'refused'].flatMap((file) =>
  readVectors(diameter, readFileSync(new URL(`../../src/protocols/diameter/vectors/${file}.txt`, import.meta.url), 'utf8')).map(
    (vector) => vector.octets,
  ),
)

/** mulberry32: small, and the same everywhere. */
class Dice {
  #state: number
  constructor(from: number) {
    this.#state = from >>> 0
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }
  octets(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)))
  }
}

interface Place {
  at: number
  end: number
  isGroup: boolean
}

/** AVPs of the first level and of what looks like a group. */
function placesIn(octets: Buffer, from = 20, to = octets.length, depth = 0): Place[] {
  const found: Place[] = []
  for (let at = from; to - at >= 8; ) {
    const length = octets.readUIntBE(at + 5, 3)
    const start = at + (octets[at + 4]! & 0x80 ? 12 : 8)
    const end = at + length
    if (end < start || end > to) break
    const inner = depth < 4 && end - start >= 8 ? placesIn(octets, start, end, depth + 1) : []
    found.push({ at, end, isGroup: inner.length > 0 }, ...inner)
    at = (end + 3) & ~3
  }
  return found
}

function sized(octets: Buffer): Buffer {
  if (octets.length >= 20) octets.writeUIntBE(Math.min(octets.length, 0xffffff), 1, 3)
  return octets
}

function avp(code: number, vendor: number, flags: number, data: Buffer): Buffer {
  const header = Buffer.alloc(flags & 0x80 ? 12 : 8)
  header.writeUInt32BE(code >>> 0, 0)
  header.writeUInt32BE(((flags << 24) | (header.length + data.length)) >>> 0, 4)
  if (header.length === 12) header.writeUInt32BE(vendor >>> 0, 8)
  return Buffer.concat([header, data, Buffer.alloc(-data.length & 3)])
}

type Mutation = (octets: Buffer, dice: Dice, places: Place[]) => Buffer

const badText = ['c0af', 'eda080', 'f4908080', 'ff', '00', 'c328', 'e28280e2', '0a0d'].map((hex) => Buffer.from(hex, 'hex'))
const lengths = [0, 1, 7, 8, 9, 11, 12, 13, 255, 4096, 65_535, 0x7fffff, 0xffffff]

const mutations: Readonly<Record<string, Mutation>> = {
  'truncated, length left': (octets, dice) => octets.subarray(0, dice.below(octets.length)),
  'truncated, length set': (octets, dice) => sized(Buffer.from(octets.subarray(0, dice.below(octets.length)))),
  'over-long': (octets, dice) => sized(Buffer.concat([octets, dice.octets(dice.below(300))])),
  'far over-long': (octets, dice) => sized(Buffer.concat([octets, Buffer.alloc(dice.below(80_000), dice.below(256))])),
  'wrong AVP length': (octets, dice, places) => {
    if (places.length > 0) octets.writeUIntBE(dice.of([...lengths, dice.below(0x1000000)]), dice.of(places).at + 5, 3)
    return octets
  },
  'length off by a little': (octets, dice, places) => {
    if (places.length === 0) return octets
    const { at, end } = dice.of(places)
    octets.writeUIntBE(Math.max(0, end - at + dice.below(9) - 4), at + 5, 3)
    return octets
  },
  repeated: (octets, dice, places) => {
    if (places.length === 0) return octets
    const { at, end } = dice.of(places)
    const one = octets.subarray(at, (end + 3) & ~3)
    return sized(Buffer.concat([octets, ...Array.from({ length: 1 + dice.below(dice.of([3, 30, 700])) }, () => one)]))
  },
  'wrong order': (octets, dice) => {
    const places = placesIn(octets, 20, octets.length, 4)
    const parts = places.map(({ at, end }) => octets.subarray(at, (end + 3) & ~3))
    for (let i = parts.length - 1; i > 0; i--) {
      const k = dice.below(i + 1)
      ;[parts[i], parts[k]] = [parts[k]!, parts[i]!]
    }
    return sized(Buffer.concat([octets.subarray(0, 20), ...parts]))
  },
  missing: (octets, dice, places) => {
    if (places.length === 0) return octets
    const { at, end } = dice.of(places)
    return sized(Buffer.concat([octets.subarray(0, at), octets.subarray((end + 3) & ~3)]))
  },
  nested: (octets, dice) => {
    const groups = Object.values(diameter.avps).filter((row) => row.type === 'Grouped') as { code: number; vendor?: number }[]
    let inner = dice.octets(dice.below(20))
    for (let depth = dice.below(dice.of([3, 12, 200])); depth >= 0; depth--) {
      const { code, vendor = 0 } = dice.of(groups)
      inner = avp(code, vendor, vendor === 0 ? 0x40 : 0xc0, inner)
    }
    return sized(Buffer.concat([octets, inner]))
  },
  'bad text': (octets, dice, places) => {
    if (places.length === 0) return octets
    const { at, end } = dice.of(places)
    const start = at + (octets[at + 4]! & 0x80 ? 12 : 8)
    if (end > start) dice.of(badText).copy(octets, start + dice.below(end - start), 0, end - start)
    return octets
  },
  'any AVP of the dictionary with any octets': (octets, dice) => {
    const { code, vendor = 0 } = dice.of(Object.values(diameter.avps)) as { code: number; vendor?: number }
    return sized(Buffer.concat([octets, avp(code, vendor, (vendor === 0 ? 0 : 0x80) | (dice.below(4) << 5), dice.octets(dice.below(40)))]))
  },
  'unknown AVPs': (octets, dice) => {
    const many = Array.from({ length: dice.below(dice.of([4, 600])) }, () =>
      avp(dice.below(2 ** 32), dice.below(2 ** 32), dice.below(8) << 5, dice.octets(dice.below(9))),
    )
    return sized(Buffer.concat([octets, ...many]))
  },
  'other flags': (octets, dice, places) => {
    const at = places.length > 0 && dice.below(4) > 0 ? dice.of(places).at : 0
    octets[at + 4] = dice.below(256)
    return octets
  },
  'other command or application': (octets, dice) => {
    if (octets.length >= 20) octets.writeUInt32BE(dice.of([0, 3, 4, 16777238, 16777251, 16777252, dice.below(2 ** 32)]), 8)
    if (octets.length >= 20) octets.writeUIntBE(dice.of([257, 272, 280, 282, 316, 318, 321, dice.below(0x1000000)]), 5, 3)
    return octets
  },
  'bits turned': (octets, dice) => {
    for (let i = dice.below(8); i >= 0 && octets.length > 0; i--) octets[dice.below(octets.length)]! ^= 1 << dice.below(8)
    return octets
  },
  noise: (_, dice) => sized(dice.octets(dice.below(400))),
}

function countNodes(nodes: readonly AvpNode[]): number {
  return nodes.reduce((sum, node) => sum + 1 + countNodes(node.children ?? []), 0)
}

/** Everything that must hold for any octets; returns whether they were decoded. */
function check(octets: Buffer): boolean {
  const before = octets.toString('latin1')
  const decoded = checkDecode(octets, {}) !== undefined
  checkDecode(octets, { lenientMBits: true, keepUnknown: true })
  assert.ok(countNodes(describeMessage(diameter, octets)) <= limits.diameter.avpsPerMessage + limits.diameter.avpDepth + 2)
  assert.ok(messageName(diameter, octets).length < 60)
  assert.equal(withoutSecrets(diameter, octets).length, octets.length)
  peekRouting(octets)
  assert.equal(octets.toString('latin1'), before, 'the octets were changed')
  return decoded
}

function checkDecode(octets: Buffer, options: object): unknown {
  let message: ReturnType<typeof decode>
  try {
    message = decode(diameter, octets, options)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    assert.ok(error.answer !== undefined && resultCodes[error.answer.code] !== undefined, error.code)
    assert.ok(error.offset >= 0 && error.offset <= Math.max(octets.length, 20))
    checkFailure(octets, error.answer)
    return undefined
  }
  checkFailure(octets, { code: 3004 })
  // What was understood is understood alike when we send it on.
  const { waived: _, ...again } = decode(diameter, encode(diameter, message), options)
  const { waived: __, ...first } = message
  assert.deepEqual(again, first)
  return message
}

function checkFailure(octets: Buffer, answer: { code: number; failed?: Uint8Array }): void {
  const made = failureAnswer(diameter, octets, local, answer)
  const header = peekHeader(made)
  assert.equal(header.length, made.length)
  assert.ok(made.length <= limits.diameter.messageBytes && made.length % 4 === 0)
  assert.equal(header.request, false)
  assert.equal(header.error, answer.code < 4000)
  const routing = peekRouting(made)
  assert.equal(routing.brokenAt, -1)
  assert.equal(routing.originHost, local.originHost)
  if (octets.length >= 20) assert.equal(header.hopByHop, octets.readUInt32BE(12))
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

for (const [i, [name, mutate]] of Object.entries(mutations).entries()) {
  test(`octets ${name} (seed ${seed})`, () => {
    const dice = new Dice(seed + i)
    for (let round = 0; round < rounds / 10; round++) {
      const octets = mutate(Buffer.from(dice.of(corpus)), dice, [])
      const source = Buffer.from(dice.of(corpus))
      const mutated = mutate(source, dice, placesIn(source))
      for (const each of [octets, mutated]) assertHolds(each, round)
    }
  })
}

test(`several mutations at once (seed ${seed})`, (t) => {
  const dice = new Dice(seed ^ 0x5eed)
  const all = Object.values(mutations)
  let decoded = 0
  for (let round = 0; round < rounds; round++) {
    let octets: Buffer = Buffer.from(dice.of(corpus))
    for (let i = dice.below(4); i >= 0; i--) octets = Buffer.from(dice.of(all)(octets, dice, placesIn(octets)))
    if (assertHolds(octets, round)) decoded++
  }
  t.diagnostic(`${decoded} of ${rounds} were still decoded`)
})

function assertHolds(octets: Buffer, round: number): boolean {
  try {
    return check(octets)
  } catch (error) {
    throw new Error(`seed ${seed}, round ${round}, octets ${octets.toString('hex', 0, 4096)}`, { cause: error })
  }
}

test('every prefix of every vector is refused or decoded', () => {
  for (const octets of corpus) {
    for (let length = 0; length < octets.length; length += octets.length > 2000 ? 13 : 1) {
      const prefix = sized(Buffer.from(octets.subarray(0, length)))
      if (length < 20) assert.throws(() => decode(diameter, prefix), ProtocolError)
      else checkDecode(prefix, {})
    }
  }
})

test(`memory stays flat (seed ${seed})`, () => {
  const dice = new Dice(seed ^ 0xf1a7)
  const all = Object.values(mutations)
  const run = () => {
    for (let round = 0; round < rounds / 2; round++) {
      const octets = Buffer.from(dice.of(corpus))
      assertHolds(dice.of(all)(octets, dice, placesIn(octets)), round)
    }
  }
  run()
  const before = heapAfterCollection()
  run()
  const grown = heapAfterCollection() - before
  assert.ok(grown < 4 * 1024 * 1024, `the heap grew by ${grown} octets`)
})
