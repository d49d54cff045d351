import type { Selectable } from 'kysely'
import type { Clock } from '#core/clock.ts'
import type { CheckResult, Status } from '#platform/control.ts'
import type { Evidence } from '#platform/http/schemas/controls.ts'
import { isUuid } from '#platform/page.ts'
import { type Message, say } from '#platform/text.ts'
import { type Db, type TenantDb, toJson } from '#store/db.ts'
import type { Tables } from '#store/tables.ts'

/** A status that stays the same is written again this often, so that its evidence does not look forgotten. */
const repeatMs = 600_000
const shown = 100

/** What proves a control or speaks against it, as rows. What is unknown proves nothing and leaves none. */
export function createEvidence(options: { store: Db; clock: Clock; newId(): string; onError(error: unknown): void }) {
  const { store, clock, newId, onError } = options
  const writtenAt = new Map<string, number>()
  let running: Promise<void> = Promise.resolve()
  return {
    /** Never blocks. */
    note(controlId: string, result: CheckResult, changed: boolean): void {
      const outcome = outcomeOf(result.status)
      const now = clock.now()
      if (outcome === null || (!changed && now - (writtenAt.get(controlId) ?? Number.NEGATIVE_INFINITY) < repeatMs)) return
      writtenAt.set(controlId, now)
      const signalId = result.signalId ?? null
      running = running.then(async () => {
        await store.query(
          `INSERT INTO control_evidence (id, control_id, at, outcome, source_class, says, body, signal_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [
            newId(),
            controlId,
            new Date(now),
            outcome,
            result.sourceClass ?? 'observed-in-line',
            result.because.key,
            toJson({ status: result.status, params: result.because.params, evidenceAt: result.evidenceAt }),
            signalId !== null && isUuid(signalId) ? signalId : null,
          ],
          { priority: 'job' },
        )
      })
      running = running.catch(onError)
    },
    settled: (): Promise<void> => running,
  }
}

function outcomeOf(status: Status): 'pass' | 'fail' | null {
  if (status === 'met' || status === 'attested' || status === 'offered') return 'pass'
  return status === 'not-met' ? 'fail' : null
}

/** Newest first. */
export async function readEvidence(db: TenantDb, controlId: string): Promise<Evidence[]> {
  const { rows } = await db.query<Selectable<Tables['control_evidence']>>(
    'SELECT * FROM control_evidence WHERE control_id = $1 ORDER BY at DESC, id DESC LIMIT $2',
    [controlId, shown],
  )
  return rows.map((row) => {
    const body = row.body as { status?: Status; params?: Message['params'] }
    return {
      id: row.id,
      at: row.at.getTime(),
      status: body.status ?? (row.outcome === 'pass' ? 'met' : 'not-met'),
      sourceClass: row.source_class as Evidence['sourceClass'],
      because: say(row.says, body.params ?? {}),
      signalId: row.signal_id,
    }
  })
}
