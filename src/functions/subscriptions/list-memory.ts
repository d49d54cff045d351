import { createHash } from 'node:crypto'
import type { RawBuilder } from 'kysely'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'
import type { Scope, TenantDb } from '#store/db.ts'

/** Statements that stay parsed on their connections; a filter of another shape is parsed anew each time. */
const shapes = 64
/** How long a count that reached the cap is taken to have stayed there. */
const cappedMs = 10_000

/** What the list of SIMs remembers between its pages, so that the first one of a million costs little. */
export class ListMemory {
  readonly #names = new Map<string, string>()
  readonly #capped = new LruMap<string, number>(limits.events.audiences)

  /** Runs a statement; one of a shape that was seen before is neither parsed nor planned again. */
  async run<R>(db: TenantDb, statement: RawBuilder<R>): Promise<R[]> {
    const { sql, parameters } = statement.compile(db.kysely)
    const prepare = this.#nameOf(sql)
    return (await db.query<R>(sql, parameters, prepare === undefined ? {} : { prepare })).rows
  }

  /** Counting to the cap again and again says nothing new: more than enough stays so for a while. */
  isCapped(scope: Scope, filter: string, now: number): boolean {
    const at = this.#capped.get(keyOf(scope, filter))
    return at !== undefined && now - at < cappedMs
  }

  noteCapped(scope: Scope, filter: string, now: number): void {
    this.#capped.set(keyOf(scope, filter), now)
  }

  #nameOf(sql: string): string | undefined {
    const known = this.#names.get(sql)
    if (known !== undefined || this.#names.size >= shapes) return known
    const name = `sims-${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`
    this.#names.set(sql, name)
    return name
  }
}

function keyOf(scope: Scope, filter: string): string {
  return `${'operator' in scope ? 'operator' : scope.providerId} ${filter}`
}
