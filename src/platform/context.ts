import type { Logger } from 'pino'
import type { Clock } from '#core/clock.ts'

/** What every function gets. The raw database is not here: routes get tenant handles, functions their own store. */
export interface Context {
  clock: Clock
  log: Logger
  /** Time-ordered UUID. */
  newId(): string
}
