import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { merklePath, merkleRoot, rootFromPath } from './merkle.ts'

// The leaves and roots with which implementations of RFC 6962 are commonly checked (google/certificate-transparency).
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) =>
  Buffer.from(hex, 'hex'),
)
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('published roots over 0 to 8 leaves (RFC 6962 §2.1)', () => {
  for (const [count, root] of roots.entries()) assert.equal(merkleRoot(leaves.slice(0, count)).toString('hex'), root, `${count} leaves`)
})

test('every item has a path to the root, and no other item has that path', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 70 }), fc.nat(), (items, pick) => {
      const index = pick % items.length
      const path = merklePath(items, index)
      const item = items[index] ?? new Uint8Array()
      assert.deepEqual(rootFromPath(item, path), merkleRoot(items))
      assert.notDeepEqual(rootFromPath(Buffer.concat([item, Buffer.of(1)]), path), merkleRoot(items))
    }),
  )
})

test('a path for an item that is not there is refused', () => {
  assert.throws(() => merklePath(leaves, 8), RangeError)
  assert.throws(() => merklePath([], 0), RangeError)
})
