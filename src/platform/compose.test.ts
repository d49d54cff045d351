import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { VirtualClock } from '#core/clock.ts'
import { compose, startOrder } from './compose.ts'
import { readConfig } from './config.ts'
import { type AnyFunction, defineFunction } from './function.ts'
import { createEventHub } from './http/event-hub.ts'
import type { PortName } from './ports.ts'

function plain(name: string, needs: readonly PortName[], provides: readonly PortName[], log: string[] = []): AnyFunction {
  return {
    name,
    needs,
    provides,
    config: [],
    controls: [],
    routes: [],
    navigation: [],
    metrics: [],
    async start(ctx: { provide(port: PortName, value: unknown): void }) {
      log.push(`start ${name}`)
      for (const port of provides) ctx.provide(port, {})
      return {
        async [Symbol.asyncDispose]() {
          log.push(`stop ${name}`)
        },
      }
    },
  } as unknown as AnyFunction
}

const options = () => {
  const clock = new VirtualClock()
  return {
    base: {},
    config: readConfig({}),
    clock,
    log: pino({ level: 'silent' }),
    newId: () => 'id',
    events: createEventHub({ clock, epoch: 'e' }),
  }
}

test('functions start after what they need and stop in reverse', async () => {
  const log: string[] = []
  const functions = [
    plain('hss', ['network', 'recorder'], ['hss'], log),
    plain('recorder', ['network'], ['recorder'], log),
    plain('screening', [], ['network'], log),
  ]
  const composition = await compose({ ...options(), functions })
  await composition[Symbol.asyncDispose]()
  assert.deepEqual(log, ['start screening', 'start recorder', 'start hss', 'stop hss', 'stop recorder', 'stop screening'])
})

test('what a function wants comes before it where it is there, and is not missed where it is not', () => {
  const wanting = { ...plain('subscriptions', [], []), wants: ['approvals'] } as AnyFunction
  const names = (functions: readonly AnyFunction[]) => startOrder(functions, []).map(({ name }) => name)
  assert.deepEqual(names([wanting, plain('approvals', [], ['approvals'])]), ['approvals', 'subscriptions'])
  assert.deepEqual(names([wanting]), ['subscriptions'])
})

test('a port without a provider, with two, or in a circle is named', () => {
  assert.throws(() => startOrder([plain('hss', ['network'], [])], []), /hss needs network \(nobody provides it\)/)
  assert.throws(
    () => startOrder([plain('a', [], ['network']), plain('b', [], ['network'])], []),
    /port network is provided by both a and b/,
  )
  assert.throws(
    () => startOrder([plain('a', ['rules'], ['network']), plain('b', ['network'], ['rules'])], []),
    /a needs rules \(b\); b needs network \(a\)/,
  )
  assert.deepEqual(startOrder([plain('hss', ['network'], [])], ['network']).length, 1)
})

test('what started is stopped when a later start fails or gives less than it promised', async () => {
  const log: string[] = []
  const failing = { ...plain('bad', ['network'], []), start: () => Promise.reject(new Error('no')) } as unknown as AnyFunction
  await assert.rejects(compose({ ...options(), functions: [plain('good', [], ['network'], log), failing] }), /^Error: no$/)
  assert.deepEqual(log, ['start good', 'stop good'])
  const empty = { ...plain('empty', [], ['rules']), start: async () => ({ async [Symbol.asyncDispose]() {} }) } as unknown as AnyFunction
  await assert.rejects(compose({ ...options(), functions: [empty] }), /empty promised but did not give: rules/)
})

test('a function cannot provide or serve what it does not list', async () => {
  const sly = defineFunction({
    name: 'sly',
    config: [],
    provides: [],
    needs: [],
    controls: [],
    routes: [],
    navigation: [],
    metrics: [],
    async start(ctx) {
      assert.throws(() => (ctx.provide as (name: string, port: unknown) => void)('rules', {}), /sly does not say that it provides rules/)
      assert.throws(() => ctx.metrics.counter('simward_none'), /no such metric/)
      return { async [Symbol.asyncDispose]() {} }
    },
  })
  const composition = await compose({ ...options(), functions: [sly] })
  await composition[Symbol.asyncDispose]()
})
