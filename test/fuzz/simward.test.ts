import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { pino } from 'pino'
import { plmnToBytes } from '#core/bcd.ts'
import { systemClock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { type Random, seededRandom } from '#core/random.ts'
import type { Message } from '#protocols/diameter/codec.ts'
import type { RawAvp } from '#protocols/diameter/dictionary.ts'
import { attachAt } from '#sim/encounter.ts'
import { resultOf } from '#sim/messages.ts'
import { connectRawPeer, type RawPeer } from '#sim/raw-peer.ts'
import { home, network, peerRow, sparePeerId } from '#sim/world.ts'
import { type SignallingWorld, startSignallingWorld } from '../simward.ts'

/** A listed peer that sends S6a requests as no MME would, to the real HSS with its guard, store and recorder. */

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 0x7fff_ffff)
const { identity: host, realm } = peerRow(sparePeerId)
const plmn = plmnToBytes(network('estrel').plmns[0])

let world: SignallingWorld
let line: RawPeer
/** Faults of our own, as the log tells them. That an answer has no room for what it must repeat is the sender's doing. */
const faults: string[] = []
const isFault = (text: string): boolean =>
  /function-failed|"level":[56]0/.test(text) && !text.includes('a message of more than 65536 octets')
let number = 1

// In a suite of its own: a line that stands idle while other files run would end by its watchdog.
describe('malformed requests to a running Simward', () => {
  before(async () => {
    const note = { write: (text: string) => void (isFault(text) && faults.push(text)) }
    world = await startSignallingWorld({ sims: 600, log: pino({ level: 'debug' }, note) })
    line = await open()
  })

  after(async () => {
    line?.close()
    await world?.[Symbol.asyncDispose]()
  })

  async function open(): Promise<RawPeer> {
    const { host: address, port } = world.at
    const peer = await connectRawPeer({ host: address, port, identity: host, realm, clock: systemClock })
    const cea = await peer.open()
    assert.ok(cea !== null && resultOf(cea).code === 2001)
    return peer
  }

  const text = (value: string): Buffer => Buffer.from(value, 'latin1')
  const word = (value: number): Buffer => Buffer.from([value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff])
  const plain = (code: number, data: Buffer, flags = 0x40): RawAvp => ({ code, vendor: 0, flags, data })
  const tgpp = (code: number, data: Buffer, flags = 0xc0): RawAvp => ({ code, vendor: 10415, flags, data })

  /** One AVP as it lies on the wire. */
  function wire({ code, vendor, flags, data }: RawAvp): Buffer {
    const head = Buffer.alloc(vendor === 0 ? 8 : 12)
    head.writeUInt32BE(code, 0)
    head.writeUInt32BE(((flags << 24) | (head.length + data.length)) >>> 0, 4)
    if (vendor !== 0) head.writeUInt32BE(vendor, 8)
    return Buffer.concat([head, data, Buffer.alloc((4 - (data.length % 4)) % 4)])
  }

  const group = (...avps: RawAvp[]): Buffer => Buffer.concat(avps.map(wire))
  const codes = { AIR: 318, ULR: 316, PUR: 321, NOR: 323 } as const
  type Operation = keyof typeof codes

  const vectors = (asked: Buffer, ...more: RawAvp[]): RawAvp => tgpp(1408, group(tgpp(1410, asked), tgpp(1412, word(0)), ...more))

  /** A request of AVPs by name; `change` replaces, drops (null) or repeats some. */
  function request(
    operation: Operation,
    imsi: string,
    change: Readonly<Record<string, RawAvp | readonly RawAvp[] | null>> = {},
    flags = 0xc0,
  ): Buffer {
    const avps: Record<string, RawAvp | readonly RawAvp[] | null> = {
      session: plain(263, text(`${host};9;${number}`)),
      state: plain(277, word(1)),
      originHost: plain(264, text(host)),
      originRealm: plain(296, text(realm)),
      destinationHost: null,
      destinationRealm: plain(283, text(home.realm)),
      user: plain(1, text(imsi)),
      ...(operation === 'AIR' ? { plmn: tgpp(1407, plmn), vectors: vectors(word(1)) } : {}),
      ...(operation === 'ULR' ? { plmn: tgpp(1407, plmn), rat: tgpp(1032, word(1004), 0x80), ulrFlags: tgpp(1405, word(34)) } : {}),
      ...change,
    }
    const body = Object.values(avps).flatMap((each) => (each === null ? [] : Array.isArray(each) ? each : [each as RawAvp]))
    const octets = Buffer.concat([Buffer.alloc(20), ...body.map(wire)])
    octets.writeUInt32BE(0x0100_0000 + octets.length, 0)
    octets.writeUInt32BE(((flags << 24) | codes[operation]) >>> 0, 4)
    octets.writeUInt32BE(16_777_251, 8)
    octets.writeUInt32BE(++number, 12)
    octets.writeUInt32BE(number, 16)
    return octets
  }

  const known = (): string => world.sims.find((sim) => sim.networkId === 'estrel')?.imsi ?? ''
  const code = (answer: Message): string => {
    const { code: result, experimental } = resultOf(answer)
    return `${answer.error ? 'E' : ''}${experimental ? 'e' : ''}${result}`
  }

  /** Sends, and gives what the answer says; the connection must go on. */
  async function ask(octets: Buffer): Promise<string> {
    const hopByHop = octets.readUInt32BE(12)
    line.send(octets)
    const answer = await line.next((message) => !message.request && message.hopByHop === hopByHop)
    assert.ok(answer !== null, 'no answer came')
    return answer.command === 'unknown' ? 'unreadable' : code(answer)
  }

  /** Somebody else is served meanwhile. */
  async function serves(): Promise<void> {
    const { mme, subject } = world.subjects.take({ network: 'aurelia' })
    assert.deepEqual(await attachAt(mme, subject), { accepted: true })
  }

  const notUtf8 = Buffer.from([0x39, 0xff, 0xfe, 0xc0, 0x80])
  const air = (change: Parameters<typeof request>[2]) => () => request('AIR', known(), change)
  const ulr = (change: Parameters<typeof request>[2]) => () => request('ULR', known(), change)

  /** What is sent, and what it gets: RFC 6733 §7 where the grammar is broken, else what the guard makes of it. */
  const cases: Readonly<Record<string, readonly [expected: string, octets: () => Buffer]>> = {
    'User-Name of no octets': ['5012', air({ user: plain(1, text('')) })],
    'User-Name of letters': ['5012', air({ user: plain(1, text('nobody')) })],
    'User-Name that is an NAI': ['5012', () => request('AIR', `0${known()}@nai.${home.realm}`)],
    'User-Name of 16 digits': ['5012', () => request('AIR', `${known()}1`)],
    'User-Name of 5 digits': ['5012', air({ user: plain(1, text('99970')) })],
    'User-Name with a blank': ['5012', () => request('AIR', `${known()} `)],
    'User-Name of 30,000 digits': ['5012', air({ user: plain(1, Buffer.alloc(30_000, '9')) })],
    'User-Name with NUL': ['5004', () => request('AIR', `${known()}\0`)],
    'User-Name that is not UTF-8': ['5004', air({ user: plain(1, notUtf8) })],
    'User-Name in fullwidth digits': ['5012', air({ user: plain(1, Buffer.from('９９９７０１')) })],
    'User-Name twice': ['5009', () => request('AIR', known(), { again: plain(1, text(known())) })],
    'no User-Name': ['5005', air({ user: null })],
    'User-Name of another network': ['5012', air({ user: plain(1, text('001010000000001')) })],
    'Session-Id of no octets': ['5012', air({ session: plain(263, text('')) })],
    'Session-Id without semicolons': ['5012', air({ session: plain(263, text('session')) })],
    'Session-Id with numbers past 32 bits': ['5012', air({ session: plain(263, text(`${host};99999999999;1`)) })],
    'Session-Id of 32 KiB': ['5012', air({ session: plain(263, Buffer.alloc(32_768, 'x')) })],
    'Session-Id of 65,000 octets': ['5012', air({ session: plain(263, Buffer.alloc(65_000, ';')) })],
    'Session-Id that is not UTF-8': ['unreadable', air({ session: plain(263, notUtf8) })],
    'Session-Id twice': ['5009', air({ again: plain(263, text(`${host};1;1`)) })],
    'Visited-PLMN-Id of no octets': ['5012', air({ plmn: tgpp(1407, text('')) })],
    'Visited-PLMN-Id of two octets': ['5012', air({ plmn: tgpp(1407, plmn.subarray(0, 2)) })],
    'Visited-PLMN-Id of four octets': ['5012', air({ plmn: tgpp(1407, Buffer.concat([plmn, Buffer.of(0)])) })],
    'Visited-PLMN-Id of hexadecimal digits': ['5012', air({ plmn: tgpp(1407, Buffer.from('abcdef', 'hex')) })],
    'Visited-PLMN-Id of fillers': ['5012', air({ plmn: tgpp(1407, Buffer.from('ffffff', 'hex')) })],
    'Visited-PLMN-Id twice': ['5009', air({ again: tgpp(1407, plmn) })],
    'no vectors asked for': ['5012', air({ vectors: null })],
    'vectors asked for, but how many is not said': ['2001', air({ vectors: tgpp(1408, Buffer.alloc(0)) })],
    '0 vectors': ['5012', air({ vectors: vectors(word(0)) })],
    '255 vectors': ['e4181', air({ vectors: vectors(word(255)) })],
    '2^32 - 1 vectors': ['e4181', air({ vectors: vectors(word(0xffff_ffff)) })],
    'vectors in two octets': ['5014', air({ vectors: vectors(Buffer.of(0, 1)) })],
    'vectors asked for twice': ['5009', air({ again: vectors(word(1)) })],
    'UTRAN vectors too': ['e4181', air({ utran: tgpp(1409, group(tgpp(1410, word(1)))) })],
    'AUTS of no octets': ['e4181', air({ vectors: vectors(word(1), tgpp(1411, text(''))) })],
    'AUTS of one octet': ['e4181', air({ vectors: vectors(word(1), tgpp(1411, Buffer.of(1))) })],
    'AUTS of 29 octets': ['e4181', air({ vectors: vectors(word(1), tgpp(1411, Buffer.alloc(29, 7))) })],
    'AUTS of 30 octets that no card made': ['e4181', air({ vectors: vectors(word(1), tgpp(1411, Buffer.alloc(30, 7))) })],
    'AUTS of 31 octets': ['e4181', air({ vectors: vectors(word(1), tgpp(1411, Buffer.alloc(31, 7))) })],
    'AUTS of 60,000 octets': ['e4181', air({ vectors: vectors(word(1), tgpp(1411, Buffer.alloc(60_000, 7))) })],
    'a group that is no AVP': ['5014', air({ vectors: tgpp(1408, Buffer.of(1, 2, 3)) })],
    'RAT-Type of all ones': ['2001', ulr({ rat: tgpp(1032, word(0xffff_ffff), 0x80) })],
    'ULR-Flags of all ones': ['2001', ulr({ ulrFlags: tgpp(1405, word(0xffff_ffff)) })],
    'ULR-Flags of none': ['2001', ulr({ ulrFlags: tgpp(1405, word(0)) })],
    'IMEI of no octets': ['2001', ulr({ terminal: tgpp(1401, group(tgpp(1402, text('')))) })],
    'IMEI of letters': ['2001', ulr({ terminal: tgpp(1401, group(tgpp(1402, text('not an IMEI')), tgpp(1403, text('?')))) })],
    'IMEI of 10,000 digits': ['2001', ulr({ terminal: tgpp(1401, group(tgpp(1402, Buffer.alloc(10_000, '1')))) })],
    'Software-Version of 10,000 letters': [
      '2001',
      ulr({ terminal: tgpp(1401, group(tgpp(1402, text('00101000000001')), tgpp(1403, Buffer.alloc(10_000, 'v')))) }),
    ],
    'Terminal-Information of nothing': ['2001', ulr({ terminal: tgpp(1401, Buffer.alloc(0)) })],
    'MME-Number-for-MT-SMS of no octets': ['2001', ulr({ mmeNumber: tgpp(1645, text(''), 0x80) })],
    'MME-Number-for-MT-SMS of 500 octets': ['5012', ulr({ mmeNumber: tgpp(1645, Buffer.alloc(500, 0x99), 0x80) })],
    'Origin-Host in capitals': ['2001', air({ originHost: plain(264, text(host.toUpperCase())) })],
    'Origin-Host with a dot at its end': ['5012', air({ originHost: plain(264, text(`${host}.`)) })],
    'Origin-Host of no octets': ['5004', air({ originHost: plain(264, text('')) })],
    'Origin-Host of 60,000 letters': ['5012', air({ originHost: plain(264, Buffer.alloc(60_000, 'a')) })],
    'Origin-Realm of 60,000 letters': ['5012', air({ originRealm: plain(296, Buffer.alloc(60_000, 'a')) })],
    'Destination-Host of no octets': ['5004', air({ destinationHost: plain(293, text('')) })],
    'Destination-Realm of no octets': ['5004', air({ destinationRealm: plain(283, text('')) })],
    '200 Route-Records': ['2001', air({ route: Array.from({ length: 200 }, (_, i) => plain(282, text(`r${i}.example`))) })],
    '100 Proxy-Infos': [
      '2001',
      air({
        proxy: Array.from({ length: 100 }, (_, i) => plain(284, group(plain(280, text(`r${i}.example`)), plain(33, Buffer.alloc(20))))),
      }),
    ],
    'Proxy-Infos that leave no room for an answer': [
      '2001',
      air({ proxy: Array.from({ length: 2 }, () => plain(284, group(plain(280, text('r.example')), plain(33, Buffer.alloc(31_000))))) }),
    ],
    '600 unknown AVPs': ['5012', air({ odd: Array.from({ length: 600 }, (_, i) => plain(50_000 + i, word(i), 0)) })],
    'OC-Supported-Features of nothing': ['2001', air({ features: plain(621, Buffer.alloc(0), 0) })],
    'an overload report': ['2001', air({ report: plain(623, Buffer.alloc(3), 0) })],
    'DRMP of all ones': ['2001', air({ priority: plain(301, word(0xffff_ffff), 0) })],
    'Auth-Session-State of all ones': ['2001', air({ state: plain(277, word(0xffff_ffff)) })],
    'a PUR of letters': ['5012', () => request('PUR', 'nobody')],
    'a NOR with NOR-Flags of all ones': ['2001', () => request('NOR', known(), { norFlags: tgpp(1443, word(0xffff_ffff)) })],
    'a NOR with 60,000 letters as its APN': ['2001', () => request('NOR', known(), { apn: plain(493, Buffer.alloc(60_000, 'a')) })],
    'the T flag on a request never sent before': ['2001', () => request('AIR', known(), {}, 0xd0)],
  }

  test('odd requests get the answer of their fault, and everybody else is served', async (t) => {
    const wrong: string[] = []
    for (const [name, [expected, octets]] of Object.entries(cases)) {
      const result = await ask(octets())
      if (result !== expected) wrong.push(`${name}: ${result} instead of ${expected}`)
      assert.ok(await line.isAlive(), name)
    }
    assert.deepEqual(wrong, [])
    assert.deepEqual(faults, [])
    await serves()
    t.diagnostic(`${Object.keys(cases).length} requests`)
  })

  test('what was refused is on record, however odd its text', async () => {
    const history = world.simward.ports.history
    assert.ok(history !== undefined)
    await history.writer.flush()
    assert.equal(history.writer.counts.lost, 0)
  })

  /** The AVPs of a message's first level. */
  function split(octets: Buffer): Buffer[] {
    const parts: Buffer[] = []
    for (let at = 20; at < octets.length; ) {
      const end = at + ((octets.readUIntBE(at + 5, 3) + 3) & ~3)
      parts.push(octets.subarray(at, end))
      at = end
    }
    return parts
  }

  /** A message that is whole as far as framing goes, with something wrong in it. */
  function mutated(octets: Buffer, random: Random): Buffer {
    const parts: Buffer[] = split(octets).map((part) => Buffer.from(part))
    for (let rounds = random.int(3); rounds > 0; rounds--) {
      const at = random.int(parts.length)
      const part = parts[at] ?? Buffer.alloc(0)
      switch (random.int(8)) {
        case 0:
          parts.splice(at, 1)
          break
        case 1:
          parts.splice(random.int(parts.length), 0, part)
          break
        case 2:
          parts.splice(random.int(parts.length), 0, ...parts.splice(at, 1))
          break
        case 3:
          // Other content of another length.
          parts[at] = wire({
            code: part.readUInt32BE(0),
            vendor: 0,
            flags: random.int(256) & 0x7f,
            data: Buffer.from(random.bytes(random.int(40))),
          })
          break
        case 4:
          part[4] = (part[4] ?? 0) ^ (random.int(8) === 0 ? 1 << random.int(8) : 0x40)
          break
        case 5:
          part.writeUIntBE(random.pick([0, 7, 8, 11, 12, 13, part.length + 4, 0xff_ffff]), 5, 3)
          break
        case 6:
          part.writeUInt32BE(random.pick([1, 260, 263, 264, 277, 283, 301, 621, 623, 1400, 1405, 1408, 1411, random.int(70_000)]), 0)
          break
        default:
          if (part.length > 8) part[8 + random.int(part.length - 8)] = random.int(256)
      }
      if (parts.length === 0) break
    }
    const out = Buffer.concat([octets.subarray(0, 20), ...parts])
    out.writeUIntBE(out.length, 1, 3)
    if (random.int(20) === 0) out.writeUIntBE(random.pick([317, 319, 320, 322, 324, random.int(1_000)]), 5, 3)
    if (random.int(20) === 0) out[4] = 0x80 | random.int(0x80)
    return out
  }

  const collectGarbage = (() => {
    setFlagsFromString('--expose-gc')
    return runInNewContext('gc') as () => void
  })()

  /** Octets in use once the garbage is gone. */
  async function settledBytes(): Promise<number> {
    for (let i = 0; i < 3; i++) {
      collectGarbage()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }

  test('mutated requests: each is answered, memory stays flat, and everybody else is served', async (t) => {
    t.diagnostic(`FUZZ_SEED=${seed}`)
    const random = seededRandom(seed)
    // Those that are small enough to be many.
    const [first, ...others] = Object.values(cases).flatMap(([, octets]) => (octets().length < 2_000 ? [octets] : []))
    assert.ok(first !== undefined)
    const oddities = [first, ...others] as const
    const bases = (): Buffer => {
      const operation = random.pick(['AIR', 'ULR', 'PUR', 'NOR'] as const)
      const imsi = random.int(4) === 0 ? `9997099999999${10 + random.int(90)}` : known()
      return random.int(3) === 0 ? random.pick(oddities)() : request(operation, imsi)
    }
    const results = new Map<string, number>()
    let recorded = 0
    const burst = async (): Promise<void> => {
      const sent = Array.from({ length: 25 }, () => mutated(bases(), random))
      line.send(Buffer.concat(sent))
      for (const octets of sent) {
        const hopByHop = octets.readUInt32BE(12)
        const answer = await line.next((message) => !message.request && message.hopByHop === hopByHop)
        assert.ok(answer !== null, octets.toString('hex'))
        const result = answer.command === 'unknown' ? 'unreadable' : code(answer)
        results.set(result, (results.get(result) ?? 0) + 1)
      }
      recorded += world.signals.length
      world.signals.length = 0
    }
    const bursts = async (count: number): Promise<number> => {
      for (let i = 0; i < count; i++) {
        await burst()
        if (i % 20 === 0) await serves()
      }
      await world.simward.ports.history?.writer.flush()
      return settledBytes()
    }
    // What is bounded has to fill up first, above all the ring of recent messages: each keeps what was read with it.
    while (recorded < 2 * limits.events.ring) await bursts(60)
    const sizes: number[] = []
    for (let i = 0; i < 6; i++) sizes.push(await bursts(30))
    t.diagnostic([...results].map(([result, count]) => `${result}: ${count}`).join(', '))
    t.diagnostic(`octets in use: ${sizes.join(', ')}`)
    // What is waiting to be written differs from moment to moment: the least of three says what stays.
    const grown = Math.min(...sizes.slice(3)) - Math.min(...sizes.slice(0, 3))
    assert.ok(grown < 4_000_000, `memory grew by ${grown} octets`)
    assert.deepEqual(faults, [])
    assert.equal(world.simward.ports.history?.writer.counts.lost, 0)
    assert.ok(await line.isAlive())
  })
})
