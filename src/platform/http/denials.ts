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
  /** An answer that turned a request away before or instead of carrying it out; others are passed over. */
  noteRefused(status: number, request: { method: string; route: string; address: string }): void
}

/** Answers that ask for something that the person then does: no denial. */
const prompts: ReadonlySet<string> = new Set(['step-up-needed', 'enrol-passkey'])

/**
 * Statuses of what no honest client keeps sending: input that does not fit, nobody signed in, another site, too large, another
 * kind of body, another host name, too often.
 */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 413, 415, 421, 429])

/**
 * What signed-in people and clients tried and may not (ASVS 5.0 16.3.2): counted always, and an attempt to change something
 * stands in the ledger, once a minute for each person and operation. Whoever it was, what was refused for its form, its origin or
 * its rate is counted too, and logged once a minute for each address and status (16.3.3): a scan shows, and fills no disk.
 */
export function createDenials(options: { clock: Clock; log: Logger; registry: Registry; ports: Readonly<Partial<Ports>> }): Denials {
  const { clock, log, registry, ports } = options
  const counted = new Counter({
    name: 'simward_requests_denied_total',
    help: 'Requests of signed-in people and clients that were refused, by operation and reason',
    labelNames: ['operation', 'code'],
    registers: [registry],
  })
  const refused = new Counter({
    name: 'simward_requests_refused_total',
    help: 'Requests that were turned away, by status',
    labelNames: ['status'],
    registers: [registry],
  })
  const written = new LruMap<string, number>(limits.http.addressesCounted)
  const logged = new LruMap<string, number>(limits.http.addressesCounted)
  /** True once a minute for each key. */
  const isDue = (times: LruMap<string, number>, key: string): boolean => {
    const now = clock.monotonicMs()
    if (now - (times.get(key) ?? Number.NEGATIVE_INFINITY) < 60_000) return false
    times.set(key, now)
    return true
  }
  return {
    note({ id, method }, identity, { code, address }) {
      if (identity === null || prompts.has(code)) return
      counted.inc({ operation: id, code })
      if (method === 'GET') return
      if (!isDue(written, `${identity.personId} ${id} ${code}`)) return
      ports.ledger
        ?.append({
          kind: 'access-denied',
          actor: identity.personId,
          providerId: identity.providerId,
          body: { operation: id, code, address },
        })
        .catch((error: unknown) => log.warn({ err: error, operation: id }, 'a denied request could not be brought into the ledger'))
    },
    noteRefused(status, request) {
      if (!refusals.has(status)) return
      refused.inc({ status })
      if (isDue(logged, `${request.address} ${status}`)) log.info({ status, ...request }, 'requests of this address are refused')
    },
  }
}
