import type { Clock } from '#core/clock.ts'
import type { DemoAttack } from '#platform/demo.ts'
import type { SignalEvent } from '#platform/ports.ts'
import { type AttackOutcome, type AttackRow, runAttack } from '#sim/attack.ts'
import { attackByName, attacks } from '#sim/attacks.ts'
import type { Stage } from './stage.ts'
import { tell } from './steps.ts'

/** An attack that was made, with the verdict that met it. */
export interface Made {
  row: AttackRow
  outcome: AttackOutcome
  /** The decisive message as the recorder has it; undefined where the connection itself was refused unseen. */
  signal: SignalEvent | undefined
}

/** Makes attacks one after another, so that each finds its own verdict. */
export class AttackRunner {
  readonly #clock: Clock
  readonly #stage: () => Stage | null
  readonly #last = new Map<string, DemoAttack['last']>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(clock: Clock, stage: () => Stage | null) {
    this.#clock = clock
    this.#stage = stage
  }

  list(): readonly DemoAttack[] {
    return attacks.filter((row) => row.isLoud !== true).map((row) => this.#view(row))
  }

  /** undefined where there is no such attack, or no stage yet. */
  async make(name: string, critical = false): Promise<Made | undefined> {
    const row = attackByName(name)
    if (row === undefined || this.#stage() === null) return undefined
    const run = this.#queue.then(() => this.#make(row, critical))
    this.#queue = run.catch(() => {})
    return await run
  }

  view(name: string): DemoAttack | undefined {
    const row = attackByName(name)
    return row === undefined ? undefined : this.#view(row)
  }

  async #make(row: AttackRow, critical: boolean): Promise<Made> {
    const stage = this.#stage()
    if (stage === null) throw new Error('the stage is not open')
    const seen: SignalEvent[] = []
    const stop = stage.simward.ports.history?.onSignal((event) => seen.push(event)) ?? (() => {})
    try {
      const outcome = await runAttack(row, {
        clock: this.#clock,
        visited: stage.visited,
        subjects: stage.subjects,
        transportOf: (peerId) => stage.sockets.transportOf(peerId),
        critical,
        rawAt: stage.diameter,
      })
      const signal = decisive(seen, row)
      this.#last.set(row.name, {
        at: this.#clock.now(),
        refused: outcome.refused,
        action: signal?.action ?? 'allow',
        reason: signal?.reason ?? 'ok',
        ruleId: signal?.ruleId ?? 'default',
        resultCode: outcome.answer?.code ?? null,
        vectors: outcome.vectors,
        signalId: signal?.id ?? null,
      })
      return { row, outcome, signal }
    } finally {
      stop()
    }
  }

  #view(row: AttackRow): DemoAttack {
    return {
      name: row.name,
      claims: tell(`attack.${row.name}.claims`, row.claims),
      wouldHaveGiven: tell(`attack.${row.name}.trusting`, row.trustingHss),
      ruleId: row.expectedRules[0] ?? '',
      requirementIds: [`clp14:${row.clp14}`],
      last: this.#last.get(row.name) ?? null,
    }
  }
}

/** The message that an expected rule met; else the last one that any rule noted, in force or in shadow. */
function decisive(seen: readonly SignalEvent[], row: AttackRow): SignalEvent | undefined {
  return (
    seen.findLast((event) => row.expectedRules.includes(event.ruleId)) ??
    seen.findLast((event) => event.shadow.some((entry) => row.expectedRules.includes(entry.ruleId))) ??
    seen.findLast((event) => event.ruleId !== 'default')
  )
}
