/** Pauses before connecting again: doubling from the first to the longest, each drawn between half and the whole. */
export interface Backoff {
  nextMs(): number
  reset(): void
}

export function createBackoff(firstMs: number, longestMs: number, random: () => number): Backoff {
  let wholeMs = firstMs
  return {
    nextMs() {
      const drawn = wholeMs * (0.5 + random() / 2)
      wholeMs = Math.min(longestMs, wholeMs * 2)
      return Math.round(drawn)
    },
    reset() {
      wholeMs = firstMs
    },
  }
}
