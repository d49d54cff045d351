import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { say } from '#platform/text.ts'

/** Bulk work is previewed, bound to a hash, and done only as far as it was agreed (CLP.14 §5.8.4). */
export const bulkControl: ControlDefinition = {
  id: 'bulk-changes',
  title: say('control.bulk-changes'),
  wholeFor: [],
  partOf: ['clp14:5.8.4-01'],
  how: 'Every job shows what it would do before it does it; the start names the hash of what was shown, and is refused where the set has changed; critical or large sets need another person, who signs that hash.',
  limits: 'What a job did is proven by the ledger; whether the change was a wise one is not.',
  ruleIds: [],
  maxAgeMs: 90 * 86_400_000,
  check,
}

/** Looks at the newest jobs that ran: each was previewed, and had the approvals that its preview asked for. */
async function check({ ports, config }: CheckContext): Promise<CheckResult> {
  const { store } = ports
  if (store === undefined) return { status: 'unknown', because: say('control.not-running'), evidenceAt: null, sourceClass: null }
  const { rows } = await store.query<{ at: Date; wrong: boolean }>(
    `SELECT started_at AS at,
            set_hash IS NULL OR preview IS NULL
              OR (cardinality(approved_by) = 0 AND kind <> 'import'
                  AND ((preview->'outcomes'->>'needsApproval')::int > 0 OR ($1::int > 0 AND total >= $1::int))) AS wrong
       FROM job WHERE started_at IS NOT NULL ORDER BY id DESC LIMIT 50`,
    [Number(config('jobApprovalSims') ?? 0)],
    { priority: 'portal' },
  )
  const newest = rows[0]
  if (newest === undefined) return { status: 'offered', because: say('control.bulk-changes.none'), evidenceAt: null, sourceClass: null }
  const wrong = rows.filter((row) => row.wrong).length
  return {
    status: wrong === 0 ? 'met' : 'not-met',
    because: wrong === 0 ? say('control.bulk-changes.met', { jobs: rows.length }) : say('control.bulk-changes.not-met', { jobs: wrong }),
    evidenceAt: newest.at.getTime(),
    sourceClass: 'observed-in-line',
  }
}
