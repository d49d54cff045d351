import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { projectRoot } from '#cli/root.ts'

/** The demo as its users start it: a process of its own, and a second one that attacks it. */

interface Run {
  /** Resolves when a line of the standard error output begins so. */
  line(start: string): Promise<void>
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>
}

/** `TMPDIR` is where a demo says how it can be reached: one of its own, so that nobody else's is met. */
function simward(t: TestContext, folder: string, ...argv: string[]): Run {
  const child = spawn('./simward', argv, { cwd: projectRoot, env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => {
    said.stdout += text
  })
  child.stderr.on('data', (text) => {
    said.stderr += text
  })
  const lines = createInterface({ input: child.stderr })
  const closed = once(child, 'close')
  t.after(async () => {
    if (child.exitCode === null) child.kill('SIGTERM')
    await closed
  })
  return {
    line: (start) =>
      new Promise((resolve, reject) => {
        lines.on('line', (line) => line.trimStart().startsWith(start) && resolve())
        void closed.then(() => reject(new Error(`it ended without the line "${start}":\n${said.stderr}`)))
      }),
    ended: closed.then(([code]) => ({ code, ...said })),
  }
}

const classes = ['critical', 'standard', 'deferrable']
const kinds = ['plain', 'random-abating', 'low-priority-first']

interface Storm {
  class: string
  mme: string
  devices: number
  admitted: number
  p95: number | null
}

function checkStorms(storms: readonly Storm[]): void {
  assert.deepEqual(
    storms.map((row) => `${row.class} ${row.mme}`),
    classes.flatMap((name) => kinds.map((kind) => `${name} ${kind}`)),
  )
  for (const row of storms) {
    const keys = ['spreadS', 'class', 'mme', 'devices', 'admitted', 'p50', 'p95', 'p99', 'max', 't3402', 't3346']
    assert.deepEqual(Object.keys(row), keys)
    assert.ok(row.admitted <= row.devices)
    if (row.p95 === null) assert.ok(row.admitted < row.devices, 'null says that not all are back')
  }
}

test('demo --json tells the story, ends with one line, and can be attacked meanwhile', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'simward-live-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const settings = ['--devices', '200', '--sims', '4000', '--capacity', '50', '--spread', '3s', '--for', '60s']
  const demo = simward(t, folder, 'demo', ...settings, '--json', '--no-portal', '--port', '0', '--diameter-port', '0')
  await demo.line('1  Neighbours')

  const attack = await simward(t, folder, 'demo', 'attack', 'forged-ulr').ended
  assert.equal(attack.code, 0, attack.stderr)
  assert.match(attack.stdout, /^refused.*5012.*s6a-network-not-of-partner/is)
  const unknown = await simward(t, folder, 'demo', 'attack', 'forged-url').ended
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /forged-ulr/)

  const { code, stdout, stderr } = await demo.ended
  const lines = stdout.trimEnd().split('\n')
  assert.equal(lines.length, 1, 'the standard output holds the JSON line and nothing else')
  const report = JSON.parse(lines[0] ?? '')
  assert.ok(report.attaches.accepted > 0)
  assert.ok(report.attacks.length > 20)
  for (const each of report.attacks)
    assert.deepEqual([each.refused, typeof each.rule, typeof each.name], [true, 'string', 'string'], each.name)
  assert.equal(report.vectorsToAttackers, 0)
  assert.equal(report.falseBlocks, 0)
  checkStorms(report.storms)
  assert.equal(report.capacity, 50)
  assert.ok(report.processedPeak > 0 && report.processedPeak <= 50, `${report.processedPeak} in a second`)
  assert.equal(report.withoutControl.computed, true)
  checkStorms(report.withoutControl.storms)
  assert.equal(report.ledgerOk, true)
  // Bounded are only the critical devices of MMEs that leave the choice to us.
  const bounded = (report.storms as Storm[]).filter((row) => row.class === 'critical' && row.mme !== 'random-abating')
  const areBack = bounded.every((row) => row.admitted === row.devices && row.p95 !== null && row.p95 <= 20)
  assert.equal(code, areBack ? 0 : 1, stderr)
  assert.ok(areBack, JSON.stringify(bounded))
  assert.match(stderr, /the ledger verifies/)
})

test('demo attack without a demo says so', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'simward-live-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { code, stderr } = await simward(t, folder, 'demo', 'attack', 'forged-ulr').ended
  assert.equal(code, 2)
  assert.match(stderr, /no demo is running/)
})
