import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromHex, toHex } from '#core/bytes.ts'
import type { KeyMaterial } from './authentication.ts'
import { deriveKasme } from './kdf.ts'
import published from './vectors/milenage.json' with { type: 'json' }
import publishedTuak from './vectors/tuak.json' with { type: 'json' }
import { amfFor, createCredentials, generateEpsVector, generateUtranVector, verifyAuts } from './vectors.ts'

type Set = (typeof published.ts35208)[number]

const cases = published.derived_autn_auts.map((derived) => {
  const [source, number] = derived.set.split('#')
  const set = source === '35.208' ? published.ts35208.find((candidate) => String(candidate.set) === number) : published.ts35207_set2
  assert.ok(set, `${derived.set} is a set`)
  return { ...derived, set: set as Set, material: materialOf(set) }
})

function materialOf({ k, opc }: { k: string; opc: string }): KeyMaterial {
  return { algorithm: 'MILENAGE', k: fromHex(k), opc: fromHex(opc) }
}

const tuakSet = publishedTuak.sets[0] as (typeof publishedTuak.sets)[number]
const tuak: KeyMaterial = {
  algorithm: 'TUAK',
  k: fromHex(tuakSet.k),
  opc: fromHex(tuakSet.topc),
  parameters: { tuak: { keyBits: 128, macBits: 64, resBits: 32, ckBits: 128, ikBits: 128, iterations: 1 } },
}
const plmn = fromHex('00f110')

test('AUTN, XRES, CK and IK of every published set, by the system that its AMF belongs to', () => {
  assert.equal(cases.length, 21)
  const seen = { eps: 0, utran: 0 }
  for (const { set, material, autn } of cases) {
    const amf = fromHex(set.amf)
    const request = { sqn: BigInt(`0x${set.sqn}`), amf, rand: fromHex(set.rand) }
    if ((amf[0] ?? 0) & 0x80) {
      seen.eps += 1
      const vector = generateEpsVector(material, { ...request, plmn })
      assert.deepEqual([vector.rand, vector.xres, vector.autn].map(toHex), [set.rand, set.f2, autn])
      assert.equal(toHex(vector.kasme), toHex(deriveKasme(fromHex(set.f3), fromHex(set.f4), plmn, fromHex(autn.slice(0, 12)))))
      assert.throws(() => generateUtranVector(material, request), TypeError)
    } else {
      seen.utran += 1
      const vector = generateUtranVector(material, request)
      assert.deepEqual([vector.rand, vector.xres, vector.autn, vector.ck, vector.ik].map(toHex), [set.rand, set.f2, autn, set.f3, set.f4])
      assert.throws(() => generateEpsVector(material, { ...request, plmn }), TypeError)
    }
  }
  assert.ok(seen.eps > 0 && seen.utran > 0)
})

test('TUAK: AUTN from the published outputs', () => {
  const { sqn, amf, rand, f1, f2, f5 } = tuakSet
  const vector = generateEpsVector(tuak, { sqn: BigInt(`0x${sqn}`), amf: fromHex(amf), rand: fromHex(rand), plmn })
  const concealed = (BigInt(`0x${sqn}`) ^ BigInt(`0x${f5}`)).toString(16).padStart(12, '0')
  assert.equal(toHex(vector.autn), `${concealed}${amf}${f1}`)
  assert.equal(toHex(vector.xres), f2)
})

test('the bit of the AMF that separates EPS: set, cleared, the rest untouched', () => {
  assert.equal(toHex(amfFor('eps', fromHex('0001'))), '8001')
  assert.equal(toHex(amfFor('eps', fromHex('b9b9'))), 'b9b9')
  assert.equal(toHex(amfFor('utran', fromHex('b9b9'))), '39b9')
  assert.throws(() => amfFor('eps', Buffer.alloc(3)), RangeError)
})

test('KASME differs by serving network', () => {
  const request = { sqn: 32n, amf: fromHex('8000'), rand: Buffer.alloc(16, 1) }
  const [material] = cases.map((entry) => entry.material) as [KeyMaterial]
  const here = generateEpsVector(material, { ...request, plmn })
  const there = generateEpsVector(material, { ...request, plmn: fromHex('99f907') })
  assert.deepEqual(here.autn, there.autn)
  assert.notDeepEqual(here.kasme, there.kasme)
})

test('credentials, keys in the open and either AES make the same vector', () => {
  for (const { material } of cases.slice(0, 3)) {
    const request = { sqn: 77n, amf: fromHex('0000'), rand: Buffer.alloc(16, 9) }
    const vector = generateUtranVector(material, request)
    assert.deepEqual(generateUtranVector(createCredentials(material), request), vector)
    assert.deepEqual(generateUtranVector(createCredentials(material, 'constant-time'), request), vector)
  }
})

test('SQN has 48 bits', () => {
  const request = { amf: fromHex('0000'), rand: Buffer.alloc(16) }
  assert.throws(() => generateUtranVector(tuak, { ...request, sqn: -1n }), RangeError)
  assert.throws(() => generateUtranVector(tuak, { ...request, sqn: 1n << 48n }), RangeError)
  const last = generateUtranVector(tuak, { ...request, sqn: (1n << 48n) - 1n })
  const { ak } = createCredentials(tuak).functions.f2345(request.rand)
  assert.deepEqual(last.autn.subarray(0, 6), Buffer.from(ak.map((octet) => octet ^ 0xff)))
})

test('AUTS of every published set gives the SQN of the card', () => {
  for (const { set, material, auts } of cases) {
    assert.deepEqual(verifyAuts(material, fromHex(set.rand), fromHex(auts)), { sqnMs: BigInt(`0x${set.sqn}`) })
  }
})

test('TUAK: AUTS from the published f1* and f5* is refused, for its AMF was not 0000; a right one is taken', () => {
  const rand = fromHex(tuakSet.rand)
  const concealed = (BigInt(`0x${tuakSet.sqn}`) ^ BigInt(`0x${tuakSet.f5star}`)).toString(16).padStart(12, '0')
  assert.equal(verifyAuts(tuak, rand, fromHex(`${concealed}${tuakSet.f1star}`)), null)
  const macS = createCredentials(tuak).functions.f1star(rand, fromHex(tuakSet.sqn), Buffer.alloc(2))
  assert.deepEqual(verifyAuts(tuak, rand, fromHex(`${concealed}${toHex(macS)}`)), { sqnMs: BigInt(`0x${tuakSet.sqn}`) })
})

test('AUTS with any bit changed, of another RAND or of a wrong length is refused', () => {
  const [{ set, material, auts }] = cases as [(typeof cases)[number]]
  const rand = fromHex(set.rand)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 14 * 8 - 1 }), (bit) => {
      const forged = fromHex(auts)
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
      assert.equal(verifyAuts(material, rand, forged), null)
    }),
  )
  assert.equal(verifyAuts(material, Buffer.alloc(16), fromHex(auts)), null)
  assert.equal(verifyAuts(material, rand, fromHex(auts).subarray(1)), null)
  assert.equal(verifyAuts(material, rand.subarray(1), fromHex(auts)), null)
  assert.equal(verifyAuts(material, rand, Buffer.alloc(0)), null)
})
