import type { Db } from '#store/db.ts'
import type { Ports } from '../ports.ts'

export interface Health {
  status: 'ok' | 'degraded' | 'down'
  store: { ok: boolean; engine: string; latencyMs: number | null }
  links: { open: number; configured: number } | null
  ledger: { ok: boolean | null; verifiedAt: number | null } | null
}

/** Measures the store's round trip; never rejects. */
export async function storeLatency(store: Db, monotonicMs: () => number): Promise<number | null> {
  const before = monotonicMs()
  try {
    await store.query('SELECT 1', [], { priority: 'portal' })
    return Math.max(0, monotonicMs() - before)
  } catch {
    return null
  }
}

/** Down: nothing can be served. Degraded: no link is open though some are configured, or the ledger does not verify. */
export async function healthOf(ports: Readonly<Partial<Ports>>, monotonicMs: () => number): Promise<Health> {
  const latencyMs = ports.store === undefined ? null : await storeLatency(ports.store, monotonicMs)
  const states = ports.links?.links()
  const links = states === undefined ? null : { open: states.filter(({ up }) => up).length, configured: states.length }
  const verification = ports.ledgerStatus?.verification()
  const ledger = ports.ledgerStatus === undefined ? null : { ok: verification?.ok ?? null, verifiedAt: verification?.at ?? null }
  const isDegraded = (links !== null && links.configured > 0 && links.open === 0) || ledger?.ok === false
  return {
    status: latencyMs === null ? 'down' : isDegraded ? 'degraded' : 'ok',
    store: { ok: latencyMs !== null, engine: ports.store?.engine ?? 'none', latencyMs },
    links,
    ledger,
  }
}
