import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { cidrKind, cidrText, overlaps, parseCidr } from './cidr.ts'

const ipv4 = fc.ipV4()
const ipv6 = fc.ipV6()
/** An address with everything below the prefix set to zero. */
const rangeOf = (address: string, prefix: number): string => {
  const whole = parseCidr(address)
  assert.ok(whole !== null, address)
  const drop = BigInt((whole.family === 4 ? 32 : 128) - prefix)
  return cidrText({ ...whole, base: (whole.base >> drop) << drop, prefix })
}
const range4 = fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => rangeOf(address, prefix))
const range6 = fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })).map(([address, prefix]) => rangeOf(address, prefix))

test('what is written is what is read', () => {
  fc.assert(
    fc.property(fc.oneof(range4, range6), (text) => {
      const cidr = parseCidr(text)
      assert.ok(cidr !== null, text)
      assert.equal(cidrText(cidr), text)
    }),
  )
})

test('overlap is what the BlockList of Node says, of either of the two', () => {
  const holds = (outer: string, inner: string, family: 'ipv4' | 'ipv6'): boolean => {
    const [base = '', prefix = ''] = outer.split('/')
    const list = new BlockList()
    list.addSubnet(base, Number(prefix), family)
    return list.check(inner.split('/')[0] ?? '', family)
  }
  for (const [ranges, family] of [
    [range4, 'ipv4'],
    [range6, 'ipv6'],
  ] as const) {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const [first, second] = [parseCidr(a), parseCidr(b)]
        assert.ok(first !== null && second !== null)
        assert.equal(overlaps(first, second), holds(a, b, family) || holds(b, a, family), `${a} ${b}`)
        assert.equal(overlaps(first, second), overlaps(second, first))
      }),
    )
  }
})

test('spellings of one range become one', () => {
  const cases: [string, string | null][] = [
    ['192.0.2.7', '192.0.2.7/32'],
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['2001:DB8:0:0::/64', '2001:db8::/64'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1/128'],
    ['::ffff:192.0.2.1', '::ffff:c000:201/128'],
    ['192.0.2.1/24', null],
    ['192.0.2.0/33', null],
    ['192.0.2', null],
    ['192.0.2.0/', null],
    ['0x7f.1.1.1', null],
    ['2001:db8::1::/64', null],
    ['platform.example', null],
    ['', null],
    [`${'1'.repeat(100)}`, null],
  ]
  for (const [text, expected] of cases) {
    const cidr = parseCidr(text)
    assert.equal(cidr === null ? null : cidrText(cidr), expected, text)
  }
})

test('what kind of place it is', () => {
  const kind = (text: string): string => {
    const cidr = parseCidr(text)
    assert.ok(cidr !== null, text)
    return cidrKind(cidr)
  }
  assert.deepEqual(['0.0.0.0/0', '::/0'].map(kind), ['everything', 'everything'])
  assert.deepEqual(['0.0.0.0/1', '128.0.0.0/1', '2000::/3'].map(kind), ['too-wide', 'too-wide', 'too-wide'])
  assert.deepEqual(
    ['127.0.0.1', '169.254.1.1', '224.0.0.1', '::1', 'fe80::1', 'ff02::1', '::ffff:192.0.2.1'].map(kind),
    Array(7).fill('unreachable'),
  )
  assert.deepEqual(['10.1.0.0/16', '172.31.0.1', '192.168.0.0/24', '100.64.0.1', 'fd00:1::/32'].map(kind), Array(5).fill('private'))
  assert.deepEqual(['192.0.2.0/24', '172.32.0.0/16', '2001:db8::/32'].map(kind), Array(3).fill('public'))
})

test('any text is a range or nothing, never an error', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:./]{0,50}$/)), (text) => parseCidr(text) !== undefined))
})
