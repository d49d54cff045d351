import { systemClock } from '#core/clock.ts'
import { resultCodes } from '#protocols/diameter/result-codes.ts'
import { attackByName, attacks } from '#sim/attacks.ts'
import { type Arguments, type Command, integerOption, parseDuration, suggestion, UsageError } from '../command.ts'
import { attackSentence } from '../demo/attack-sentence.ts'
import { find } from '../demo/beacon.ts'
import { table } from '../demo/draw.ts'
import { runDemo } from '../demo/run.ts'
import { runOutageScenario } from '../demo/scenario.ts'

const attackNames = attacks.filter((row) => row.isLoud !== true).map((row) => row.name)

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Runs the main job with a simulated outside world, tells a story and stays up',
  usage: 'demo [attack NAME] [--for 90s] [--json] [--scenario outage]',
  words: ['attack'],
  options: [
    { name: 'for', value: 'DURATION', summary: 'end after this time; default: stay up until Ctrl C' },
    { name: 'json', summary: 'end with one JSON line; exit 0 only if all critical devices came back within the bounds' },
    { name: 'scenario', value: 'outage', summary: 'one scenario by itself instead of the story' },
    { name: 'clock', value: 'virtual|real', summary: 'clock of the scenario; default virtual' },
    { name: 'sims', value: 'N', summary: 'SIMs of the world (story: 10,000) or devices of the scenario' },
    { name: 'devices', value: 'N', summary: 'devices of the story’s outage; default 3,000' },
    { name: 'capacity', value: 'N', summary: 'registrations per second that the HSS may complete; default 50' },
    { name: 'spread', value: 'DURATION', summary: 'time within which the devices of the outage return; default 30s (scenario: 1s)' },
    { name: 'seed', value: 'N', summary: 'seed of everything that is drawn; default 1' },
    { name: 'port', value: 'N', summary: 'port of the portal; default 8480, or a free one where that is taken' },
    { name: 'diameter-port', value: 'N', summary: 'port for Diameter peers; default 3868, or a free one where that is taken' },
    { name: 'no-portal', summary: 'do not build the portal' },
    { name: 'no-freediameter', summary: 'simulate the hub of two networks even where freeDiameter is installed' },
    { name: 'guest', summary: 'let one MME of your own in, and show how to connect it and a SIM for it' },
    { name: 'log', value: 'LEVEL', summary: 'log to the standard error output: debug, info, warn, error; default error' },
  ],
  async run(args) {
    if (args.words[0] === 'attack') return attackRunning(args.words[1])
    if (args.words.length > 0)
      throw new UsageError(`demo: no word ${JSON.stringify(args.words[0])}${suggestion(args.words[0] ?? '', ['attack'])}`)
    const scenario = args.values.get('scenario')
    if (scenario !== undefined && scenario !== 'outage')
      throw new UsageError(`demo: no scenario ${JSON.stringify(scenario)}; there is: outage`)
    return scenario === undefined ? story(args) : outageScenario(args)
  },
}

async function story(args: Arguments): Promise<number> {
  const isJson = args.flags.has('json')
  // What is told goes to the standard error output when the standard output is to hold one JSON line.
  const write = (line: string): void => {
    ;(isJson ? process.stderr : process.stdout).write(`${line}\n`)
  }
  const forText = args.values.get('for')
  return runDemo({
    clock: systemClock,
    // The system's monotonic clock counts from the start of the process.
    startedMs: 0,
    forMs: forText === undefined ? null : parseDuration(forText),
    json: isJson,
    seed: integerOption(args, 'seed', 1, { min: 0, max: 0xffff_ffff }),
    sims: integerOption(args, 'sims', 10_000, { min: 4_000, max: 200_000 }),
    devices: integerOption(args, 'devices', 3_000, { min: 10, max: 100_000 }),
    spreadS: parseDuration(args.values.get('spread') ?? '30s') / 1000,
    capacityPerSecond: integerOption(args, 'capacity', 50, { min: 1, max: 100_000 }),
    httpPort: await choosePort(args, 'port', 8480),
    diameterPort: await choosePort(args, 'diameter-port', 3868),
    logLevel: args.values.get('log') ?? 'error',
    buildsPortal: !args.flags.has('no-portal'),
    simulatedHub: args.flags.has('no-freediameter'),
    guest: args.flags.has('guest'),
    interrupted: interruption(),
    write,
  })
}

/** The wanted port; where none was named and the usual one is taken, 0: a free one. */
async function choosePort(args: Arguments, name: string, usual: number): Promise<number> {
  if (args.values.has(name)) return integerOption(args, name, usual, { min: 0, max: 65_535 })
  const { createServer } = await import('node:net')
  return await new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen({ host: '127.0.0.1', port: usual }, () => probe.close(() => resolve(usual)))
  })
}

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}

async function outageScenario(args: Arguments): Promise<number> {
  const clock = args.values.get('clock') ?? 'virtual'
  if (clock !== 'virtual' && clock !== 'real') throw new UsageError(`demo: --clock is virtual or real, not ${clock}`)
  return runOutageScenario({
    devices: integerOption(args, 'sims', 10_000, { min: 10, max: 200_000 }),
    capacityPerSecond: integerOption(args, 'capacity', 50, { min: 1, max: 100_000 }),
    spreadS: parseDuration(args.values.get('spread') ?? '1s') / 1000,
    seed: integerOption(args, 'seed', 1, { min: 0, max: 0xffff_ffff }),
    clock,
    forMs: parseDuration(args.values.get('for') ?? (clock === 'real' ? '120s' : '45m')),
    json: args.flags.has('json'),
    logLevel: args.values.get('log') ?? 'error',
    simulatedHub: args.flags.has('no-freediameter'),
    // Virtual time never waits: the usual end by a signal is the quickest.
    interrupted: clock === 'real' ? interruption() : new Promise(() => {}),
  })
}

interface AttackAnswer {
  last: { refused: boolean; ruleId: string; resultCode: number | null; vectors: number } | null
}

/** Asks the running demo to make one attack. Exit code 0: refused, 3: it passed. */
async function attackRunning(name: string | undefined): Promise<number> {
  if (name === undefined) {
    const rows = attacks.filter(({ isLoud }) => isLoud !== true).map((row) => [row.name, row.claims])
    process.stdout.write(`${table(['attack', 'who claims to be whom, or asks for what'], rows).join('\n')}\n`)
    return 0
  }
  const row = attackByName(name)
  if (row === undefined || row.isLoud === true)
    throw new UsageError(`demo: no attack ${JSON.stringify(name)}${suggestion(name, attackNames)}; ./simward demo attack lists them`)
  const beacon = find()
  if (beacon === undefined) throw new UsageError('demo: no demo is running here; start one with ./simward demo in another terminal')
  const answer = await fetch(new URL(`/api/v1/demo/attacks/${name}`, beacon.url), { method: 'POST' })
  const body = (await answer.json()) as AttackAnswer & { detail?: string }
  if (!answer.ok || body.last === null) {
    process.stderr.write(`simward: the demo answered ${answer.status}: ${body.detail ?? 'the attack was not made'}\n`)
    return 1
  }
  const { refused, ruleId, resultCode, vectors } = body.last
  const { claims, trustingHss, clp14 } = row
  // Codes that S6a itself defines stand in Experimental-Result where no base code has the number.
  const code = resultCode === null ? null : { code: resultCode, experimental: resultCodes[resultCode] === undefined }
  const rule = refused ? ruleId : (row.expectedRules[0] ?? null)
  const text = attackSentence({ claims, trustingHss, answer: code, vectors, refused, ruleId: rule, clp14 })
  process.stdout.write(`${refused ? 'Refused.' : 'It passed.'} ${text}\n`)
  return refused ? 0 : 3
}
