import type { Clock, Timer } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import type { Notice, NoticeFeed, NoticePort } from '#platform/notice.ts'
import { type Db, isStoreUnavailable, type StoreLog } from '#store/db.ts'
import { notedChannel } from './placing.ts'
import { insertNotices, type NoticeDraft, type NoticeRow, noticeColumns, noticeOf } from './rows.ts'

interface Options {
  db: Db
  clock: Clock
  log: StoreLog
  newId(): string
}

/** After a store that was away, published notices are tried again this often. */
const againMs = 1_000

/** Writes notices: in the caller's transaction, or by itself in the background. */
export function createNoticePort({ db, clock, log, newId }: Options): NoticePort & { close(): Promise<void> } {
  const waiting: NoticeDraft[] = []
  let writing: Promise<void> | undefined
  let timer: Timer | undefined
  let lost = 0
  let isClosed = false

  const draftOf = (notice: Notice): NoticeDraft => ({ ...notice, id: newId(), at: new Date(clock.now()) })

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, limits.notices.placedPerStep)
      try {
        await db.transaction(
          async (tx) => {
            await insertNotices(tx, batch)
            await tx.notify(notedChannel, '')
          },
          { priority: 'portal' },
        )
        waiting.splice(0, batch.length)
      } catch (error) {
        if (isStoreUnavailable(error)) {
          if (isClosed) return
          timer ??= clock.after(againMs, () => {
            timer = undefined
            soon()
          })
          return
        }
        // Waiting for these would keep all later ones.
        waiting.splice(0, batch.length)
        log.error({ because: String(error), notices: batch.length }, 'notices could not be written')
      }
    }
  }
  function soon(): void {
    writing ??= Promise.resolve()
      .then(flush)
      .finally(() => {
        writing = undefined
        if (waiting.length > 0 && timer === undefined) soon()
      })
  }

  return {
    async note(tx, ...notices) {
      if (notices.length === 0) return
      await insertNotices(tx, notices.map(draftOf))
      await tx.notify(notedChannel, '')
    },
    publish(notice) {
      if (waiting.length >= limits.notices.waiting) {
        lost += 1
        if (lost % 1_000 === 1) log.warn({ lost }, 'more notices than can be written: the newest are left out')
        return
      }
      waiting.push(draftOf(notice))
      soon()
    },
    async close() {
      isClosed = true
      timer?.cancel()
      await writing
      await flush()
    },
  }
}

/** Reads notices in their places, as each scope may see them. */
export function createNoticeFeed(db: Db): NoticeFeed & { placed(): void } {
  const listeners = new Set<() => void>()
  const newest = async (): Promise<number> => {
    const { rows } = await db.query<{ last: bigint }>('SELECT last FROM notice_place', [], { priority: 'portal' })
    return Number(rows[0]?.last ?? 0)
  }
  return {
    newest,
    async after(scope, position, { types, limit }) {
      // Read first: whatever is placed after it is left for the next call.
      const until = await newest()
      if (until <= position || types.length === 0) return { notices: [], position: Math.max(position, until) }
      const { rows } = await db
        .asTenant(scope)
        .query<NoticeRow>(
          `SELECT ${noticeColumns} FROM notice WHERE seq > $1 AND seq <= $2 AND type = ANY ($3::text[]) ORDER BY seq LIMIT $4`,
          [position, until, types, limit],
        )
      const notices = rows.map(noticeOf)
      return { notices, position: notices.length < limit ? until : (notices.at(-1)?.seq ?? until) }
    },
    onPlaced(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    placed() {
      for (const listener of listeners) listener()
    },
  }
}
