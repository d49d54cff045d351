import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFramer } from './framing.ts'

function message(length: number, fill: number): Buffer {
  const octets = Buffer.alloc(length, fill)
  octets[0] = 1
  octets.writeUIntBE(length, 1, 3)
  return octets
}

test('messages come out whole however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 5, max: 60 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 37 }), { minLength: 1, maxLength: 40 }),
      (sizes, cuts) => {
        const sent = sizes.map((size, i) => message(size * 4, i))
        const stream = Buffer.concat(sent)
        const got: Buffer[] = []
        const framer = createFramer(4096)
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length] ?? 1
          assert.equal(
            framer.push(stream.subarray(at, at + size), (octets) => got.push(octets)),
            null,
          )
          at += size
        }
        assert.deepEqual(got, sent)
        assert.equal(framer.heldBytes, 0)
      },
    ),
  )
})

test('a wrong version, a length that is no multiple of four, too short or too long stops the stream', () => {
  const cases: [Buffer, string][] = [
    [Buffer.from([2, 0, 0, 20]), 'version'],
    [Buffer.from([1, 0, 0, 16]), 'length'],
    [Buffer.from([1, 0, 0, 22]), 'length'],
    [Buffer.from([1, 0, 0, 0]), 'length'],
    [Buffer.from([1, 0xff, 0xff, 0xfc]), 'too-long'],
  ]
  for (const [octets, because] of cases) {
    for (const step of [1, 4]) {
      const framer = createFramer(4096)
      const good = message(20, 7)
      const stream = Buffer.concat([good, octets, good])
      const got: Buffer[] = []
      let fault = null
      for (let at = 0; at < stream.length; at += step) {
        fault ??= framer.push(stream.subarray(at, at + step), (each) => got.push(each))
      }
      assert.equal(fault?.because, because)
      assert.deepEqual(got, [good], 'what stood before the fault was taken, nothing after it')
    }
  }
})

test('a stopped framer hands out nothing more, also from the chunk in hand', () => {
  const framer = createFramer(4096)
  let count = 0
  framer.push(Buffer.concat([message(20, 1), message(24, 2)]), () => {
    count += 1
    framer.stop()
  })
  assert.equal(count, 1)
})
