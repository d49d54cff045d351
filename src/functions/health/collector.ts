import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { BoundedQueue } from '#core/queue.ts'
import type { NoticePort } from '#platform/notice.ts'
import { isUuid } from '#platform/page.ts'
import type { NetworkDirectory, SignalEvent } from '#platform/ports.ts'
import { type Db, isStoreUnavailable } from '#store/db.ts'
import { Attempts, type Ended } from './attempts.ts'
import { Counters } from './counters.ts'
import { changeOf, isNews, lockedOut } from './equipment.ts'
import { type Member, readMembers } from './members.ts'
import { networksOnRecord } from './networks.ts'
import { concernOf, outcomeOf } from './outcome.ts'
import {
  type EquipmentChange,
  type HourCount,
  type SimCount,
  writeAvailability,
  writeChanges,
  writeHours,
  writeSeen,
  writeSims,
} from './write.ts'

export interface CollectorOptions {
  store: Db
  network: NetworkDirectory
  /** Our own network. */
  own: string
  clock: Clock
  log: Logger
  /** Told of a device that changed; absent where nobody passes it on. */
  notices(): NoticePort | undefined
}

/** Counts judged messages for the providers' pages: nothing but counting while they pass, the store in the background. */
export interface Collector {
  note(event: SignalEvent): void
  /** Writes what waits. */
  flush(): Promise<void>
  /** What was left out because too much waited. */
  dropped(): number
  close(): Promise<void>
}

const flushEveryMs = 5_000
const chunk = limits.store.chunkRows

export function createCollector(options: CollectorOptions): Collector {
  const { clock, log } = options
  const networks = networksOnRecord(options.network, options.own)
  const waiting: Waiting = {
    hours: new Counters<HourCount>(limits.health.counters),
    sims: new Counters<SimCount>(limits.health.counters),
    locks: new Counters<EquipmentChange>(limits.health.counters),
    ended: new BoundedQueue<Ended>(limits.health.waiting),
    dropped: 0,
  }
  const attempts = new Attempts()
  let timer: Timer | undefined
  let isClosed = false
  let running: Promise<void> = Promise.resolve()
  const flush = (): Promise<void> => {
    running = running.then(async () => {
      for (const ended of attempts.sweep(clock.now())) queue(waiting, ended)
      try {
        await writeAll(options, waiting, networks.isProven)
      } catch (error) {
        if (isStoreUnavailable(error)) log.debug({ err: error }, 'counts of health wait for the store')
        else log.warn({ err: error }, 'counts of health could not be written; they are tried again')
      }
    })
    return running
  }
  const arm = (): void => {
    if (!isClosed)
      timer = clock.after(flushEveryMs, () => {
        void flush().then(arm)
      })
  }
  arm()
  return {
    note(event) {
      if (event.providerId === null || !isUuid(event.providerId)) return
      const plmn = networks.known(event.visitedPlmn)
      noteConcern(waiting, event, plmn)
      const outcome = outcomeOf(event)
      const ended = outcome === null ? null : attempts.note({ ...outcome, plmn })
      if (ended !== null) queue(waiting, ended)
    },
    flush,
    dropped: () => waiting.dropped + waiting.hours.dropped + waiting.sims.dropped + waiting.locks.dropped,
    async close() {
      isClosed = true
      timer?.cancel()
      networks.close()
      await flush()
    },
  }
}

interface Waiting {
  hours: Counters<HourCount>
  sims: Counters<SimCount>
  locks: Counters<EquipmentChange>
  ended: BoundedQueue<Ended>
  dropped: number
}

function queue(waiting: Waiting, ended: Ended): void {
  if (!waiting.ended.push(ended)) waiting.dropped += 1
}

const hourMs = 3_600_000
const dayMs = 86_400_000

function noteConcern({ hours, sims, locks }: Waiting, event: SignalEvent, plmn: string): void {
  const concern = concernOf(event)
  const { providerId, imsi, at } = event
  if (concern === null || providerId === null) return
  const { kind, reason, ruleId } = concern
  hours.add(`${providerId} ${Math.floor(at / hourMs)} ${kind} ${reason} ${ruleId} ${plmn}`, at, () => ({
    ...{ providerId, at, kind, reason, ruleId, plmn },
    ...{ count: 1, lastAt: at },
  }))
  if (imsi === null) return
  const simKind = kind === 'refused' ? 'refused' : 'attack'
  sims.add(`${providerId} ${Math.floor(at / dayMs)} ${simKind} ${reason} ${imsi}`, at, () => ({
    ...{ providerId, kind: simKind, at, reason, imsi },
    ...{ count: 1, lastAt: at },
  }))
  const locked = lockedOut(event)
  if (locked !== null) locks.add(`${imsi} ${Math.floor(at / dayMs)} ${locked.to}`, at, () => ({ ...locked, plmn }))
}

async function writeAll(options: CollectorOptions, waiting: Waiting, isProven: (member: Member) => boolean): Promise<void> {
  const { store } = options
  const asJob = { query: <R>(sql: string, params?: readonly unknown[]) => store.query<R>(sql, params, { priority: 'job' }) }
  await drain(waiting.hours, (rows) => writeHours(asJob, rows))
  await drain(waiting.sims, (rows) => writeSims(asJob, rows))
  await drain(waiting.locks, (rows) => writeChanges(asJob, rows))
  while (waiting.ended.size > 0) {
    const ended = takeEnded(waiting.ended)
    try {
      await writeEnded(options, ended, isProven)
    } catch (error) {
      for (const one of ended) queue(waiting, one)
      throw error
    }
  }
}

async function drain<T extends { count: number; lastAt: number }>(
  counters: Counters<T>,
  write: (rows: T[]) => Promise<void>,
): Promise<void> {
  for (;;) {
    const taken = counters.take(chunk)
    if (taken.length === 0) return
    try {
      await write(taken.map(([, row]) => row))
    } catch (error) {
      counters.putBack(taken)
      throw error
    }
  }
}

function takeEnded(queue: BoundedQueue<Ended>): Ended[] {
  const taken: Ended[] = []
  while (taken.length < chunk) {
    const one = queue.shift()
    if (one === undefined) break
    taken.push(one)
  }
  return taken
}

/** Which SIMs these are is asked once for a thousand; what is counted and what was seen of their devices goes in together. */
async function writeEnded(
  { store, notices }: CollectorOptions,
  ended: readonly Ended[],
  isProven: (member: Member) => boolean,
): Promise<void> {
  const members = await readMembers(store, [...new Set(ended.map(({ imsi }) => imsi))])
  const registered = [...new Set(ended.filter(({ how }) => how === 'gotIn').map(({ imsi }) => imsi))].flatMap(
    (imsi) => members.get(imsi) ?? [],
  )
  const changes = registered.flatMap((member) => changeOf(member) ?? [])
  await store.transaction(
    async (tx) => {
      await writeAvailability(tx, ended, (imsi) => members.get(imsi))
      await writeChanges(tx, changes)
      await writeSeen(tx, registered.filter(isNews), isProven)
    },
    { priority: 'job' },
  )
  const port = notices()
  for (const { imsi, providerId, from, to } of changes) {
    const id = members.get(imsi)?.subscriptionId
    if (id !== undefined) port?.publish({ type: 'sim.imei-changed', providerId, subject: { kind: 'sim', id }, data: { imsi, from, to } })
  }
}
