import type { FlowResult } from '#sim/flow.ts'
import type { OutageResult, StormRow } from '#sim/outage.ts'
import type { Made } from './attacks.ts'
import { criticalHeld } from './storm.ts'
import type { DayTraffic } from './story.ts'

/** The one line that `demo --json` ends with. */
export interface DemoReport {
  /** By result: `later` were told to try later in the storm; `story` and `outage` are of those two, accepted. */
  attaches: { accepted: number; later: number; refused: number; story: number; outage: number }
  attacks: { name: string; critical: boolean; rule: string; refused: boolean }[]
  /** Vectors that attackers got beyond what policy lets every partner have. */
  vectorsToAttackers: number
  /** Vectors that proven partners got for their own network within the caps, in attacks that pump those. */
  vectorsWithinPolicy: number
  /** Legitimate flows, and everyday attaches, that were refused for another reason than the storm. */
  falseBlocks: number
  flows: { name: string; passed: boolean; detail?: string }[]
  storms: StormLine[]
  outage: OutageResult['outage']
  /** Most registrations completed in any sliding second. */
  processedPeak: number
  capacity: number
  withoutControl: { computed: true; storms: StormLine[] }
  ledgerOk: boolean
}

export type StormLine = Pick<
  StormRow,
  'spreadS' | 'class' | 'mme' | 'devices' | 'admitted' | 'p50' | 'p95' | 'p99' | 'max' | 't3402' | 't3346'
>

/** What the chapters of the story brought. */
export interface StoryParts {
  isAttached: boolean
  flows: readonly FlowResult[]
  made: readonly Made[]
  day: DayTraffic['attaches']
  live: OutageResult
  computed: OutageResult
  processedPeak: number
  ledgerOk: boolean
}

export function reportOf(parts: StoryParts): DemoReport {
  const { isAttached, flows, made, day, live, computed, processedPeak, ledgerOk } = parts
  const { leaked, withinPolicy } = leakedVectors(made)
  return {
    attaches: { ...day, story: isAttached ? 1 : 0, outage: live.storms.reduce((sum, row) => sum + row.admitted, 0) },
    attacks: attackLines(made),
    vectorsToAttackers: leaked,
    vectorsWithinPolicy: withinPolicy,
    falseBlocks: flows.filter(({ passed }) => !passed).length + day.refused + (isAttached ? 0 : 1),
    flows: flows.map(({ name, passed, detail }) => (passed ? { name, passed } : { name, passed, detail })),
    storms: stormLines(live),
    outage: live.outage,
    processedPeak,
    capacity: live.outage.capacityPerSecond,
    withoutControl: { computed: true, storms: stormLines(computed) },
    ledgerOk,
  }
}

/** What the exit code says: critical devices came back soon, and the capacity held. */
export function isGood({ storms, processedPeak, capacity }: DemoReport): boolean {
  return criticalHeld(storms) && processedPeak <= capacity
}

function attackLines(made: readonly Made[]): DemoReport['attacks'] {
  return made.map(({ row, outcome, signal }) => ({
    name: row.name,
    critical: outcome.critical,
    rule: signal?.ruleId ?? row.expectedRules[0] ?? '',
    refused: outcome.refused,
  }))
}

export function leakedVectors(made: readonly Made[]): { leaked: number; withinPolicy: number } {
  let leaked = 0
  let withinPolicy = 0
  for (const { row, outcome } of made) {
    const allowed = Math.min(outcome.vectors, row.bound ?? 0)
    withinPolicy += allowed
    leaked += outcome.vectors - allowed
  }
  return { leaked, withinPolicy }
}

export function stormLines(result: OutageResult): StormLine[] {
  return result.storms.map(({ spreadS, class: traffic, mme, devices, admitted, p50, p95, p99, max, t3402, t3346 }) => ({
    spreadS,
    class: traffic,
    mme,
    devices,
    admitted,
    p50,
    p95,
    p99,
    max,
    t3402,
    t3346,
  }))
}
