import type { Logger } from 'pino'
import type { Clock, Timer } from '#core/clock.ts'
import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import type { Ports } from '#platform/ports.ts'
import { say } from '#platform/text.ts'
import type { ControlState } from './status.ts'

export interface ControlEngine {
  states(): readonly ControlState[]
  stateOf(id: string): ControlState | undefined
  /** Runs every check now; a run that is under way is followed by another. */
  run(): Promise<void>
  close(): Promise<void>
}

export interface EngineOptions {
  definitions: readonly ControlDefinition[]
  ports: Readonly<Partial<Ports>>
  config(key: string): unknown
  clock: Clock
  log: Logger
  /** After each check; `changed` where the status, or the reason for it, is another than before. */
  onResult(definition: ControlDefinition, state: ControlState, result: CheckResult, changed: boolean): void
}

/** Often enough that a control which is put out of force shows within 5 s. */
const everyMs = 2_000

/** Checks every control again and again, and keeps what was found. */
export function createControlEngine(options: EngineOptions): ControlEngine {
  const { definitions, clock } = options
  const states = new Map<string, ControlState>(definitions.map((definition) => [definition.id, initial(definition)]))
  let isClosed = false
  let running: Promise<void> | null = null
  let isAsked = false
  let timer: Timer | undefined

  const runOnce = async (): Promise<void> => {
    for (const definition of definitions) {
      if (isClosed) return
      const result = aged(definition, await resultOf(definition, options), clock.now())
      const before = states.get(definition.id) ?? initial(definition)
      const turned = before.status !== result.status
      const changed = turned || before.because.key !== result.because.key
      const now = clock.now()
      const state: ControlState = {
        ...before,
        status: result.status,
        because: result.because,
        evidenceAt: result.evidenceAt,
        sourceClass: result.sourceClass,
        checkedAt: now,
        since: turned || before.since === null ? now : before.since,
      }
      states.set(definition.id, state)
      options.onResult(definition, state, result, changed)
    }
  }
  const run = (): Promise<void> => {
    if (running !== null) {
      isAsked = true
      return running
    }
    running = (async () => {
      do {
        isAsked = false
        await runOnce()
      } while (isAsked && !isClosed)
      running = null
    })()
    return running
  }
  const tick = (): void => {
    const startedAt = clock.monotonicMs()
    void run().then(() => {
      if (!isClosed) timer = clock.after(Math.max(0, everyMs - (clock.monotonicMs() - startedAt)), tick)
    })
  }
  timer = clock.after(0, tick)
  return {
    states: () => [...states.values()],
    stateOf: (id) => states.get(id),
    run,
    async close() {
      isClosed = true
      timer?.cancel()
      await running
    },
  }
}

function initial({ id, wholeFor, partOf }: ControlDefinition): ControlState {
  return {
    id,
    wholeFor,
    partOf,
    status: 'unknown',
    because: say('control.not-checked-yet'),
    since: null,
    checkedAt: null,
    evidenceAt: null,
    sourceClass: null,
  }
}

/** A check that fails says nothing about the control: it is unknown, whatever it was before. */
async function resultOf(definition: ControlDefinition, { ports, config, clock, log }: EngineOptions): Promise<CheckResult> {
  const context: CheckContext = { now: clock.now(), ports, config }
  try {
    return await definition.check(context)
  } catch (error) {
    log.warn({ err: error, control: definition.id }, 'a control could not be checked')
    return { status: 'unknown', because: say('control.check-failed'), evidenceAt: null, sourceClass: null }
  }
}

/** Evidence older than the control allows no longer proves that it is met. */
function aged({ maxAgeMs }: ControlDefinition, result: CheckResult, now: number): CheckResult {
  const isProof = result.status === 'met' || result.status === 'attested'
  if (!isProof) return result
  if (result.evidenceAt === null) return { ...result, status: 'unknown', because: say('control.no-evidence'), sourceClass: null }
  if (now - result.evidenceAt <= maxAgeMs) return result
  return { ...result, status: 'unknown', because: say('control.stale', { at: result.evidenceAt }) }
}
