import type { ChangeBy, ChangeOutcome, SubscriptionChange, SubscriptionChanges } from '#platform/change.ts'
import type { ChangePreview } from '#platform/http/schemas/sim-actions.ts'
import type { HssPort } from '#platform/ports.ts'
import { say } from '#platform/text.ts'
import type { Tx } from '#store/db.ts'
import { linesOf } from './change-lines.ts'
import type { ChangeRow } from './change-rows.ts'
import { effectsOf } from './effects.ts'

/** What several changes of one SIM come to, judged together against the SIM as it is. */
export async function previewOf(
  tx: Tx,
  changes: readonly SubscriptionChange[],
  at: { port: SubscriptionChanges; row: ChangeRow; by: ChangeBy; expectedNext: ReturnType<HssPort['expectedNext']> },
): Promise<ChangePreview> {
  const { port, row, by } = at
  const outcomes: ChangeOutcome[] = []
  for (const change of changes) outcomes.push(...(await port.check(tx, change, [row.id], by)))
  const wanted = changes.filter((_, i) => outcomes[i]?.outcome !== 'unchanged')
  const { rows } = await tx.query<{ mme_host: string }>('SELECT mme_host FROM registration WHERE imsi = $1 AND NOT purged', [row.imsi])
  const effects = effectsOf(wanted, { row, servedBy: rows[0]?.mme_host ?? null, expectedNext: at.expectedNext })
  const verdict = combined(outcomes)
  return {
    ...verdict,
    changes: await linesOf(tx, wanted, row),
    effects: verdict.needed === null ? effects : [...effects, say('sim.effect.needs-persons', { needed: verdict.needed })],
  }
}

type Verdict = Pick<ChangePreview, 'outcome' | 'code' | 'detail' | 'needed'>

/** One refusal refuses all; else the most persons that one of them needs. */
function combined(outcomes: readonly ChangeOutcome[]): Verdict {
  const none = { code: null, detail: null, needed: null }
  const refused = outcomes.find((each) => each.outcome === 'refused')
  if (refused?.outcome === 'refused') return { ...none, outcome: 'refused', code: refused.code, detail: refused.detail }
  let asking: Verdict | null = null
  for (const each of outcomes) {
    if (each.outcome !== 'needs-approval' || each.needed <= (asking?.needed ?? 0)) continue
    asking = { outcome: 'needs-approval', code: 'approval-needed', detail: each.detail, needed: each.needed }
  }
  if (asking !== null) return asking
  return { ...none, outcome: outcomes.some(({ outcome }) => outcome === 'changed') ? 'changed' : 'unchanged' }
}
