import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { AlarmPort, AlarmReport, AlarmView, Severity } from '#platform/alarm.ts'
import type { Db, TenantDb } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'
import { type AlarmRow, alarmOf, insertOrCount, readStanding, selectAlarm } from './store.ts'

/** Who speaks, and from where. */
interface AlarmBy {
  personId: string
  name: string
  address: string
}

export interface AlarmBook extends AlarmPort {
  /** Tells of every alarm that was raised, taken, or cleared; not of one that only counted up. */
  onChange(listener: (alarm: AlarmView) => void): () => void
  /** Throws `alarm-unknown` (404) or `alarm-cleared` (409). */
  acknowledge(db: TenantDb, id: string, by: AlarmBy, note: string): Promise<AlarmView>
  clearById(db: TenantDb, id: string, by: AlarmBy, note: string): Promise<AlarmView>
  readonly dropped: number
  /** Writes what waits. */
  flush(): Promise<void>
  close(): Promise<void>
}

const writeEveryMs = 500
const order: readonly Severity[] = ['critical', 'major', 'minor', 'warning']

interface Standing {
  alarm: AlarmView
  /** Reports since the last write. */
  unwritten: number
  isNew: boolean
}

export interface AlarmBookOptions {
  store: Db
  ledger: Ledger
  clock: Clock
  log: Logger
  newId(): string
}

/** One standing alarm per key: reports of the same key count up. Standing ones are in memory, all are in the store. */
export async function createAlarmBook(options: AlarmBookOptions): Promise<AlarmBook> {
  const { store, clock, log, newId } = options
  const standing = new Map<string, Standing>((await readStanding(store)).map((alarm) => [alarm.key, { alarm, unwritten: 0, isNew: false }]))
  const listeners = new Set<(alarm: AlarmView) => void>()
  const cleared: { alarm: AlarmView; by: string }[] = []
  let dropped = 0
  let isClosed = false
  let running: Promise<void> = Promise.resolve()
  let timer: Timer | undefined
  const tell = (alarm: AlarmView): void => {
    for (const listener of listeners) listener(alarm)
  }
  const arm = (): void => {
    if (!isClosed) timer ??= clock.after(writeEveryMs, () => void flush())
  }
  const flush = (): Promise<void> => {
    timer?.cancel()
    timer = undefined
    running = running.then(() =>
      writeAll(store, standing, cleared).catch((error: unknown) => {
        log.warn({ err: error }, 'alarms could not be written; they stay in memory and are tried again')
        arm()
      }),
    )
    return running
  }
  const remember = (alarm: AlarmView): void => {
    const known = standing.get(alarm.key)
    if (alarm.state === 'cleared') standing.delete(alarm.key)
    else standing.set(alarm.key, { alarm, unwritten: known?.unwritten ?? 0, isNew: known?.isNew ?? false })
    tell(alarm)
  }
  return {
    get dropped() {
      return dropped
    },
    standing: () => [...standing.values()].map(({ alarm }) => alarm).toSorted(worstFirst),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    raise(report) {
      const known = standing.get(report.key)
      if (known === undefined && standing.size >= limits.alarms.standing) {
        dropped += 1
        return
      }
      const now = clock.now()
      const alarm =
        known === undefined
          ? raised(report, newId(), now)
          : { ...known.alarm, lastAt: now, count: known.alarm.count + 1, cause: report.cause }
      standing.set(report.key, { alarm, unwritten: (known?.unwritten ?? 0) + 1, isNew: known === undefined || known.isNew })
      if (known === undefined) tell(alarm)
      arm()
    },
    clear(key, by) {
      const known = standing.get(key)
      if (known === undefined) return
      standing.delete(key)
      const alarm: AlarmView = { ...known.alarm, state: 'cleared', clearedAt: clock.now() }
      cleared.push({ alarm, by })
      tell(alarm)
      arm()
    },
    async acknowledge(db, id, by, note) {
      await flush()
      return await change(options, db, { id, by, note, state: 'acknowledged' }, remember)
    },
    async clearById(db, id, by, note) {
      await flush()
      return await change(options, db, { id, by, note, state: 'cleared' }, remember)
    },
    flush,
    async close() {
      isClosed = true
      timer?.cancel()
      await flush()
    },
  }
}

function raised(report: AlarmReport, id: string, now: number): AlarmView {
  return {
    id,
    key: report.key,
    kind: report.kind,
    severity: report.severity,
    state: 'raised',
    title: report.title,
    cause: report.cause,
    action: report.action,
    owner: null,
    source: report.source,
    providerId: report.providerId ?? null,
    partnerId: report.partnerId ?? null,
    imsi: report.imsi ?? null,
    raisedAt: now,
    lastAt: now,
    count: 1,
    acknowledgedAt: null,
    clearedAt: null,
    note: null,
  }
}

async function writeAll(store: Db, standing: Map<string, Standing>, cleared: { alarm: AlarmView; by: string }[]): Promise<void> {
  for (const [key, entry] of standing) {
    const { unwritten, alarm } = entry
    if (unwritten === 0) continue
    // Another process may have raised the same one first: its id stands.
    const id = await insertOrCount(store, alarm, unwritten)
    const now = standing.get(key)
    if (now !== undefined) standing.set(key, { alarm: { ...now.alarm, id }, unwritten: now.unwritten - unwritten, isNew: false })
  }
  for (let next = cleared[0]; next !== undefined; next = cleared[0]) {
    const { alarm, by } = next
    await insertOrCount(store, { ...alarm, state: 'raised' }, 0)
    await store.query(
      `UPDATE alarm SET state = 'cleared', cleared_at = $2, cleared_by = $3, last_at = $4 WHERE key = $1 AND state <> 'cleared'`,
      [alarm.key, new Date(alarm.clearedAt ?? alarm.lastAt), by, new Date(alarm.lastAt)],
      { priority: 'job' },
    )
    cleared.shift()
  }
}

interface PersonsChange {
  id: string
  by: AlarmBy
  note: string
  state: 'acknowledged' | 'cleared'
}

/** A person's word goes into the ledger in the same transaction. */
async function change(
  options: AlarmBookOptions,
  db: TenantDb,
  wanted: PersonsChange,
  remember: (alarm: AlarmView) => void,
): Promise<AlarmView> {
  const { ledger, clock } = options
  const { id, by, note, state } = wanted
  const now = new Date(clock.now())
  const alarm = await ledger.record(
    async (tx, write) => {
      const row = await selectAlarm(tx, id)
      if (row === undefined) throw new OperationError('alarm-unknown', 404, `there is no alarm ${id}`)
      if (row.state === 'cleared') throw new OperationError('alarm-cleared', 409, 'this alarm is cleared already')
      const columns =
        state === 'acknowledged' ? 'acknowledged_at = $2, acknowledged_by = $3, owner = $3' : 'cleared_at = $2, cleared_by = $3'
      const { rows } = await tx.query<AlarmRow>(`UPDATE alarm SET state = $4, ${columns}, note = $5 WHERE id = $1 RETURNING *`, [
        id,
        now,
        by.name,
        state,
        note === '' ? row.note : note,
      ])
      write({
        kind: `alarm-${state}`,
        actor: by.personId,
        providerId: row.provider_id,
        body: { alarmId: id, key: row.key, reason: note, address: by.address },
      })
      return alarmOf(rows[0] ?? row)
    },
    { scope: db.scope },
  )
  remember(alarm)
  return alarm
}

function worstFirst(a: AlarmView, b: AlarmView): number {
  return (
    Number(a.state === 'acknowledged') - Number(b.state === 'acknowledged') ||
    order.indexOf(a.severity) - order.indexOf(b.severity) ||
    b.raisedAt - a.raisedAt
  )
}
