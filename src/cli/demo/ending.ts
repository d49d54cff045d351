import { home } from '#sim/world.ts'
import type { Stage } from './stage.ts'
import { type Telling, tell } from './steps.ts'

interface ControlsAnswer {
  requirements: { id: string; source: string; title: { en: string }; status: string }[]
}

/** Chapter 6: which requirements hold now, by evidence, and which nobody can say. Resolves to whether the ledger verifies. */
export async function tellControls(stage: Stage, telling: Telling): Promise<boolean> {
  telling.chapter('6  What this proves')
  const end = telling.step('controls', 'controls', tell('controls.running', 'the requirements are checked'))
  const { requirements } = await read<ControlsAnswer>(stage, '/api/v1/controls')
  const met = requirements.filter((row) => row.status === 'met')
  const notMet = requirements.filter((row) => row.status === 'not-met')
  const unknown = requirements.filter((row) => row.status === 'unknown')
  telling.lines(met.map((row) => `met      ${row.id.padEnd(20)} ${row.title.en}`))
  telling.lines(notMet.map((row) => `not met  ${row.id.padEnd(20)} ${row.title.en}`))
  const text = `${met.length} of ${requirements.length} requirements are met with evidence, ${notMet.length} not met, ${unknown.length} unknown: unknown is never rounded up`
  end({
    ok: true,
    say: tell('controls.done', text, { met: met.length, notMet: notMet.length, unknown: unknown.length, total: requirements.length }),
    link: '/controls',
  })
  const ledger = telling.step('ledger', 'controls', tell('ledger.running', 'the ledger is verified'))
  const ok = stage.simward.ports.ledgerStatus?.verification()?.ok ?? false
  ledger({ ok, say: tell(ok ? 'ledger.ok' : 'ledger.broken', ok ? 'the ledger verifies' : 'the ledger does not verify', {}) })
  return ok
}

async function read<T>(stage: Stage, path: string): Promise<T> {
  const answer = await fetch(new URL(path, stage.simward.url))
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return (await answer.json()) as T
}

/** Three things to try, once the story is told. */
export function tellWhatNext(stage: Stage, telling: Telling): void {
  const { host, port } = stage.diameter
  telling.chapter('It stays up. Three things to try')
  telling.lines([
    '1. Attack it again:          ./simward demo attack forged-ulr     (demo attack lists all)',
    `2. Put a rule in shadow in the portal (${stage.simward.url}/signalling/rules) and attack again: it passes, and its control turns "not met".`,
    '3. Connect your own MME, as a peer added under Partners. freeDiameter (Open5GS reads the same file):',
    `     ConnectPeer = "${home.hssHost}" { ConnectTo = "${host}"; Port = ${port}; No_TLS; };`,
    `     with Identity = "mme01.your-realm" as the peer's name; its realm must be one of a partner.`,
    '',
    'Ctrl C ends it; everything it made is removed.',
  ])
}
