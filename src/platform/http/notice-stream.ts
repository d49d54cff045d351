import { limits } from '#core/limits.ts'
import type { Scope } from '#store/db.ts'
import type { NoticeFeed, PlacedNotice } from '../notice.ts'

/**
 * An event id of a stream with notices: what the hub's id says, `~`, and the place among the notices. A reader that comes
 * back with it misses no notice, however long it was away and whatever was started anew meanwhile.
 */
export function splitEventId(id: string | null): { hub: string | null; place: number | null } {
  const at = id?.indexOf('~') ?? -1
  if (id === null || at < 0) return { hub: id, place: null }
  const [hub, place] = [id.slice(0, at), id.slice(at + 1)]
  return { hub: hub === '' ? null : hub, place: /^\d{1,15}$/.test(place) ? Number(place) : null }
}

interface Options {
  feed: NoticeFeed
  scope: Scope
  types: readonly string[]
  /** Where to begin; null: with what comes from now on. */
  place: number | null
  /** False: the reader is slow. */
  write(text: string): boolean
  /** The feed could not be read: the stream ends, and its reader comes back by its last id. */
  end(): void
}

/** The notices of one stream, read from the table as fast as their reader takes them: nothing waits in memory. */
export class NoticeStream {
  readonly #options: Options
  readonly #stop: () => void
  #hubId = ''
  #place: number | null
  #isBlocked = false
  #isClosed = false
  #isWanted = false
  #reading = false

  constructor(options: Options) {
    this.#options = options
    this.#place = options.place
    this.#stop = options.feed.onPlaced(() => this.wake())
  }

  /** Puts this stream's place into the ids of what the hub writes. */
  stamp(text: string): string {
    return text.replace(/^id: (\S+)$/m, (_line, id: string) => {
      this.#hubId = id
      return `id: ${id}~${this.#place ?? ''}`
    })
  }

  wake(): void {
    this.#isWanted = true
    if (this.#reading || this.#isClosed) return
    this.#reading = true
    this.#read()
      .catch(() => {
        this.close()
        this.#options.end()
      })
      .finally(() => {
        this.#reading = false
        if (this.#isWanted && !this.#isBlocked) this.wake()
      })
  }

  drained(): void {
    this.#isBlocked = false
    if (this.#isWanted) this.wake()
  }

  close(): void {
    this.#isClosed = true
    this.#isWanted = false
    this.#stop()
  }

  async #read(): Promise<void> {
    const { feed, scope, types } = this.#options
    this.#place ??= await feed.newest()
    while (this.#isWanted && !this.#isBlocked && !this.#isClosed) {
      // Before the read, not after it: a call that comes meanwhile may tell of what this read no longer sees.
      this.#isWanted = false
      const { notices, position } = await feed.after(scope, this.#place, { types, limit: limits.notices.perRead })
      // A full page: there may be more.
      if (notices.length === limits.notices.perRead) this.#isWanted = true
      for (const notice of notices) {
        if (this.#isClosed) return
        this.#place = notice.seq
        // Whatever the socket says, what was read is written: it is bounded by one page.
        if (!this.#options.write(this.#textOf(notice))) this.#isBlocked = true
      }
      if (this.#isBlocked) this.#isWanted = true
      this.#place = position
    }
  }

  #textOf({ id, seq, at, type, providerId, subject, data }: PlacedNotice): string {
    const payload = { notice: { id, seq, at, type, organisation: providerId, subject, data } }
    return `id: ${this.#hubId}~${seq}\nevent: notices\ndata: ${JSON.stringify(payload)}\n\n`
  }
}
