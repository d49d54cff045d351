import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { Clock } from '#core/clock.ts'
import { limits } from '#core/limits.ts'
import { LruMap } from '#core/lru.ts'
import type { Ports } from '../ports.ts'
import type { Identity } from '../session.ts'
import type { Operation } from './operation.ts'

export interface Denials {
  /** Never blocks, never throws. */
  note(operation: Operation, identity: Identity | null, denied: { code: string; address: string }): void
}

/** Answers that ask for something that the person then does: no denial. */
const prompts: ReadonlySet<string> = new Set(['step-up-needed', 'enrol-passkey'])

/**
 * What signed-in people and clients tried and may not (ASVS 5.0 16.3.2): counted always, and an attempt to change something
 * stands in the ledger, once a minute for each person and operation.
 */
export function createDenials(options: { clock: Clock; log: Logger; registry: Registry; ports: Readonly<Partial<Ports>> }): Denials {
  const { clock, log, registry, ports } = options
  const counted = new Counter({
    name: 'simward_requests_denied_total',
    help: 'Requests of signed-in people and clients that were refused, by operation and reason',
    labelNames: ['operation', 'code'],
    registers: [registry],
  })
  const written = new LruMap<string, number>(limits.http.addressesCounted)
  return {
    note({ id, method }, identity, { code, address }) {
      if (identity === null || prompts.has(code)) return
      counted.inc({ operation: id, code })
      if (method === 'GET') return
      const key = `${identity.personId} ${id} ${code}`
      const now = clock.monotonicMs()
      if (now - (written.get(key) ?? Number.NEGATIVE_INFINITY) < 60_000) return
      written.set(key, now)
      ports.ledger
        ?.append({
          kind: 'access-denied',
          actor: identity.personId,
          providerId: identity.providerId,
          body: { operation: id, code, address },
        })
        .catch((error: unknown) => log.warn({ err: error, operation: id }, 'a denied request could not be brought into the ledger'))
    },
  }
}
