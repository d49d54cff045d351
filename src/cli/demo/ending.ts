import type { Message } from '#platform/text.ts'
import { becauseText } from './because.ts'
import type { Stage } from './stage.ts'
import { type Telling, tell } from './steps.ts'

interface ControlsAnswer {
  requirements: { id: string; source: string; title: { en: string }; status: string; because: Message }[]
}

/** Chapter 6: which requirements hold now, by evidence, and which nobody can say. Resolves to whether the ledger verifies. */
export async function tellControls(stage: Stage, telling: Telling): Promise<boolean> {
  telling.chapter('6  What this proves: requirements of GSMA CLP.14 and ETSI EN 303 645, each by its own evidence')
  const end = telling.step('controls', 'controls', tell('controls.running', 'the requirements are checked'))
  const { requirements } = await read<ControlsAnswer>(stage, '/api/v1/controls')
  const of = (status: string) => requirements.filter((row) => row.status === status)
  const [met, notMet, unknown] = [of('met'), of('not-met'), of('unknown')]
  telling.lines(met.map((row) => `met      ${row.id.padEnd(15)} ${row.title.en}`))
  for (const row of notMet) {
    telling.lines([`not met  ${row.id.padEnd(15)} ${row.title.en}`])
    telling.note(becauseText(row.because), 27)
  }
  const text = `${met.length} of ${requirements.length} requirements are met with evidence, ${notMet.length} not met, ${unknown.length} unknown: unknown is never rounded up`
  end({
    ok: true,
    say: tell('controls.done', text, { met: met.length, notMet: notMet.length, unknown: unknown.length, total: requirements.length }),
    link: '/controls',
  })
  if ((stage.simward.ports.admission?.snapshot().storm?.until ?? 0) === null) {
    telling.note('A storm counts as survived after a minute of calm; its requirements turn met by then.')
  }
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
