import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { toHex } from '#core/bytes.ts'
import { deriveKasme } from '#crypto/kdf.ts'
import { createMilenage } from '#crypto/milenage.ts'
import { createUsim, isVectorGood, type Usim } from './usim.ts'

interface MilenageSet {
  set: number
  k: string
  rand: string
  sqn: string
  amf: string
  opc: string
  f1: string
  f2: string
  f3: string
  f4: string
  f5: string
}

const vectors = JSON.parse(readFileSync(new URL('../src/crypto/vectors/milenage.json', import.meta.url), 'utf8')) as {
  ts35208: MilenageSet[]
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

const rand = hex('23553cbe9637a89d218ae64dae47bf35')
const functions = createMilenage(hex('465b5ce8b199b49faa5f0a2ee238a6bc'), hex('cd63cb71954a9f4e48a5994e37a02baf'))

/** AUTN as the home network makes it (TS 33.102 §6.3.2). */
function autnFor(sqn: number, amf = '8000'): Buffer {
  const octets = Buffer.alloc(6)
  octets.writeUIntBE(sqn, 0, 6)
  const { ak } = functions.f2345(rand)
  const hidden = octets.map((octet, i) => octet ^ (ak[i] ?? 0))
  return Buffer.concat([hidden, hex(amf), functions.f1(rand, octets, hex(amf))])
}

function card(options: Partial<{ indBits: number; delta: number; ageLimit: number }> = {}): Usim {
  return createUsim({ functions, indBits: 5, delta: 2 ** 28, ageLimit: 0, ...options })
}

test('the card answers the published MILENAGE challenges with the published RES, CK and IK', () => {
  for (const set of vectors.ts35208) {
    const own = createUsim({ functions: createMilenage(hex(set.k), hex(set.opc)), indBits: 5, delta: 2 ** 48, ageLimit: 0 })
    const hidden = hex(set.sqn).map((octet, i) => octet ^ (hex(set.f5)[i] ?? 0))
    const answer = own.authenticate(hex(set.rand), Buffer.concat([hidden, hex(set.amf), hex(set.f1)]), 'UTRAN')
    assert.ok(answer.ok, `set ${set.set}`)
    assert.deepEqual([toHex(answer.res), toHex(answer.ck), toHex(answer.ik)], [set.f2, set.f3, set.f4])
    assert.equal(answer.sqn, Number.parseInt(set.sqn, 16))
  }
})

test('a challenge with one wrong bit in its MAC is not from home', () => {
  const autn = autnFor(32)
  autn[15] = (autn[15] ?? 0) ^ 1
  assert.deepEqual(card().authenticate(rand, autn), { ok: false, why: 'mac' })
})

test('an E-UTRAN challenge without the separation bit is refused, on UTRAN it is fine', () => {
  assert.deepEqual(card().authenticate(rand, autnFor(32, '0000')), { ok: false, why: 'separation' })
  assert.ok(card().authenticate(rand, autnFor(32, '0000'), 'UTRAN').ok)
})

test('each IND keeps its own SEQ: two serving nodes may interleave, a repeat is a synchronisation failure', () => {
  const own = card()
  assert.ok(own.authenticate(rand, autnFor(10 * 32 + 1)).ok)
  assert.ok(own.authenticate(rand, autnFor(9 * 32 + 2)).ok, 'a lower SEQ in another IND')
  const repeat = own.authenticate(rand, autnFor(9 * 32 + 2))
  assert.ok(!repeat.ok && repeat.why === 'sync')
  assert.equal(repeat.sqnMs, 10 * 32 + 1)
})

test('AUTS carries the highest accepted SQN under AK*, and its MAC-S', () => {
  const own = card()
  own.setSqn(5_000 * 32 + 3)
  const answer = own.authenticate(rand, autnFor(4_000 * 32 + 3))
  assert.ok(!answer.ok && answer.why === 'sync')
  const akStar = functions.f5star(rand)
  const sqnMs = Buffer.from(answer.auts.subarray(0, 6)).map((octet, i) => octet ^ (akStar[i] ?? 0))
  assert.equal(Buffer.from(sqnMs).readUIntBE(0, 6), 5_000 * 32 + 3)
  assert.equal(toHex(answer.auts.subarray(6)), toHex(functions.f1star(rand, sqnMs, Buffer.alloc(2))))
})

test('a jump of more than delta and an SQN older than the age limit are synchronisation failures', () => {
  const jump = card({ delta: 100 }).authenticate(rand, autnFor(101 * 32))
  assert.ok(!jump.ok && jump.why === 'sync')
  assert.ok(card({ delta: 100 }).authenticate(rand, autnFor(100 * 32)).ok)
  const aged = card({ ageLimit: 5 })
  assert.ok(aged.authenticate(rand, autnFor(20 * 32)).ok)
  const old = aged.authenticate(rand, autnFor(14 * 32 + 7))
  assert.ok(!old.ok && old.why === 'sync')
})

test('a vector is good only for the serving network whose PLMN is in its KASME', () => {
  const answer = card().authenticate(rand, autnFor(32))
  assert.ok(answer.ok)
  const plmn = hex('00f110')
  const kasme = deriveKasme(answer.ck, answer.ik, plmn, answer.sqnXorAk)
  assert.ok(isVectorGood(answer, { xres: answer.res, kasme }, plmn))
  assert.ok(!isVectorGood(answer, { xres: answer.res, kasme }, hex('00f150')))
})
