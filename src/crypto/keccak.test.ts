import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex } from '#core/bytes.ts'
import { keccakF1600 } from './keccak.ts'
import published from './vectors/tuak.json' with { type: 'json' }

test('the six permutations of TS 35.232', () => {
  assert.equal(published.keccak_f1600.length, 6)
  for (const set of published.keccak_f1600) {
    const octets = fromHex(set.in)
    const state: number[] = []
    for (let i = 0; i < 200; i += 4) state.push(octets.readInt32LE(i))
    keccakF1600(state)
    for (const [i, word] of state.entries()) octets.writeInt32LE(word, 4 * i)
    assert.equal(octets.toString('hex'), set.out, `set ${set.set}`)
  }
})
