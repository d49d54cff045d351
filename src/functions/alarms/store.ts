import type { Selectable } from 'kysely'
import type { AlarmView, Severity } from '#platform/alarm.ts'
import { isUuid } from '#platform/page.ts'
import { type Message, say } from '#platform/text.ts'
import { type Db, type Tx, toJson } from '#store/db.ts'
import type { Tables } from '#store/tables.ts'

export type AlarmRow = Selectable<Tables['alarm']>

/** What the `cause` column holds. */
interface Said {
  kind?: string
  title?: Message
  cause?: Message
  action?: Message
}

export function alarmOf(row: AlarmRow): AlarmView {
  const said = row.cause as Said
  return {
    id: row.id,
    key: row.key,
    kind: said.kind ?? row.source,
    severity: row.severity as Severity,
    state: row.state as AlarmView['state'],
    title: said.title ?? say('alarm.plain', { key: row.key }),
    cause: said.cause ?? say('alarm.no-cause'),
    action: said.action ?? say('alarm.no-action'),
    owner: row.owner,
    source: row.source,
    providerId: row.provider_id,
    partnerId: row.subject,
    imsi: row.imsi,
    raisedAt: row.raised_at.getTime(),
    lastAt: row.last_at.getTime(),
    count: row.count,
    acknowledgedAt: row.acknowledged_at?.getTime() ?? null,
    clearedAt: row.cleared_at?.getTime() ?? null,
    note: row.note,
  }
}

export async function readStanding(store: Db): Promise<AlarmView[]> {
  const { rows } = await store.query<AlarmRow>(`SELECT * FROM alarm WHERE state <> 'cleared' ORDER BY id DESC LIMIT 1000`)
  return rows.map(alarmOf)
}

export async function selectAlarm(tx: Tx, id: string): Promise<AlarmRow | undefined> {
  if (!isUuid(id)) return undefined
  const { rows } = await tx.query<AlarmRow>('SELECT * FROM alarm WHERE id = $1 FOR UPDATE', [id])
  return rows[0]
}

/** Adds `reports` to the standing alarm of that key, or inserts it; returns the id that stands. */
export async function insertOrCount(store: Db, alarm: AlarmView, reports: number): Promise<string> {
  const { kind, title, cause, action } = alarm
  const { rows } = await store.query<{ id: string }>(
    `INSERT INTO alarm (id, provider_id, key, severity, source, subject, imsi, cause, what_to_do, count, raised_at, last_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (key) WHERE state <> 'cleared' DO UPDATE SET count = alarm.count + $13, last_at = excluded.last_at, cause = excluded.cause
     RETURNING id`,
    [
      alarm.id,
      alarm.providerId,
      alarm.key,
      alarm.severity,
      alarm.source,
      alarm.partnerId,
      alarm.imsi,
      toJson({ kind, title, cause, action }),
      action.key,
      alarm.count,
      new Date(alarm.raisedAt),
      new Date(alarm.lastAt),
      reports,
    ],
    { priority: 'job' },
  )
  return rows[0]?.id ?? alarm.id
}
