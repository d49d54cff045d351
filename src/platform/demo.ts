import type { Action, Reason } from '#guard/verdict.ts'
import type { Message } from './text.ts'

/** What only the simulated outside world knows. Provided by the demo's composition; a live network has none of it. */
export interface DemoPort {
  /** Whose devices came back, and how; null before the first outage. */
  world(): {
    criticalBack: number
    criticalTotal: number
    criticalP95S: number | null
    devicesInT3402: number
  } | null
  /** The same seed without admission control, computed in virtual time; null before it is computed. */
  computed(): {
    points: readonly { at: number; value: number }[]
    key: string
    params: Message['params']
    peak: number
    criticalSilent: number
  } | null
  /** Marks for the load chart: outage begins, ends. */
  events(): readonly ({ at: number } & Message)[]
  attacks(): readonly DemoAttack[]
  /** Makes the attack over a real socket and says what it got; undefined where there is no such attack. */
  runAttack(name: string): Promise<DemoAttack | undefined>
  story(): { steps: readonly DemoStep[]; done: boolean }
  outage(): DemoOutage
  /** Returns false where one is running already. */
  startOutage(options: { devices?: number; spreadS?: number }): boolean
}

export interface DemoAttack {
  name: string
  claims: Message
  wouldHaveGiven: Message
  ruleId: string
  requirementIds: readonly string[]
  last: {
    at: number
    refused: boolean
    action: Action
    reason: Reason
    ruleId: string
    resultCode: number | null
    vectors: number
    signalId: string | null
  } | null
}

export interface DemoStep {
  id: string
  at: number | null
  chapter: string
  key: string
  params: Message['params']
  state: 'waiting' | 'running' | 'done' | 'failed'
  link: string | null
}

export interface DemoOutage {
  running: boolean
  startedAt: number | null
  devices: number
  spreadS: number
  back: number
}
