import type { FlowResult } from '#sim/flow.ts'
import type { OutageResult, StormRow } from '#sim/outage.ts'
import type { Made } from './attacks.ts'

/** The one line that `demo --json` ends with. */
export interface DemoReport {
  attaches: Readonly<Record<string, number>>
  attacks: { name: string; critical: boolean; rule: string; refused: boolean }[]
  /** Vectors that attackers got beyond what policy lets every partner have. */
  vectorsToAttackers: number
  /** Vectors that proven partners got for their own network within the caps, in attacks that pump those. */
  vectorsWithinPolicy: number
  /** Legitimate flows that were refused. */
  falseBlocks: number
  flows: { name: string; passed: boolean; detail?: string }[]
  storms: StormLine[]
  outage: OutageResult['outage']
  processedPeak: number
  capacity: number
  withoutControl: { computed: true; storms: StormLine[] }
  ledgerOk: boolean
}

type StormLine = Pick<StormRow, 'spreadS' | 'class' | 'mme' | 'devices' | 'admitted' | 'p50' | 'p95' | 'p99' | 'max' | 't3402' | 't3346'>

export function attackLines(made: readonly Made[]): DemoReport['attacks'] {
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

export function flowLines(flows: readonly FlowResult[]): DemoReport['flows'] {
  return flows.map(({ name, passed, detail }) => (passed ? { name, passed } : { name, passed, detail }))
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
