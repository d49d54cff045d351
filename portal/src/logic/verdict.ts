import type { Action, Overview, Reason } from '../api/types.ts'

/** Someone claimed what they may not: refused, these count as attacks. */
const attackReasons: ReadonlySet<Reason> = new Set([
  'unknown-peer',
  'forged-realm',
  'forged-host',
  'forged-network',
  'own-identity-from-outside',
  'operation-from-outside',
  'unsolicited-answer',
  'not-registered-node',
  'out-of-sequence',
  'replay',
  'vector-cap',
  'rate-cap',
  'separation-bit',
  'malformed',
])

export type Clause =
  | { kind: 'below-objective' }
  | { kind: 'answers-slow' }
  | { kind: 'attacks'; refused: number }
  | { kind: 'vectors'; leaked: number }
  | { kind: 'critical'; back: number; total: number }
  | { kind: 'registrations'; perSecond: number }
  | { kind: 'quiet' }

/** What the server found missed, by the key of its verdict. */
const missedObjectives: Readonly<Record<string, Clause>> = {
  'overview.below-objective': { kind: 'below-objective' },
  'overview.answers-slow': { kind: 'answers-slow' },
}

export function isAttack(action: Action, reason: Reason): boolean {
  return attackReasons.has(reason) && (action === 'reject' || action === 'drop' || action === 'sinkhole')
}

/** The first line of the overview as clauses with their figures, most telling first; words are the reader's. */
export function verdictClauses({ verdict, verdicts, readouts }: Pick<Overview, 'verdict' | 'verdicts' | 'readouts'>): Clause[] {
  const counted = verdicts.reduce((sum, row) => sum + (isAttack(row.action, row.reason) ? row.count : 0), 0)
  // The server's own count is the one that the terminal tells too.
  const refused = typeof verdict.params.attacks === 'number' ? verdict.params.attacks : counted
  const missed = missedObjectives[verdict.key]
  const clauses: Clause[] = missed === undefined ? [] : [missed]
  if (refused > 0) clauses.push({ kind: 'attacks', refused })
  if (refused > 0 || readouts.vectorsToUnproven > 0) clauses.push({ kind: 'vectors', leaked: readouts.vectorsToUnproven })
  if (readouts.criticalBack !== null && readouts.criticalTotal !== null && readouts.criticalTotal > 0) {
    clauses.push({ kind: 'critical', back: readouts.criticalBack, total: readouts.criticalTotal })
  }
  if (clauses.length > 0) return clauses
  return readouts.registrationsPerSecond === null || verdicts.length === 0
    ? [{ kind: 'quiet' }]
    : [
        { kind: 'registrations', perSecond: readouts.registrationsPerSecond },
        { kind: 'vectors', leaked: 0 },
      ]
}

export interface VerdictRow {
  key: string
  reason: Reason
  action: Action
  answer: number | null
  count: number
  when: readonly number[]
}

const actionOrder: Readonly<Record<Action, number>> = { allow: 0, hold: 1, challenge: 3, 'home-route': 4, reject: 5, sinkhole: 6, drop: 7 }

/** Rows in a lasting order: allowed, waiting, refused by count, dropped; so that the eye finds a row where it was. */
export function verdictRows(verdicts: Overview['verdicts']): VerdictRow[] {
  const waits = (row: Overview['verdicts'][number]): boolean => ['storm', 'busy', 'steering', 'store-unavailable'].includes(row.reason)
  const rank = (row: Overview['verdicts'][number]): number => (waits(row) ? 2 : actionOrder[row.action])
  return verdicts
    .toSorted(
      (a, b) => rank(a) - rank(b) || (isAttack(a.action, a.reason) ? 0 : 1) - (isAttack(b.action, b.reason) ? 0 : 1) || b.count - a.count,
    )
    .map((row) => ({ ...row, key: `${row.action} ${row.reason}` }))
}

/** What the strip above the signalling shows: counts per bucket by how they read. */
export function toneBuckets(
  verdicts: Overview['verdicts'],
  tagOf: (action: Action, reason: Reason) => string,
): { allow: number; wait: number; refuse: number }[] {
  const length = Math.max(0, ...verdicts.map((row) => row.when.length))
  const buckets = Array.from({ length }, () => ({ allow: 0, wait: 0, refuse: 0 }))
  for (const row of verdicts) {
    const tag = tagOf(row.action, row.reason)
    row.when.forEach((value, i) => {
      const bucket = buckets[i]
      if (bucket !== undefined && (tag === 'allow' || tag === 'wait' || tag === 'refuse')) bucket[tag] += value
    })
  }
  return buckets
}
