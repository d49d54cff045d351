import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { BoundedQueue } from '#core/queue.ts'
import { type Db, toJson } from '#store/db.ts'
import type { SubjectKeys } from '#store/subject-keys.ts'
import type { SignalEvent } from './ports.ts'

export interface SignalWriterOptions {
  store: Db
  /** Absent: octets that belong to a subject are not kept at all, rather than in the clear. */
  subjects: SubjectKeys | undefined
  clock: Clock
  log: Logger
  /** Rows of note, and ordinary ones, written per second; the rest is counted only. */
  rowsPerSecond: number
  samplesPerSecond: number
}

export interface SignalWriter {
  /** Takes the event for a row if the rate allows. Never throws. */
  offer(event: SignalEvent): void
  readonly counts: { written: number; unrowed: number; lost: number }
  /** Writes what waits. */
  flush(): Promise<void>
  close(): Promise<void>
}

const flushEveryMs = 250
const rowsPerInsert = 100
/** Octets are sealed per subject, which costs a look-up of its key: past this rate rows go without them. */
const sealedPerSecond = 50
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const columns = [
  'id',
  'at',
  'interface',
  'operation',
  'direction',
  'peer_id',
  'partner_id',
  'origin_host',
  'origin_realm',
  'visited_plmn',
  'imsi',
  'provider_id',
  'class',
  'action',
  'reason',
  'rule_id',
  'facts',
  'shadow',
  'alert',
  'result_code',
  'latency_ms',
  'held_ms',
  'vectors',
  'subject_id',
  'request',
  'answer',
] as const

/** A message of note: refused, dropped, held, alarmed, or passed though a rule that does not act was against it. */
function isOfNote(event: SignalEvent): boolean {
  return event.action !== 'allow' || event.alert || event.shadow.length > 0 || event.heldMs > 0 || event.direction === 'out'
}

/** Writes judged messages in the background, some hundred in one statement, within a rate. */
export function createSignalWriter(options: SignalWriterOptions): SignalWriter {
  const { clock, log } = options
  const queue = new BoundedQueue<SignalEvent>(limits.events.pendingRows)
  const counts = { written: 0, unrowed: 0, lost: 0 }
  const ofNote = createRate(clock, options.rowsPerSecond)
  const samples = createRate(clock, options.samplesPerSecond)
  const seals = createRate(clock, sealedPerSecond)
  let timer: Timer | undefined
  let running: Promise<void> = Promise.resolve()
  let isClosed = false

  const flush = (): Promise<void> => {
    running = running.then(async () => {
      while (queue.size > 0) {
        const batch = take(queue, rowsPerInsert)
        try {
          await insert(options, batch, seals)
          counts.written += batch.length
        } catch (error) {
          counts.lost += batch.length
          log.warn({ err: error, rows: batch.length }, 'judged messages could not be written; they stay counted')
        }
      }
    })
    return running
  }
  const tick = (): void => {
    if (isClosed) return
    void flush().then(() => {
      if (!isClosed) timer = clock.after(flushEveryMs, tick)
    })
  }
  timer = clock.after(flushEveryMs, tick)

  return {
    counts,
    offer(event) {
      if (!(isOfNote(event) ? ofNote() : samples())) counts.unrowed += 1
      else if (!queue.push(event)) counts.lost += 1
    },
    flush,
    async close() {
      isClosed = true
      timer?.cancel()
      await flush()
    },
  }
}

/** True at most `perSecond` times in each second of the clock. */
function createRate(clock: Clock, perSecond: number): () => boolean {
  let second = -1
  let used = 0
  return () => {
    const now = Math.floor(clock.monotonicMs() / 1_000)
    if (now !== second) {
      second = now
      used = 0
    }
    used += 1
    return used <= perSecond
  }
}

function take(queue: BoundedQueue<SignalEvent>, count: number): SignalEvent[] {
  const batch: SignalEvent[] = []
  while (batch.length < count) {
    const event = queue.shift()
    if (event === undefined) break
    batch.push(event)
  }
  return batch
}

interface Octets {
  subjectId: string | null
  request: Buffer | null
  answer: Buffer | null
}

async function insert(options: SignalWriterOptions, batch: readonly SignalEvent[], seals: () => boolean): Promise<void> {
  const params: unknown[] = []
  const rows: string[] = []
  for (const event of batch) {
    const octets = await sealOctets(options, event, seals)
    const values = valuesOf(event, octets)
    rows.push(`(${values.map((_, i) => `$${params.length + i + 1}`).join(',')})`)
    params.push(...values)
  }
  await options.store.query(`INSERT INTO signal_event (${columns.join(',')}) VALUES ${rows.join(',')} ON CONFLICT DO NOTHING`, params, {
    priority: 'job',
  })
}

function valuesOf(event: SignalEvent, octets: Octets): unknown[] {
  const idOrNull = (id: string | null): string | null => (id !== null && uuid.test(id) ? id : null)
  return [
    event.id,
    new Date(event.at),
    event.interface,
    event.operation,
    event.direction,
    event.peerId,
    idOrNull(event.partnerId),
    event.originHost,
    event.originRealm,
    event.visitedPlmn,
    event.imsi,
    idOrNull(event.providerId),
    event.class,
    event.action,
    event.reason,
    event.ruleId,
    toJson(event.facts),
    toJson(event.shadow),
    event.alert,
    event.resultCode,
    event.latencyMs,
    event.heldMs,
    event.vectors,
    octets.subjectId,
    octets.request,
    octets.answer,
  ]
}

/** Octets carry the subject's identities: they are sealed under the subject's key, so that erasure reaches them. */
async function sealOctets({ subjects }: SignalWriterOptions, event: SignalEvent, seals: () => boolean): Promise<Octets> {
  const none: Octets = { subjectId: null, request: null, answer: null }
  if (event.request === null && event.answer === null) return none
  const plain = (octets: Uint8Array | null): Buffer | null => (octets === null ? null : Buffer.from(octets))
  if (event.imsi === null) return { subjectId: null, request: plain(event.request), answer: plain(event.answer) }
  if (subjects === undefined || !seals()) return none
  const providerId = event.providerId !== null && uuid.test(event.providerId) ? event.providerId : null
  const subjectId = await subjects.subjectFor({ kind: 'sim', identifier: event.imsi, providerId })
  const seal = (name: string, octets: Uint8Array | null) =>
    octets === null ? null : subjects.seal(subjectId, `signal:${event.id}:${name}`, octets)
  return { subjectId, request: await seal('request', event.request), answer: await seal('answer', event.answer) }
}

/** Opens what the writer sealed; null where nothing was kept or the key is erased. */
export async function openOctets(
  subjects: SubjectKeys | undefined,
  row: { id: string; subject_id: string | null; request: Buffer | null; answer: Buffer | null },
): Promise<{ request: Uint8Array | null; answer: Uint8Array | null }> {
  const { subject_id: subjectId } = row
  if (subjectId === null) return { request: row.request, answer: row.answer }
  if (subjects === undefined) return { request: null, answer: null }
  const open = async (name: string, sealed: Buffer | null) =>
    sealed === null ? null : await subjects.open(subjectId, `signal:${row.id}:${name}`, sealed)
  return { request: await open('request', row.request), answer: await open('answer', row.answer) }
}
