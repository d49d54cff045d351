import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { createWatchdog, watchdogTable } from './watchdog.ts'

function bench(options: { random?: () => number; isDeaf?: () => boolean; intervalMs?: number } = {}) {
  const clock = new VirtualClock()
  const log: string[] = []
  const watchdog = createWatchdog({
    clock,
    random: options.random ?? (() => 0.5),
    intervalMs: options.intervalMs ?? 30_000,
    send: () => log.push('send'),
    onSuspect: () => log.push('suspect'),
    onRecovered: () => log.push('recovered'),
    close: () => log.push('close'),
    isDeaf: options.isDeaf ?? (() => false),
  })
  return { clock, log, watchdog }
}

test('silence: DWR after Tw, suspect after two, closed after three', () => {
  const { clock, log, watchdog } = bench()
  watchdog.up()
  clock.advance(29_999)
  assert.deepEqual(log, [])
  clock.advance(1)
  assert.deepEqual(log, ['send'])
  clock.advance(30_000)
  assert.deepEqual(log, ['send', 'suspect'])
  assert.equal(watchdog.state, 'suspect')
  clock.advance(30_000)
  assert.deepEqual(log, ['send', 'suspect', 'close'])
  assert.equal(watchdog.state, 'down')
  clock.advance(300_000)
  assert.equal(log.length, 3, 'nothing runs on after the end')
})

test('traffic puts the DWR off; a suspect that speaks is trusted again', () => {
  const { clock, log, watchdog } = bench()
  watchdog.up()
  for (let i = 0; i < 10; i++) {
    clock.advance(20_000)
    watchdog.heard(false)
  }
  assert.deepEqual(log, [])
  clock.advance(30_000)
  assert.deepEqual(log, ['send'])
  watchdog.heard(true)
  clock.advance(30_000)
  assert.deepEqual(log, ['send', 'send'])
  clock.advance(30_000)
  watchdog.heard(false)
  assert.deepEqual(log, ['send', 'send', 'suspect', 'recovered'])
  assert.equal(watchdog.state, 'okay')
})

test('after a failure three DWAs prove the new connection; two unanswered ones end it', () => {
  const { clock, log, watchdog } = bench()
  watchdog.up()
  watchdog.down()
  watchdog.up()
  assert.equal(watchdog.state, 'reopen')
  assert.deepEqual(log, ['send'])
  watchdog.heard(true)
  for (let i = 0; i < 2; i++) {
    assert.equal(watchdog.state, 'reopen')
    clock.advance(30_000)
    watchdog.heard(true)
  }
  assert.equal(watchdog.state, 'okay')
  assert.deepEqual(log, ['send', 'send', 'send', 'recovered'])

  const second = bench()
  second.watchdog.up()
  second.watchdog.down()
  second.watchdog.up()
  second.clock.advance(30_000)
  assert.deepEqual(second.log, ['send'])
  second.clock.advance(30_000)
  assert.deepEqual(second.log, ['send', 'close'])
})

test('the interval is never under 6 s, jittered by 2 s each way', () => {
  const short = bench({ intervalMs: 10 })
  short.watchdog.up()
  short.clock.advance(5_999)
  assert.deepEqual(short.log, [])
  short.clock.advance(1)
  assert.deepEqual(short.log, ['send'])
  const early = bench({ random: () => 0 })
  early.watchdog.up()
  early.clock.advance(28_000)
  assert.deepEqual(early.log, ['send'])
  const late = bench({ random: () => 0.999_999 })
  late.watchdog.up()
  late.clock.advance(31_999)
  assert.deepEqual(late.log, [])
  late.clock.advance(1)
  assert.deepEqual(late.log, ['send'])
})

test('while we do not read from the peer its silence proves nothing', () => {
  let deaf = true
  const { clock, log, watchdog } = bench({ isDeaf: () => deaf })
  watchdog.up()
  clock.advance(200_000)
  assert.equal(log.length, 0)
  deaf = false
  clock.advance(59_000)
  assert.equal(log[0], 'send')
})

test('an orderly end leaves no suspicion', () => {
  const { log, watchdog } = bench()
  watchdog.up()
  watchdog.reset()
  watchdog.up()
  assert.equal(watchdog.state, 'okay')
  assert.deepEqual(log, [])
})

test('every row can be reached: none is shadowed by one before it', () => {
  for (const [i, row] of watchdogTable.entries()) {
    const earlier = watchdogTable.slice(0, i).filter((each) => each.from === row.from && each.event === row.event)
    const isShadowed = earlier.some(
      (each) =>
        (each.awaited === undefined || each.awaited === row.awaited) && (each.counted === undefined || each.counted === row.counted),
    )
    assert.ok(!isShadowed, `${row.from} ${row.event}`)
  }
})
