import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Rule, RuleMode } from '#guard/rule.ts'
import type { RulePort } from '#platform/ports.ts'
import type { Db } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import type { Change } from './directory.ts'
import { isRuleMode } from './rule-view.ts'

interface ModeChange {
  mode: RuleMode
  changedBy: string
  reason: string
  changedAt: number
}

export interface RuleBook extends RulePort {
  /** The last change of a rule's mode; undefined where it stands as it was delivered. */
  changeOf(ruleId: string): ModeChange | undefined
  /** Acts on the next message. Throws `rule-unknown` (404). */
  setMode(ruleId: string, mode: RuleMode, change: Change): Promise<void>
  close(): Promise<void>
}

const channel = 'rule_mode_changed'

/** Rules and their modes: the rows are data of the guard, the modes stand in the store. */
export async function createRuleBook(options: { store: Db; ledger: Ledger; clock: Clock; rules: readonly Rule[] }): Promise<RuleBook> {
  const { store, ledger, clock, rules } = options
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const listeners = new Set<(ruleId: string) => void>()
  let changes = await loadModes(store)
  const reload = async (): Promise<void> => {
    const before = changes
    changes = await loadModes(store)
    for (const { id } of rules) {
      if (before.get(id)?.changedAt === changes.get(id)?.changedAt && before.get(id)?.mode === changes.get(id)?.mode) continue
      for (const listener of listeners) listener(id)
    }
  }
  const stop = await store.listen(
    channel,
    () => void reload().catch(() => {}),
    () => void reload().catch(() => {}),
  )
  const modeOf = (ruleId: string): RuleMode => changes.get(ruleId)?.mode ?? byId.get(ruleId)?.defaultMode ?? 'active'
  return {
    rules: () => rules,
    modeOf,
    changedAt: (ruleId) => changes.get(ruleId)?.changedAt ?? null,
    changeOf: (ruleId) => changes.get(ruleId),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async setMode(ruleId, mode, { actor, reason, address }) {
      if (!byId.has(ruleId)) throw new OperationError('rule-unknown', 404, `there is no rule ${ruleId}`)
      const before = modeOf(ruleId)
      await ledger.record(
        async (tx, note) => {
          await tx.query(
            `INSERT INTO rule_mode (rule_id, mode, changed_by, reason, changed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (rule_id) DO UPDATE SET mode = excluded.mode, changed_by = excluded.changed_by,
               reason = excluded.reason, changed_at = excluded.changed_at`,
            [ruleId, mode, actor, reason, new Date(clock.now())],
          )
          note({ kind: 'rule-mode-changed', actor, body: { ruleId, before, after: mode, reason, address } })
          await tx.notify(channel, ruleId)
        },
        { scope: { operator: true } },
      )
      await reload()
    },
    close: stop,
  }
}

async function loadModes(store: Db): Promise<ReadonlyMap<string, ModeChange>> {
  const { rows } = await store.query<{ rule_id: string; mode: string; changed_by: string; reason: string; changed_at: Date }>(
    'SELECT rule_id, mode, changed_by, reason, changed_at FROM rule_mode',
  )
  return new Map(
    rows.flatMap(({ rule_id: id, mode, changed_by: changedBy, reason, changed_at: at }) =>
      isRuleMode(mode) ? [[id, { mode, changedBy, reason, changedAt: at.getTime() }] as const] : [],
    ),
  )
}
