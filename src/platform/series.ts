/** Counts over time: a fixed ring of steps, each a row of columns. Nothing grows; old steps are overwritten. */
export interface Series<Column extends string> {
  add(now: number, column: Column, amount?: number): void
  /** Sum of the last `windowMs`, the present step included. */
  sum(now: number, windowMs: number, column: Column): number
  /** Sums in equal buckets over the window, oldest first; the last bucket ends with the present step. */
  buckets(now: number, windowMs: number, count: number, column: Column): number[]
  /** Sums of all columns over the window. */
  totals(now: number, windowMs: number): Record<Column, number>
}

export function createSeries<const Column extends string>(columns: readonly Column[], stepMs: number, steps: number): Series<Column> {
  const width = columns.length
  const index = new Map(columns.map((column, i) => [column, i]))
  const counts = new Uint32Array(width * steps)
  const stamps = new Float64Array(steps).fill(-1)

  const columnOf = (column: Column): number => {
    const found = index.get(column)
    if (found === undefined) throw new Error(`no such column: ${column}`)
    return found
  }
  /** Calls `visit` for each live step of the window with the offset of its row. */
  const eachStep = (now: number, windowMs: number, visit: (row: number, stepsAgo: number) => void): void => {
    const last = Math.floor(now / stepMs)
    const wanted = Math.min(steps, Math.ceil(windowMs / stepMs))
    for (let ago = 0; ago < wanted; ago++) {
      const slot = (last - ago) % steps
      if (stamps[slot] === last - ago) visit(slot * width, ago)
    }
  }
  return {
    add(now, column, amount = 1) {
      const step = Math.floor(now / stepMs)
      const slot = step % steps
      if (stamps[slot] !== step) {
        // A clock that steps back must not wipe newer counts.
        if ((stamps[slot] ?? -1) > step) return
        counts.fill(0, slot * width, (slot + 1) * width)
        stamps[slot] = step
      }
      const at = slot * width + columnOf(column)
      counts[at] = (counts[at] ?? 0) + amount
    },
    sum(now, windowMs, column) {
      const offset = columnOf(column)
      let total = 0
      eachStep(now, windowMs, (row) => {
        total += counts[row + offset] ?? 0
      })
      return total
    },
    buckets(now, windowMs, count, column) {
      const offset = columnOf(column)
      const out = new Array<number>(count).fill(0)
      const perBucket = windowMs / stepMs / count
      eachStep(now, windowMs, (row, ago) => {
        const bucket = count - 1 - Math.min(count - 1, Math.floor(ago / perBucket))
        out[bucket] = (out[bucket] ?? 0) + (counts[row + offset] ?? 0)
      })
      return out
    },
    totals(now, windowMs) {
      const out = Object.fromEntries(columns.map((column) => [column, 0])) as Record<Column, number>
      eachStep(now, windowMs, (row) => {
        for (const [i, column] of columns.entries()) out[column] += counts[row + i] ?? 0
      })
      return out
    },
  }
}
