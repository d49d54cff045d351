import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decode, encode } from './codec.ts'
import { describeMessage } from './describe.ts'
import { diameter } from './dict/all.ts'
import type { Message } from './message.ts'
import { kind, type Plan, type PlannedAvp } from './plan.ts'

const seed = Number(process.env.SIMWARD_PROPERTY_SEED ?? Math.floor(Math.random() * 2 ** 31))

const octets = (most: number) => fc.uint8Array({ maxLength: most }).map((bytes) => Buffer.from(bytes))
const float32 = fc.float({ noNaN: false })
const ip = fc.oneof(fc.ipV4(), fc.ipV6().map(canonical))

/** IPv6 in the spelling that the codec gives back: what Node's URL parser makes of it. */
function canonical(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1)
}

function scalar(avp: PlannedAvp): fc.Arbitrary<unknown> {
  switch (avp.kind) {
    case kind.octets:
      return octets(40)
    case kind.unsigned32:
      return fc.nat(0xffff_ffff)
    case kind.integer32:
      return fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })
    case kind.unsigned64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    case kind.integer64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case kind.float32:
      return float32
    case kind.float64:
      return fc.double()
    case kind.utf8:
      return fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0') && text.isWellFormed())
    case kind.identity:
      return fc.stringMatching(/^[!-~]{1,60}$/)
    case kind.ascii:
      return fc.stringMatching(/^[ -~]{1,60}$/)
    case kind.address:
      return ip
    case kind.time:
      return fc.integer({ min: Date.UTC(1968, 1, 1) / 1000, max: Date.UTC(2100, 0, 1) / 1000 }).map((seconds) => new Date(seconds * 1000))
    case kind.group:
      return group(avp.group!)
  }
}

/** Members of a plan; an optional one is there one time in three, so that deep groups stay small. */
function group(plan: Plan): fc.Arbitrary<Record<string, unknown>> {
  const members = plan.slots.map((slot): [string, fc.Arbitrary<unknown>] => {
    const least = Math.max(1, slot.min)
    const one = fc.noShrink(scalar(slot.avp))
    const value = slot.single ? one : fc.array(one, { minLength: least, maxLength: Math.min(slot.max, least + 1) })
    return [slot.name, slot.min > 0 ? value : fc.option(value, { freq: 2, nil: undefined })]
  })
  return fc
    .record(Object.fromEntries(members))
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)))
}

for (const [name, row] of Object.entries(diameter.commands)) {
  // A Failed-AVP that holds nothing is read as one that holds an empty list.
  const plan = diameter.plans.commandsByName.get(name)!.plan
  const withoutFailed = { ...plan, slots: plan.slots.filter((slot) => slot.name !== 'Failed-AVP') }
  test(`${name} is decoded to what was encoded (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        group(withoutFailed),
        fc.nat(0xffff_ffff),
        fc.nat(0xffff_ffff),
        fc.boolean(),
        (avps, hopByHop, endToEnd, retransmitted) => {
          const { code, application, request, proxiable } = row
          const message = {
            command: name,
            code,
            application,
            request,
            proxiable,
            error: false,
            retransmitted,
            hopByHop,
            endToEnd,
            avps,
            others: [],
          }
          const made = encode(diameter, message as unknown as Message)
          assert.deepEqual(decode(diameter, made), message)
          assert.equal(made.length % 4, 0)
          assert.ok(describeMessage(diameter, made).every((node) => node.fault === undefined))
        },
      ),
      { seed, numRuns: 15 },
    )
  })
}
