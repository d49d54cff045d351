import type { HssStore, HssWrite, SubscriberRow } from './subscriber.ts'

/**
 * The store port in memory: for tests, and for simulations in virtual time, where nothing may wait for a disk.
 * `isDown` makes every read and write fail, as a database that went away does.
 */
export class MemoryHssStore implements HssStore {
  readonly rows = new Map<string, SubscriberRow>()
  readonly indSlots: string[] = []
  isDown = false
  commits = 0
  #queue: { write: HssWrite; done: (error: Error | null) => void }[] = []

  constructor(rows: Iterable<SubscriberRow> = []) {
    for (const row of rows) this.rows.set(row.imsi, row)
  }

  async load(imsis: readonly string[]): Promise<ReadonlyMap<string, SubscriberRow>> {
    if (this.isDown) throw new Error('the store is down')
    const found = new Map<string, SubscriberRow>()
    for (const imsi of imsis) {
      const row = this.rows.get(imsi)
      if (row !== undefined) found.set(imsi, { ...row })
    }
    return found
  }

  async loadServed(imsis: readonly string[]): Promise<ReadonlyMap<string, SubscriberRow>> {
    const rows = await this.load(imsis)
    return new Map([...rows].filter(([, { registration }]) => registration !== null && !registration.purged))
  }

  write(write: HssWrite, done: (error: Error | null) => void): void {
    this.#queue.push({ write, done })
    if (this.#queue.length === 1) queueMicrotask(() => this.#commit())
  }

  async loadIndSlots(): Promise<readonly string[]> {
    return this.indSlots
  }

  addIndSlot(nodeKey: string, slot: number): void {
    this.indSlots[slot] = nodeKey
  }

  async close(): Promise<void> {}

  #commit(): void {
    const batch = this.#queue
    this.#queue = []
    this.commits += 1
    const error = this.isDown ? new Error('the store is down') : null
    if (error === null) for (const { write } of batch) this.#apply(write)
    for (const { done } of batch) done(error)
  }

  #apply(write: HssWrite): void {
    const row = this.rows.get(write.imsi)
    if (row === undefined) return
    switch (write.kind) {
      case 'auth':
        if (write.seqReserved > row.seqReserved) row.seqReserved = write.seqReserved
        row.givenTo = write.givenTo
        break
      case 'registration':
        row.registration = write.registration
        row.givenTo = write.givenTo
        break
      case 'lock':
        row.lockedImei = write.imei
        break
    }
  }
}
