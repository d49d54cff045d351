import type { Clock, Timer } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import type { Db, StoreLog, Tx } from './db.ts'

/** The right to reserve sequence numbers for one partition of IMSIs, while `isHeld()`. */
export interface PartitionLease {
  readonly partition: string
  /** Rises with every change of owner. */
  readonly epoch: bigint
  /** False once the lease may have run out here, even if the store has not given it away yet. */
  isHeld(): boolean
}

export interface PartitionLeases {
  /** The lease, now and until released or lost; null while another process holds it. */
  acquire(partition: string): Promise<PartitionLease | null>
  /** The lease that this process holds, if it does. */
  held(partition: string): PartitionLease | null
  release(partition: string): Promise<void>
  /** Releases everything; the next process need not wait. */
  close(): Promise<void>
}

export interface PartitionLeaseOptions {
  db: Db
  clock: Clock
  log: StoreLog
  /** Unique to this process, for example node name and start id. */
  owner: string
  /** How long a dead owner keeps others out. */
  ttlMs: number
  onLost?: (partition: string) => void
}

interface Held {
  lease: PartitionLease
  /** Monotonic time until which the store cannot have given it to another. */
  until: number
  timer: Timer | undefined
}

// The store's own clock decides, so that nodes need not agree on the time.
const takeOver = `
  INSERT INTO partition_lease (partition, owner, epoch, expires_at)
  VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
  ON CONFLICT (partition) DO UPDATE SET
    owner = excluded.owner,
    epoch = partition_lease.epoch + 1,
    expires_at = excluded.expires_at
  WHERE partition_lease.expires_at < clock_timestamp()
  RETURNING epoch`

const renewal = `
  UPDATE partition_lease SET expires_at = clock_timestamp() + $4 * interval '1 millisecond'
  WHERE partition = $1 AND owner = $2 AND epoch = $3 AND expires_at >= clock_timestamp()`

/** Leases of this process: renewed at a third of their time, given up when the store did not confirm in time. */
export function createPartitionLeases(options: PartitionLeaseOptions): PartitionLeases {
  const { db, clock, log, owner, ttlMs } = options
  const leases = new Map<string, Held>()
  let closed = false

  async function acquire(partition: string): Promise<PartitionLease | null> {
    const current = held(partition)
    if (current !== null) return current
    const askedAt = clock.monotonicMs()
    const { rows } = await db.query<{ epoch: bigint }>(takeOver, [partition, owner, ttlMs])
    const [row] = rows
    if (row === undefined || closed) return null
    const entry: Held = {
      lease: { partition, epoch: row.epoch, isHeld: () => clock.monotonicMs() < entry.until },
      until: askedAt + ttlMs,
      timer: undefined,
    }
    leases.set(partition, entry)
    renewLater(partition, entry)
    return entry.lease
  }

  function held(partition: string): PartitionLease | null {
    const entry = leases.get(partition)
    return entry?.lease.isHeld() === true ? entry.lease : null
  }

  function renewLater(partition: string, entry: Held): void {
    entry.timer = clock.after(ttlMs / 3, () => void renew(partition, entry))
  }

  async function renew(partition: string, entry: Held): Promise<void> {
    const askedAt = clock.monotonicMs()
    try {
      const { affected } = await db.query(renewal, [partition, owner, entry.lease.epoch, ttlMs])
      if (leases.get(partition) !== entry) return
      if (affected === 0) return lose(partition, entry, 'another process holds it')
      entry.until = askedAt + ttlMs
    } catch (error) {
      if (leases.get(partition) !== entry) return
      if (!entry.lease.isHeld()) return lose(partition, entry, String(error))
    }
    renewLater(partition, entry)
  }

  function lose(partition: string, entry: Held, because: string): void {
    entry.until = Number.NEGATIVE_INFINITY
    leases.delete(partition)
    log.warn({ partition, epoch: String(entry.lease.epoch), because }, 'partition lease lost')
    options.onLost?.(partition)
  }

  async function release(partition: string): Promise<void> {
    const entry = leases.get(partition)
    if (entry === undefined) return
    leases.delete(partition)
    entry.timer?.cancel()
    entry.until = Number.NEGATIVE_INFINITY
    await db.query('UPDATE partition_lease SET expires_at = $4 WHERE partition = $1 AND owner = $2 AND epoch = $3', [
      partition,
      owner,
      entry.lease.epoch,
      new Date(0),
    ])
  }

  return {
    acquire,
    held,
    release,
    async close() {
      closed = true
      for (const partition of [...leases.keys()]) await release(partition)
    },
  }
}

/** Locks the lease's row until the transaction ends; no row where another process owns the partition. $1 partition, $2 epoch. */
export const fenceSql = 'SELECT 1 FROM partition_lease WHERE partition = $1 AND epoch = $2 FOR SHARE'

/**
 * First statement of every transaction that writes on the strength of a lease: no other process can take the
 * partition over before this transaction ends. Throws OperationError `lease-lost` when one has.
 */
export async function fence(tx: Tx, lease: PartitionLease): Promise<void> {
  const { rows } = await tx.query(fenceSql, [lease.partition, lease.epoch], { prepare: 'partition-lease-fence' })
  if (rows.length === 0) throw leaseLost(lease)
}

/** What whoever writes on the strength of a lease is told when it has gone. */
export function leaseLost({ partition }: Pick<PartitionLease, 'partition'>): OperationError {
  return new OperationError('lease-lost', 503, `partition ${partition} has another owner`)
}
