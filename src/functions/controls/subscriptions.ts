import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { isUuid } from '#platform/page.ts'
import { say } from '#platform/text.ts'
import { met, notMet, queryRow, unknown } from './check.ts'

const base = { ruleIds: [], limits: null, maxAgeMs: 600_000 }

export const subscriptionControls: readonly ControlDefinition[] = [
  {
    ...base,
    id: 'critical-protection',
    title: say('control.critical-protection'),
    wholeFor: ['clp14:5.1-07'],
    partOf: ['clp14:5.1-06'],
    how: 'The exemption gate is asked before a critical device is cut off; no critical subscription is stopped now by a control alone.',
    check: checkCritical,
  },
  {
    ...base,
    id: 'card-use',
    title: say('control.card-use'),
    wholeFor: ['clp14:5.1-08'],
    partOf: ['clp14:5.1-09'],
    how: 'Every card on record says whether it is for IoT or for a handset.',
    check: checkCards,
  },
]

async function checkCritical(context: CheckContext): Promise<CheckResult> {
  const row = await queryRow<{ critical: boolean; stopped: { by: string }[][] | null }>(
    context,
    `SELECT EXISTS (SELECT 1 FROM subscription WHERE class = 'critical') AS critical,
            (SELECT jsonb_agg(imposed) FROM (SELECT imposed FROM subscription WHERE imposed <> '[]' AND class = 'critical' LIMIT 1000) AS part) AS stopped`,
  )
  if (row === undefined) return unknown('not-running')
  if (!row.critical) return unknown('critical-protection.none')
  // A person's id is a UUID; a control's is a word.
  const byControl = (row.stopped ?? []).filter((imposed) => imposed.some(({ by }) => !isUuid(by))).length
  return byControl === 0
    ? met('critical-protection.none-stopped', context.now)
    : notMet('critical-protection.stopped', context.now, { count: byControl })
}

async function checkCards(context: CheckContext): Promise<CheckResult> {
  const row = await queryRow<{ cards: bigint; unsaid: bigint }>(
    context,
    `SELECT count(*) AS cards, count(*) FILTER (WHERE use NOT IN ('iot', 'handset')) AS unsaid FROM (SELECT use FROM card LIMIT 10000) AS part`,
  )
  const cards = Number(row?.cards ?? 0n)
  if (cards === 0) return unknown('no-cards')
  const unsaid = Number(row?.unsaid ?? 0n)
  return unsaid === 0 ? met('card-use.all', context.now, { cards }) : notMet('card-use.unsaid', context.now, { cards: unsaid })
}
