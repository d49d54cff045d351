/** Numbers that a run is judged by. */

export interface Percentiles {
  /** Seconds; null is infinite: that share was not admitted. */
  p50: number | null
  p95: number | null
  p99: number | null
  max: number | null
}

/** Percentiles by nearest rank over all devices; one that was not admitted (null) counts as infinite. */
export function percentiles(seconds: readonly (number | null)[]): Percentiles {
  const sorted = seconds.map((each) => each ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  const at = (share: number): number | null => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    return value === undefined || !Number.isFinite(value) ? null : Math.round(value * 1000) / 1000
  }
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** The most events that fall into any window of `windowMs`; `times` in ms, in any order. The window is half open. */
export function slidingPeak(times: readonly number[], windowMs: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  let peak = 0
  let from = 0
  for (let to = 0; to < sorted.length; to++) {
    while ((sorted[to] ?? 0) - (sorted[from] ?? 0) >= windowMs) from += 1
    peak = Math.max(peak, to - from + 1)
  }
  return peak
}

/** Counts per second from the start, growing as it goes. */
export class SecondSeries {
  readonly #counts: number[] = []

  /** `ms` since the start. */
  add(ms: number, count = 1): void {
    const second = Math.max(0, Math.floor(ms / 1000))
    while (this.#counts.length <= second) this.#counts.push(0)
    this.#counts[second] = (this.#counts[second] ?? 0) + count
  }

  /** `seconds` entries, filled with zeros. */
  values(seconds: number): number[] {
    return Array.from({ length: seconds }, (_, i) => this.#counts[i] ?? 0)
  }

  get peak(): number {
    let peak = 0
    for (const count of this.#counts) peak = Math.max(peak, count)
    return peak
  }
}

/** Latencies in buckets that grow by 5 %: bounded memory, percentiles within 5 %. */
export class LatencyHistogram {
  readonly #buckets = new Uint32Array(400)
  #count = 0
  #maxMs = 0

  add(ms: number): void {
    const bucket = ms <= 0.01 ? 0 : Math.min(399, Math.floor(Math.log(ms / 0.01) / Math.log(1.05)) + 1)
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#count += 1
    if (ms > this.#maxMs) this.#maxMs = ms
  }

  get count(): number {
    return this.#count
  }

  get maxMs(): number {
    return this.#maxMs
  }

  /** Upper bound of the bucket in which the share lies, ms; 0 when empty. */
  at(share: number): number {
    let left = Math.ceil(share * this.#count)
    for (let i = 0; i < this.#buckets.length; i++) {
      left -= this.#buckets[i] ?? 0
      if (left <= 0) return Math.min(this.#maxMs, 0.01 * 1.05 ** i)
    }
    return this.#maxMs
  }
}
