const [s, m, h] = [1_000, 60_000, 3_600_000]

/** From one attempt to the next; after the last one, some 24 hours after the first, the delivery has failed. */
const waitsMs = [5 * s, 30 * s, 2 * m, 10 * m, 30 * m, h, 2 * h, 4 * h, 6 * h, 10 * h]

export const attemptsAtMost = waitsMs.length + 1

/** When to try again after so many attempts; null: no more. A fifth more or less, so that many do not come at once. `random`: 0 to 1. */
export function waitAfter(attempts: number, random: number): number | null {
  const wait = waitsMs[attempts - 1]
  return wait === undefined ? null : Math.round(wait * (0.8 + 0.4 * random))
}
