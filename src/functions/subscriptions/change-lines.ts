import type { SubscriptionChange } from '#platform/change.ts'
import type { ChangeLine } from '#platform/http/schemas/sim-actions.ts'
import { isUuid } from '#platform/page.ts'
import type { Tx } from '#store/db.ts'
import type { ChangeRow } from './change-rows.ts'

/** What a change turns into what, as a person reads it. */
export async function linesOf(tx: Tx, changes: readonly SubscriptionChange[], row: ChangeRow): Promise<ChangeLine[]> {
  const lines: ChangeLine[] = []
  for (const change of changes) lines.push(await lineOf(tx, change, row))
  return lines
}

async function lineOf(tx: Tx, change: SubscriptionChange, row: ChangeRow): Promise<ChangeLine> {
  const { kind } = change
  switch (change.kind) {
    case 'state':
      return { kind, from: row.intended, to: change.to }
    case 'class':
      return { kind, from: row.class, to: change.to }
    case 'profile':
      return { kind, ...(await namesOf(tx, 'service_profile', row.profile_id, change.profileId)) }
    case 'group':
      return { kind, ...(await namesOf(tx, 'sim_group', row.group_id, change.groupId)) }
    case 'plan':
      return { kind, ...(await namesOf(tx, 'rate_plan', row.plan_id, change.planId)) }
    case 'label':
      return { kind, from: row.label, to: change.label }
    case 'imei-lock':
      return { kind, from: row.locked_imei, to: change.imei }
    case 'hold':
      return { kind, from: row.hold_next_attach ? 'held' : null, to: change.held ? 'held' : null }
    case 'partition':
      return { kind, from: row.hss_partition, to: change.hssPartition }
    case 'impose':
      return { kind, from: null, to: change.reason }
    case 'lift':
      return { kind, from: change.reason, to: null }
  }
}

async function namesOf(
  tx: Tx,
  table: 'service_profile' | 'sim_group' | 'rate_plan',
  from: string | null,
  to: string | null,
): Promise<Pick<ChangeLine, 'from' | 'to'>> {
  const ids = [from, to].flatMap((id) => (id !== null && isUuid(id) ? [id] : []))
  const { rows } = await tx.query<{ id: string; name: string }>(`SELECT id, name FROM ${table} WHERE id = ANY($1::uuid[])`, [ids])
  const nameOf = (id: string | null): string | null => (id === null ? null : (rows.find((row) => row.id === id)?.name ?? id))
  return { from: nameOf(from), to: nameOf(to) }
}
