import type { SubscriptionChange } from '#platform/change.ts'
import { type Tx, toJson } from '#store/db.ts'

/** `$3` and the next parameters are the change's own. */
interface Assignment {
  set: string
  params: readonly unknown[]
}

/** What is imposed, without the entries of one reason. */
const without = (parameter: string): string => `(SELECT coalesce(jsonb_agg(one ORDER BY at), '[]')
  FROM jsonb_array_elements(subscription.imposed) WITH ORDINALITY AS e (one, at) WHERE one->>'reason' <> ${parameter})`

function assignmentOf(change: SubscriptionChange, at: { now: number; by: string }): Assignment {
  switch (change.kind) {
    case 'state':
      return { set: 'intended = $3', params: [change.to] }
    case 'profile':
      return { set: 'profile_id = $3::uuid', params: [change.profileId] }
    case 'class':
      return { set: 'class = $3', params: [change.to] }
    case 'group':
      return { set: 'group_id = $3::uuid', params: [change.groupId] }
    case 'plan':
      return { set: 'plan_id = $3::uuid', params: [change.planId] }
    case 'label':
      return { set: 'label = $3', params: [change.label] }
    // Whoever says which device belongs to the card has judged the mismatch: what a control imposed for it goes.
    case 'imei-lock':
      return { set: `locked_imei = $3, imposed = ${without("'imei-lock'")}`, params: [change.imei] }
    case 'hold':
      return { set: 'hold_next_attach = $3', params: [change.held] }
    case 'partition':
      return { set: 'hss_partition = $3', params: [change.hssPartition] }
    case 'impose': {
      const { reason, expiresAt, note } = change
      const entry = { reason, by: at.by, since: at.now, expiresAt, note }
      return { set: `imposed = ${without('$3')} || $4::jsonb`, params: [reason, toJson([entry])] }
    }
    case 'lift': {
      const flag = change.reason === 'held' ? ', hold_next_attach = false' : ''
      return { set: `imposed = ${without('$3')}${flag}`, params: [change.reason] }
    }
  }
}

/** One statement, whatever the number of rows; `version` rises with each. */
export async function writeChange(
  tx: Tx,
  change: SubscriptionChange,
  ids: readonly string[],
  at: { now: number; by: string },
): Promise<void> {
  if (ids.length === 0) return
  const { set, params } = assignmentOf(change, at)
  await tx.query(`UPDATE subscription SET ${set}, version = version + 1, changed_at = $2 WHERE id = ANY($1::uuid[])`, [
    ids,
    new Date(at.now),
    ...params,
  ])
}
