import { hostname } from 'node:os'
import pino, { type Logger } from 'pino'
import { type Clock, sleep } from '#core/clock.ts'
import { announce, forget } from './beacon.ts'
import { computeBeside } from './computed.ts'
import { tellControls } from './ending.ts'
import { outageOf } from './outage.ts'
import { buildPortalForDemo } from './portal.ts'
import { isGood, reportOf, type StoryParts } from './report.ts'
import { openStage, type Stage } from './stage.ts'
import { createTelling, type Telling } from './steps.ts'
import { type DayTraffic, makeOtherAttacks, startDayTraffic, tellAttach, tellAttacks, tellFlows, tellPeers, tellStorm } from './story.ts'
import { startUsage } from './usage.ts'
import { tellWhatNext } from './what-next.ts'
import { DemoWorld, dayTrafficSims, storySims } from './world.ts'

export interface DemoOptions {
  clock: Clock
  /** When the program began, on the monotonic clock. */
  startedMs: number
  /** How long the whole run may take from then on; null: until interrupted. */
  forMs: number | null
  json: boolean
  seed: number
  sims: number
  devices: number
  spreadS: number
  capacityPerSecond: number
  httpPort: number
  diameterPort: number
  logLevel: string
  buildsPortal: boolean
  /** Leave the hub to the simulator even where freeDiameter is installed. */
  simulatedHub: boolean
  /** Let one MME of the visitor's own in. */
  guest: boolean
  /** Resolves when somebody wants the demo to end. */
  interrupted: Promise<void>
  write(line: string): void
}

/** As a shell has it for a program that an interruption ended (128 + SIGINT). */
const interruptedCode = 130

/** Kept of `--for` for what comes after the storm. */
const endingMs = 5_000
/** The story waits no longer for the last devices. */
const stormMs = 120_000

/** Ends the start of the stage: nobody waits for it any more. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** Tells the story and stays up. Resolves to the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const end = new AbortController()
  void options.interrupted.then(() => end.abort())
  try {
    const code = await runUntil(options, end.signal)
    if (code !== undefined) return code
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
  } finally {
    // A build of the portal that is still under way ends with the demo.
    end.abort()
  }
  options.write('\nInterrupted before the story was told; everything it made is removed.')
  return interruptedCode
}

/** undefined where it was interrupted before the story was told. */
async function runUntil(options: DemoOptions, interruption: AbortSignal): Promise<number | undefined> {
  const { clock, interrupted } = options
  const write = (line: string): void => {
    if (!interruption.aborted) options.write(line)
  }
  const log = pino({ level: options.logLevel }, pino.destination({ fd: 2, sync: true }))
  const telling = createTelling(() => clock.now(), write)
  const world = new DemoWorld({ ...options, telling })
  write(`Simward demo: an IoT operator with ${options.sims.toLocaleString('en')} SIMs of three providers. Everything outside is simulated.`)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => forget(process.pid))
  const portal = options.buildsPortal ? buildPortalForDemo(write, interruption) : null
  const stage = stack.use(await openDemoStage({ ...options, write }, world, log, interruption))
  world.stage = stage
  tellAddress(stage, portal, write)
  announce({ url: stage.simward.url, pid: process.pid })
  const untilMs = options.forMs === null ? null : options.startedMs + options.forMs
  const story = tellStory(stage, options, world, telling, untilMs)
  stack.defer(() => story.day.stop())
  const usage = startUsage({ ...options, sims: stage.sims.slice(storySims), usage: stage.simward.ports.usage })
  stack.defer(() => usage.stop())
  // Interrupted, what is left of the story fails on the closed stage: nobody waits for it.
  const told = await Promise.race([story.told, interrupted])
  if (told === undefined) return undefined
  world.isDone = true
  if (!options.json) {
    await Promise.race([portal, interrupted])
    tellWhatNext(stage, telling, options.guest)
  }
  await Promise.race([interrupted, ...(untilMs === null ? [] : [sleep(clock, Math.max(0, untilMs - clock.monotonicMs()))])])
  const processedPeak = stage.simward.ports.admission?.snapshot().peakCompleted ?? 0
  const report = reportOf({ ...told, day: story.day.attaches, processedPeak })
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`)
  return isGood(report) ? 0 : 1
}

/** Where the portal is, at once; and again when it can be opened. */
function tellAddress(stage: Stage, portal: Promise<boolean> | null, write: (line: string) => void): void {
  const { url } = stage.simward
  const { port } = new URL(url)
  const { SSH_CONNECTION: ssh, DISPLAY: x11, WAYLAND_DISPLAY: wayland } = process.env
  const isElsewhere = ssh !== undefined || (process.platform === 'linux' && x11 === undefined && wayland === undefined)
  write(`  portal: ${url}, read-only but for the demo's own buttons`)
  if (isElsewhere) write(`  from another machine: ssh -L ${port}:localhost:${port} ${hostname()}, then http://localhost:${port}`)
  void portal?.then((isBuilt) => {
    if (isBuilt) write(`  portal: ready at ${url}`)
  })
}

function openDemoStage(options: DemoOptions, world: DemoWorld, log: Logger, interruption: AbortSignal): Promise<Stage> {
  let shown = Number.NEGATIVE_INFINITY
  return openStage({
    ...options,
    log,
    demo: world,
    progress(text) {
      if (interruption.aborted) throw new Interrupted()
      if (options.clock.monotonicMs() - shown < 1000) return
      shown = options.clock.monotonicMs()
      options.write(`  ${text}`)
    },
  })
}

interface Story {
  told: Promise<Omit<StoryParts, 'day' | 'processedPeak'>>
  day: DayTraffic
}

function tellStory(stage: Stage, options: DemoOptions, world: DemoWorld, telling: Telling, untilMs: number | null): Story {
  const day = startDayTraffic(stage, options.clock, { from: storySims, to: storySims + dayTrafficSims, everyMs: 250 })
  const told = tellChapters(stage, options, world, telling, untilMs)
  told.catch(() => {})
  return { told, day }
}

async function tellChapters(
  stage: Stage,
  options: DemoOptions,
  world: DemoWorld,
  telling: Telling,
  untilMs: number | null,
): Promise<Omit<StoryParts, 'day' | 'processedPeak'>> {
  const { clock, seed, devices, spreadS, capacityPerSecond } = options
  const context = { clock, telling, runner: world.runner, seed }
  const outage = outageOf({ devices, spreadS, capacityPerSecond })
  const computing = computeBeside(outage, seed)
  tellPeers(stage, context)
  const isAttached = await tellAttach(stage, context)
  const flows = await tellFlows(stage, context)
  const made = [...(await tellAttacks(context)), ...(await makeOtherAttacks(context))]
  const computed = await computing
  world.outageStarted(outage)
  world.setComputed(computed)
  const { live } = await tellStorm(stage, context, outage, {
    computed,
    untilMs: Math.min(untilMs === null ? Number.POSITIVE_INFINITY : untilMs - endingMs, clock.monotonicMs() + stormMs),
    first: storySims + dayTrafficSims,
    onResult: (result) => world.outageSeen(result),
  })
  world.outageEnded()
  const ledgerOk = await tellControls(stage, telling)
  return { isAttached, flows, made, live, computed, ledgerOk }
}
