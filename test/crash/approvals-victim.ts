import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { systemClock } from '#core/clock.ts'
import { startSimward } from '#main'
import { readConfig } from '#platform/config.ts'
import { defineFunction } from '#platform/function.ts'
import { say } from '#platform/text.ts'
import { toJson } from '#store/db.ts'

/**
 * The victim of the crash test of approvals. The first one asks, decides, and stays in the middle of the execution until it is
 * killed; the next ones only execute what they find approved, and say so.
 */
export interface VictimArguments {
  databaseUrl: string | null
  dataDir: string
  masterKey: string
  role: 'stuck' | 'heir'
}

const { role, ...settings } = JSON.parse(process.argv[2] ?? '') as VictimArguments

const executor = defineFunction({
  name: 'executor',
  config: [],
  provides: [],
  needs: ['approvals', 'store'],
  controls: [],
  routes: [],
  navigation: [],
  metrics: [],
  async start({ ports }) {
    ports.approvals.on('crash-command', async ({ id, command }) => {
      process.stdout.write(`executing ${id}\n`)
      if (role === 'stuck') await wait(600_000)
      // Idempotent by the approval's id, as every executor is.
      await ports.store.query('INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [`crash ${id}`, toJson(command)])
    })
    return { async [Symbol.asyncDispose]() {} }
  },
})

const { url, ports, db } = await startSimward({
  config: readConfig({}, { ...settings, httpPort: 0 }),
  // In the demo a decision needs no passkey, which a program has none of.
  mode: 'demo',
  version: 'crash',
  clock: systemClock,
  log: pino({ level: 'silent' }),
  only: ['ledger', 'sign-in', 'approvals'],
  functions: [executor],
})

if (role === 'stuck') {
  const approval = await ports.approvals?.request({
    kind: 'crash-command',
    providerId: null,
    command: { suspend: 'everything', of: 3 },
    summary: say('approval.plain', { kind: 'crash-command' }),
    reason: 'crash test',
    requestedBy: 'colleague',
    needed: 1,
    deciders: 'operator',
    expiresAt: Date.now() + 3_600_000,
  })
  const answer = await fetch(new URL(`/api/v1/approvals/${approval?.id}/decision`, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(url).origin },
    body: JSON.stringify({ decision: 'approve', reason: 'crash test' }),
  })
  if (!answer.ok) process.stderr.write(await answer.text())
} else {
  for (;;) {
    const { rows } = await db.query<{ id: string }>(`SELECT id FROM approval WHERE state = 'executed'`)
    if (rows[0] !== undefined) process.stdout.write(`executed ${rows[0].id}\n`)
    await wait(rows[0] === undefined ? 50 : 600_000)
  }
}
