import type { SignalRow } from '#platform/http/schemas/signals.ts'
import type { TimelineItem } from '#platform/http/schemas/sims.ts'
import { decodeCursor, encodeCursor, isUuid, type Page, pageLimit } from '#platform/page.ts'
import type { Ports } from '#platform/ports.ts'
import type { SignalHistory, SignalSummary } from '#platform/recorder.ts'
import { listSignals } from '#platform/signal-query.ts'
import type { TenantDb } from '#store/db.ts'
import { actionNames } from './action-store.ts'
import type { DetailRow } from './detail.ts'

interface LedgerRow {
  id: string
  at: Date
  kind: string
  actor: string
  body: Record<string, unknown>
}

/** Signalling, policy and people in one line, newest first. Ids of all of them rise with time, so one cursor serves. */
export async function timelineOf(
  row: DetailRow,
  at: { db: TenantDb; history: SignalHistory; ports: Readonly<Partial<Ports>>; now: number; cursor?: string; limit?: number },
): Promise<Page<TimelineItem>> {
  const { db, history, now } = at
  const limit = pageLimit(at.limit)
  const [before = null] = decodeCursor(at.cursor, 1) ?? []
  const beforeId = typeof before === 'string' && isUuid(before) ? before : undefined
  const signals = await listSignals({
    history,
    db,
    now,
    filter: `imsi:${row.imsi}`,
    limit: Math.min(200, limit + 1),
    ...(beforeId === undefined ? {} : { cursor: encodeCursor([beforeId]) }),
  })
  const entries = await ledgerEntries(db, at.ports, row, beforeId, limit + 1)
  const merged = [...signals.items.map(signalItem), ...entries.map(ledgerItem)].toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const page = merged.slice(0, limit)
  const isMore = merged.length > limit || signals.next !== null
  const last = page.at(-1)
  const from = isMore && last !== undefined ? last.at : Number.NEGATIVE_INFINITY
  const to = beforeId === undefined ? Number.POSITIVE_INFINITY : timeOfId(beforeId)
  const imposed = row.imposed.filter(({ since }) => since >= from && since < to).map((state) => imposedItem(state))
  const items = [...page, ...imposed].toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
  const names = await actionNames(
    db,
    items.map(({ by }) => by ?? ''),
  )
  return {
    items: items.map((item) => ({ ...item, byName: names.get(item.by ?? '') ?? null })),
    next: isMore && last !== undefined ? encodeCursor([last.id]) : null,
    count: signals.count,
  }
}

async function ledgerEntries(
  db: TenantDb,
  ports: Readonly<Partial<Ports>>,
  row: DetailRow,
  beforeId: string | undefined,
  limit: number,
): Promise<LedgerRow[]> {
  const subjectId = (await ports.subjects?.find('sim', row.imsi)) ?? null
  if (subjectId === null) return []
  const { rows } = await db.query<LedgerRow>(
    `SELECT id, at, kind, actor, body FROM ledger_entry
      WHERE subject_id = $1 AND ($2::uuid IS NULL OR id < $2::uuid) ORDER BY id DESC LIMIT $3`,
    [subjectId, beforeId ?? null, limit],
  )
  return rows
}

function signalItem(summary: SignalSummary): TimelineItem {
  const signal: SignalRow = {
    ...summary,
    facts: summary.facts.map((fact) => ({ ...fact })),
    shadow: summary.shadow.map((entry) => ({ ...entry })),
  }
  return { id: signal.id, at: signal.at, lane: 'signalling', key: null, params: {}, signal, by: null, byName: null }
}

/** What a person did stands in the people's lane, what a control or function did in the policy's: persons are UUIDs. */
function ledgerItem({ id, at, kind, actor, body }: LedgerRow): TimelineItem {
  const params: TimelineItem['params'] = {}
  for (const [name, value] of Object.entries(body))
    if (value === null || typeof value === 'string' || typeof value === 'number') params[name] = value
  return {
    id,
    at: at.getTime(),
    lane: isUuid(actor) ? 'people' : 'policy',
    key: `timeline.${kind}`,
    params,
    signal: null,
    by: actor,
    byName: null,
  }
}

function imposedItem({ reason, by, since, note }: DetailRow['imposed'][number]): TimelineItem {
  const lane = isUuid(by) ? 'people' : 'policy'
  return {
    id: `imposed-${reason}-${since}`,
    at: since,
    lane,
    key: 'timeline.imposed',
    params: { reason, by, note },
    signal: null,
    by,
    byName: null,
  }
}

/** The first 48 bits of a version 7 UUID are its time. */
function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
