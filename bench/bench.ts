/** What every bench prints, and the arithmetic that all of them share. */

/** One line of the result. Further members say under which conditions the figure was taken. */
export interface Measurement {
  name: string
  /** What Simward reaches, in `unit`. */
  ours: number
  /** What the reference reaches in the same run, in `unit`; null where there is none, with `reason`. */
  reference: number | null
  /** ours / reference where more is better, reference / ours where less is. */
  ratio: number | null
  unit: string
  /** What is hoped for, in words; printed, never asserted. */
  aim: string
  reason?: string
  [condition: string]: unknown
}

/** A file of this folder exports one as `bench`; run.ts lists them. */
export interface Bench {
  /** The word after `./simward bench`. */
  name: string
  /** What is measured against what, in one line. */
  summary: string
  /** One measurement or several, as they come. */
  run(): AsyncIterable<Measurement>
}

/** Does `count` units of work and says what they cost, in nanoseconds of CPU. */
export type TimedRun = (count: number) => number | Promise<number>

/** CPU time of the whole process: what the garbage collector and the compiler take counts as well. */
export function timeHere(work: (count: number) => void): TimedRun {
  return (count) => {
    const start = process.cpuUsage()
    work(count)
    const { user, system } = process.cpuUsage(start)
    return (user + system) * 1000
  }
}

export interface Comparison {
  /** Median units per second of CPU. */
  rates: number[]
  /** Of every round, in the order taken. */
  rounds: number[][]
}

/** Runs the sides in turn, A-B-A-B, after one unmeasured turn each; a disturbance of the machine meets all sides alike. */
export async function interleave(sides: readonly TimedRun[], count: number, rounds: number): Promise<Comparison> {
  for (const side of sides) await side(count)
  const taken: number[][] = sides.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [i, side] of sides.entries()) taken[i]?.push((count * 1e9) / (await side(count)))
  }
  return { rates: taken.map(median), rounds: taken.map((rates) => rates.map(Math.round)) }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
