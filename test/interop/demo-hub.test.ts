import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import pino from 'pino'
import { silentDemo } from '#cli/demo/silent.ts'
import { openStage } from '#cli/demo/stage.ts'
import { projectRoot } from '#cli/root.ts'
import { sleep, systemClock } from '#core/clock.ts'
import type { SignalEvent } from '#platform/ports.ts'
import { attachAt } from '#sim/encounter.ts'
import { withoutFreeDiameter } from './freediameter.ts'

const stageOptions = {
  clock: systemClock,
  log: pino({ level: 'silent' }),
  sims: 600,
  seed: 1,
  capacityPerSecond: 1_000,
  httpPort: 0,
  diameterPort: 0,
  demo: silentDemo,
  progress() {},
}

test('freeDiameter carries two networks of the demo, and our own requests come back through it', {
  skip: withoutFreeDiameter,
}, async () => {
  let pid = 0
  {
    await using stage = await openStage(stageOptions)
    assert.ok(stage.hub.program === 'freeDiameter')
    pid = stage.hub.pid
    assert.ok(isAlive(pid))
    const { subject, mme } = stage.subjects.take({ network: 'dorvik' })
    const events: SignalEvent[] = []
    stage.simward.ports.history?.onSignal((event) => events.push(event))
    assert.deepEqual(await attachAt(mme, subject), { accepted: true })
    for (const event of events) assert.deepEqual([event.peerId, event.originHost, event.action], ['dra2.corvane', mme.host, 'allow'])
    assert.ok(mme.contexts.has(subject.imsi))
    assert.deepEqual(await attachAt(stage.visited.of('aurelia')[0], subject), { accepted: true })
    for (let i = 0; i < 400 && mme.contexts.has(subject.imsi); i++) await sleep(systemClock, 25)
    assert.deepEqual(
      mme.received.map(({ command, imsi }) => [command, imsi]),
      [['CLR', subject.imsi]],
    )
    assert.ok(!mme.contexts.has(subject.imsi), 'the MME behind freeDiameter forgot the device')
  }
  assert.ok(!isAlive(pid), 'the daemon has ended with the demo')
})

test('without freeDiameter the same networks are there', async () => {
  await using stage = await openStage({ ...stageOptions, simulatedHub: true })
  assert.equal(stage.hub.program, 'simulated')
  const { subject, mme } = stage.subjects.take({ network: 'pelagos' })
  assert.deepEqual(await attachAt(mme, subject), { accepted: true })
})

test('a demo that is killed leaves no daemon behind', { skip: withoutFreeDiameter }, async () => {
  const program = `
    import { systemClock } from '#core/clock.ts'
    import { createAuthority } from '#sim/authority.ts'
    import { startRelay } from '#sim/freediameter.ts'
    const credentials = createAuthority('Test', Date.now()).issue({ commonName: 'dra.example' })
    const at = { host: '127.0.0.1', port: 1 }
    const relay = await startRelay({ identity: 'dra.example', realm: 'example', credentials, clock: systemClock,
      peers: [{ identity: 'hss.example', tls: false, connectTo: at }], onLine: (line) => console.log(line) })
    console.log('pid ' + relay.pid)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  let pid = 0
  for await (const line of createInterface({ input: child.stdout })) {
    pid = Number(/^pid (\d+)/.exec(line)?.[1] ?? pid)
    // It reads its configuration first: killed after that it has all that it will ever have.
    if (pid > 0 && /loaded|initialized|STATE_/i.test(line)) break
  }
  const directory = /\/\S*simward-relay-\w+/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[0]
  child.kill('SIGKILL')
  await exited
  for (let i = 0; i < 200 && isAlive(pid); i++) await sleep(systemClock, 25)
  const isLeft = isAlive(pid)
  if (isLeft) process.kill(pid, 'SIGKILL')
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
  assert.ok(!isLeft, `freeDiameterd ${pid} is still there`)
})

/** A process that has ended and waits to be collected is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
