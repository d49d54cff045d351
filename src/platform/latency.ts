/** Latency in classes of equal ratio: a quantile is right to about 12 %, and costs one counter per class. */
const classes = 40
const lowestMs = 0.1
const ratio = 2 ** 0.5

/** Upper bounds, ms: 0.1, 0.14, 0.2, ... about 75,000. */
const bounds: readonly number[] = Array.from({ length: classes }, (_, i) => lowestMs * ratio ** i)

export type LatencyColumn = `l${number}`
export const latencyColumns: readonly LatencyColumn[] = bounds.map((_, i): LatencyColumn => `l${i}`)

export function latencyColumn(ms: number): LatencyColumn {
  if (!(ms > lowestMs)) return 'l0'
  return `l${Math.min(classes - 1, Math.ceil(Math.log(ms / lowestMs) / Math.log(ratio) - 1e-9))}`
}

/** null where nothing was measured. `count` of each class in the order of `latencyColumns`. */
export function latencyQuantile(counts: Readonly<Record<string, number>>, quantile: number): number | null {
  const perClass = latencyColumns.map((column) => counts[column] ?? 0)
  const total = perClass.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  for (const [i, count] of perClass.entries()) {
    seen += count
    if (seen >= total * quantile) return Number((bounds[i] ?? 0).toPrecision(3))
  }
  return bounds[classes - 1] ?? null
}

/** How many of the counted were answered within `ms`, to the class below it. */
export function withinLatency(counts: Readonly<Record<string, number>>, ms: number): number {
  return latencyColumns.reduce((sum, column, i) => ((bounds[i] ?? 0) <= ms * 1.000001 ? sum + (counts[column] ?? 0) : sum), 0)
}
