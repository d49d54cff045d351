import assert from 'node:assert/strict'
import { createDecipheriv, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { fromHex, toHex } from '#core/bytes.ts'
import { createCredentials, openCredentials, sealKeys } from './credentials.ts'
import { createMilenage } from './milenage.ts'
import { createTuak } from './tuak.ts'
import { createVault, keyCheckValue, sealOverheadBytes } from './vault.ts'

const masterKey = Buffer.alloc(32, 0x4d)
const imsi = '001010000000001'
const k = fromHex('465b5ce8b199b49faa5f0a2ee238a6bc')
const opc = fromHex('cd63cb71954a9f4e48a5994e37a02baf')

test('what is sealed opens again, and never twice to the same octets', () => {
  const vault = createVault(masterKey)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (octets, identity) => {
      const record = vault.seal('subscriber-k', identity, octets)
      assert.equal(record.length, octets.length + sealOverheadBytes)
      assert.deepEqual(vault.open('subscriber-k', identity, record), Buffer.from(octets))
      assert.notDeepEqual(vault.seal('subscriber-k', identity, octets), record)
    }),
    { numRuns: 100 },
  )
})

test('the record is AES-256-GCM under a key derived from its salt, as OpenSSL sees it', () => {
  const record = createVault(masterKey).seal('subscriber-k', imsi, k)
  const key = createHmac('sha256', masterKey).update('simward record key v1').update(record.subarray(1, 17)).digest()
  const decipher = createDecipheriv('aes-256-gcm', key, record.subarray(17, 29))
  decipher.setAAD(Buffer.from(`simward\0subscriber-k\0${imsi}`))
  decipher.setAuthTag(record.subarray(-16))
  assert.deepEqual(Buffer.concat([decipher.update(record.subarray(29, -16)), decipher.final()]), k)
})

test('another purpose, identity or master key does not open it', () => {
  const vault = createVault(masterKey)
  const record = vault.seal('subscriber-k', imsi, k)
  assert.equal(vault.open('subscriber-opc', imsi, record), null)
  assert.equal(vault.open('subscriber-k', '001010000000002', record), null)
  assert.equal(createVault(Buffer.alloc(32, 0x4e)).open('subscriber-k', imsi, record), null)
})

test('a record with any bit changed, cut short or lengthened does not open', () => {
  const vault = createVault(masterKey)
  const record = vault.seal('subscriber-k', imsi, k)
  for (let bit = 0; bit < 8 * record.length; bit++) {
    const forged = Buffer.from(record)
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.equal(vault.open('subscriber-k', imsi, forged), null, `bit ${bit}`)
  }
  for (let length = 0; length < record.length; length++) assert.equal(vault.open('subscriber-k', imsi, record.subarray(0, length)), null)
  assert.equal(vault.open('subscriber-k', imsi, Buffer.concat([record, Buffer.alloc(1)])), null)
})

test('the master key has 32 octets, and may be wiped by its owner', () => {
  assert.throws(() => createVault(Buffer.alloc(16)), /32 octets, not 16/)
  const own = Buffer.from(masterKey)
  const vault = createVault(own)
  own.fill(0)
  assert.deepEqual(vault.open('subscriber-k', imsi, createVault(masterKey).seal('subscriber-k', imsi, k)), k)
})

test('the check value is the one that OpenSSL gives, and six digits long', () => {
  // printf '\1%.0s' $(seq 16) | openssl enc -aes-128-ecb -nopad -K <k>
  assert.equal(keyCheckValue(k), 'e4f3ea')
  assert.match(keyCheckValue(Buffer.alloc(32, 1)), /^[0-9a-f]{6}$/)
  assert.throws(() => keyCheckValue(Buffer.alloc(8)), /not 8/)
})

/** Everything that a log line, an API answer or a debugger's console could make of a value. */
function everyTextOf(value: object): string {
  return [
    String(value),
    Object.prototype.toString.call(value),
    JSON.stringify(value),
    JSON.stringify({ value }),
    JSON.stringify(Object.entries(value)),
    inspect(value, { depth: 10, showHidden: true, getters: true, maxArrayLength: null }),
    inspect({ nested: [value] }, { depth: 10, showHidden: true, customInspect: false, maxArrayLength: null }),
    JSON.stringify({ ...value }),
    JSON.stringify(structuredCloneOrNothing(value)),
  ].join('\n')
}

function structuredCloneOrNothing(value: object): unknown {
  try {
    return structuredClone(value)
  } catch {
    return null
  }
}

test('nothing that holds a key shows it', () => {
  const secrets = [k, opc, masterKey]
  const topc = Buffer.concat([opc, k])
  const credentials = createCredentials({ algorithm: 'MILENAGE', k, opc })
  const tuak = createCredentials({ algorithm: 'TUAK', k, opc: topc })
  const holders = [
    createVault(masterKey),
    credentials,
    tuak,
    credentials.functions,
    tuak.functions,
    createMilenage(k, opc, undefined, 'constant-time'),
    createTuak(k, topc),
  ]
  for (const holder of holders) {
    const text = everyTextOf(holder)
    for (const secret of secrets) {
      const words = [0, 4, 8, 12].map((at) => secret.readInt32BE(at))
      const shown = [
        toHex(secret),
        secret.toString('base64'),
        [...secret].join(','),
        [...secret].join(', '),
        words.join(','),
        words.join(', '),
      ]
      for (const form of shown) assert.ok(!text.includes(form), `${inspect(holder)} shows a key`)
      assert.ok(!text.toLowerCase().includes([...secret].map((octet) => octet.toString(16).padStart(2, '0')).join(' ')))
    }
  }
})

test('the leak test sees a leak', () => {
  assert.ok(everyTextOf({ k: [...k] }).includes([...k].join(',')))
})

test('sealed keys become credentials without being seen on the way, from one record or two', () => {
  const vault = createVault(masterKey)
  const two = {
    algorithm: 'MILENAGE',
    sealedK: vault.seal('subscriber-k', imsi, k),
    sealedOpc: vault.seal('subscriber-opc', imsi, opc),
  } as const
  const one = { algorithm: 'MILENAGE', sealedK: sealKeys(vault, imsi, { k, opc }), sealedOpc: null } as const
  const rand = Buffer.alloc(16, 3)
  for (const sealed of [one, two]) {
    assert.deepEqual(openCredentials(vault, imsi, sealed)?.functions.f2345(rand), createMilenage(k, opc).f2345(rand))
    assert.equal(openCredentials(vault, '001010000000002', sealed), null)
  }
  assert.equal(openCredentials(vault, imsi, { ...two, sealedOpc: two.sealedK }), null)
  assert.equal(openCredentials(vault, imsi, { ...two, sealedOpc: null }), null)
  assert.equal(openCredentials(vault, imsi, { ...one, algorithm: 'TUAK' }), null)
  assert.equal(openCredentials(vault, imsi, { ...one, parameters: { milenage: { c: [], r: [] } } }), null)
  const topc = Buffer.concat([opc, k])
  const tuak = { algorithm: 'TUAK', sealedK: sealKeys(vault, imsi, { k, opc: topc }), sealedOpc: null } as const
  assert.deepEqual(openCredentials(vault, imsi, tuak)?.functions.f2345(rand), createTuak(k, topc).f2345(rand))
})
