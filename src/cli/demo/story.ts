import { type Clock, sleep } from '#core/clock.ts'
import type { Message } from '#platform/text.ts'
import { storyAttacks } from '#sim/attacks.ts'
import { attachAt } from '#sim/encounter.ts'
import { type FlowResult, runFlow } from '#sim/flow.ts'
import type { OutageResult, OutageRow } from '#sim/outage.ts'
import { legitimateFlows } from '#sim/traffic.ts'
import { attackSentence } from './attack-sentence.ts'
import type { AttackRunner, Made } from './attacks.ts'
import { hubPeerId, networksBehindHub } from './hub.ts'
import { isQuiet, startLiveOutage, watch } from './outage.ts'
import type { Stage } from './stage.ts'
import { type Telling, tell } from './steps.ts'
import { completedSince, criticalHeld, drawStorm } from './storm.ts'

/** What the story is told with. */
export interface StoryContext {
  clock: Clock
  telling: Telling
  runner: AttackRunner
  seed: number
}

/**
 * Between flows, and between attacks: they take milliseconds, and all in one second would be a storm, in which deferrable
 * devices are told to wait.
 */
const pauseMs = 120

/** Chapter 1: the neighbours are connected. */
export function tellPeers(stage: Stage, { telling }: StoryContext): void {
  telling.chapter('1  Neighbours: the Diameter peers of seven visited networks')
  for (const link of (stage.simward.ports.links?.links() ?? []).filter((each) => stage.sockets.peerIds.includes(each.peerId))) {
    const end = telling.step(`peer ${link.peerId}`, 'peers', tell('peer.waiting', link.peerId, { peer: link.peerId }))
    const { peerId: peer, up, tls, state } = link
    if (!up) end({ ok: false, say: tell('peer.down', `${peer} is not up: ${state}`, { peer, state }), link: `/peers/${peer}` })
    else if (tls === null) end({ ok: true, say: tell('peer.tcp', `${peer} is up over TCP`, { peer }), link: `/peers/${peer}` })
    else end({ ok: true, say: tell('peer.tls', `${peer} is up over TLS, both sides with certificates`, { peer }), link: `/peers/${peer}` })
  }
  tellHub(stage, telling)
}

/** What carries the networks behind the hub: a program of somebody else where it is installed. */
function tellHub({ hub }: Stage, telling: Telling): void {
  const names = networksBehindHub().map(({ name }) => name)
  const networks = names.join(', ')
  const end = telling.step('hub', 'peers', tell('peer.waiting', hubPeerId, { peer: hubPeerId }))
  const carries = `it carries ${names.join(' and ')}`
  const say =
    hub.program === 'freeDiameter'
      ? tell('hub.freediameter', `${hubPeerId} is freeDiameter ${hub.version}, a program that nobody here wrote; ${carries}`, {
          peer: hubPeerId,
          version: hub.version,
          networks,
        })
      : tell('hub.simulated', `${hubPeerId} is simulated, as its neighbours are (${hub.why}); ${carries}`, { peer: hubPeerId, networks })
  end({ ok: true, say, link: `/peers/${hubPeerId}` })
}

/** Chapter 2: one roaming device, step by step. */
export async function tellAttach(stage: Stage, { telling }: StoryContext): Promise<boolean> {
  telling.chapter('2  A health monitor roams into Aurelia')
  const actor = stage.subjects.take({ class: 'critical', network: 'aurelia' })
  const { imsi } = actor.subject
  const seen: string[] = []
  const stop = stage.simward.ports.history?.onSignal((event) => {
    if (event.imsi === imsi)
      seen.push(
        `${event.operation} from ${event.originHost}: ${event.resultCode ?? 'no answer'}, ${event.latencyMs.toFixed(1)} ms${event.vectors > 0 ? `, ${event.vectors} vector` : ''}`,
      )
  })
  const end = telling.step('attach', 'attach', tell('attach.running', `IMSI ${imsi} asks ${actor.mme.host} for service`, { imsi }))
  const outcome = await attachAt(actor.mme, actor.subject)
  stop?.()
  telling.lines([
    `IMSI ${imsi} asks ${actor.mme.host} for service`,
    ...seen,
    'the card checked the network by AUTN, the MME checked the card by RES',
  ])
  const apns = [...(actor.mme.contexts.get(imsi)?.apns ?? [])].join(', ')
  end({
    ok: outcome.accepted,
    say: outcome.accepted
      ? tell('attach.done', `registered; the profile allows ${apns} and nothing else`, { imsi, apns })
      : tell('attach.failed', `not registered: cause ${outcome.cause}`, { imsi, cause: outcome.cause }),
    link: `/sims?filter=imsi:${imsi}`,
  })
  return outcome.accepted
}

/** Chapter 3: what honest networks do all day, and what false rules would break. */
export async function tellFlows(stage: Stage, context: StoryContext): Promise<FlowResult[]> {
  const { telling, clock } = context
  telling.chapter('3  What honest networks do, and must go on doing')
  const results: FlowResult[] = []
  const flowContext = {
    clock,
    visited: stage.visited,
    subjects: stage.subjects,
    transportOf: (id: string) => stage.sockets.transportOf(id),
  }
  for (const row of legitimateFlows) {
    const end = telling.step(`flow ${row.name}`, 'flows', tell(`flow.${row.name}`, row.title))
    const result = await runFlow(row, flowContext)
    results.push(result)
    end({ ok: result.passed, say: tell(`flow.${row.name}`, result.passed ? row.title : `${row.title}: ${result.detail}`) })
    await sleep(clock, pauseMs)
  }
  return results
}

/** Chapter 4: five attacks, one sentence each. */
export async function tellAttacks({ telling, runner, clock }: StoryContext): Promise<Made[]> {
  telling.chapter('4  Five attacks')
  telling.note('Estrel is a partner with an agreement and an open link; somebody has taken over its nodes.')
  const made: Made[] = []
  for (const name of storyAttacks) {
    const end = telling.step(
      `attack ${name}`,
      'attacks',
      tell(`attack.${name}.claims`, String(runner.view(name)?.claims.params.text ?? name)),
    )
    const one = await runner.make(name)
    if (one === undefined) continue
    made.push(one)
    end(endOfAttack(one))
    await sleep(clock, pauseMs)
  }
  return made
}

function endOfAttack({ row, outcome, signal }: Made): { ok: boolean; say: Message; link: string } {
  const { answer, vectors, refused } = outcome
  const ruleId = signal?.ruleId ?? null
  const { claims, trustingHss, clp14 } = row
  const text = attackSentence({ claims, trustingHss, answer, vectors, refused, ruleId, clp14 })
  const params = { attack: row.name, code: answer?.code ?? null, rule: ruleId, requirement: clp14, vectors }
  return {
    ok: refused,
    say: refused ? tell('attack.refused', text, params) : tell('attack.passed', text, params),
    link: signal === undefined ? '/signalling' : `/signalling?open=${signal.id}`,
  }
}

/** All other attacks that are not too loud for a story, each against an ordinary and a critical device; told in one line. */
export async function makeOtherAttacks({ telling, runner, clock }: StoryContext): Promise<Made[]> {
  const made: Made[] = []
  const story = new Set<string>(storyAttacks)
  const end = telling.step('attacks others', 'attacks', tell('attacks.others', 'the other attacks, against ordinary and critical devices'))
  for (const { name } of runner.list()) {
    for (const critical of [false, true]) {
      if (story.has(name) && !critical) continue
      const one = await runner.make(name, critical)
      if (one !== undefined) made.push(one)
      await sleep(clock, pauseMs / 2)
    }
  }
  const refused = made.filter(({ outcome }) => outcome.refused).length
  end({
    ok: refused === made.length,
    say: tell('attacks.others.done', `${refused} of ${made.length} further attacks refused, half of them aimed at critical devices`, {
      refused,
      made: made.length,
    }),
    link: '/signalling?filter=-reason:ok',
  })
  return made
}

export interface StormTold {
  live: OutageResult
  computed: OutageResult
}

/** Chapter 5: a region comes back at once. `computed` is the same seed without admission control. */
export async function tellStorm(
  stage: Stage,
  context: StoryContext,
  outage: OutageRow,
  options: { computed: OutageResult; untilMs: number; first: number; onResult(result: OutageResult): void },
): Promise<StormTold> {
  const { telling, clock, seed } = context
  telling.chapter(
    `5  ${outage.devices.toLocaleString('en')} devices return within ${outage.spreadS} s; the HSS can do ${outage.capacityPerSecond} registrations a second`,
  )
  const end = telling.step('storm', 'storm', tell('storm.running', 'they are coming back', { devices: outage.devices }))
  const fromMs = clock.now()
  const run = startLiveOutage(stage, outage, { clock, seed, first: options.first })
  let shown = 0
  const look = (result: OutageResult): void => {
    options.onResult(result)
    if (result.seconds - shown < 10) return
    shown = result.seconds
    const back = result.storms.reduce((sum, row) => sum + row.admitted, 0)
    const { t3402, t3346 } = run.waiting()
    const silent = t3402 + t3346
    telling.lines([
      `${String(result.seconds).padStart(3)} s  ${back} of ${outage.devices} back${silent > 0 ? `, ${silent} silent for minutes by a timer` : ''}`,
    ])
  }
  const live = await watch(run, clock, options.untilMs, look, () => isQuiet(run, outage))
  run.stop()
  drawStorm(telling, live, completedSince(stage.simward.ports.admission?.snapshot(), fromMs, live.seconds), options.computed)
  const critical = live.storms.filter((row) => row.class === 'critical')
  const back = critical.reduce((sum, row) => sum + row.admitted, 0)
  const total = critical.reduce((sum, row) => sum + row.devices, 0)
  end({
    ok: criticalHeld(live.storms),
    say: tell(
      'storm.done',
      `${back} of ${total} critical devices are back; without control ${options.computed.criticalSilent} of them would be silent for 12 minutes (computed)`,
      {
        back,
        total,
        silent: options.computed.criticalSilent,
      },
    ),
    link: '/',
  })
  return { live, computed: options.computed }
}

/** Everyday attaches by what came of them. */
export interface DayTraffic {
  /** `later`: told to try later while others went first. `refused`: by anything else, which nothing honest should be. */
  readonly attaches: { accepted: number; later: number; refused: number }
  stop(): void
}

/** Answers of admission control: the device waits, nobody suspects it. */
const laterReasons: ReadonlySet<string> = new Set(['storm', 'busy'])

/** Everyday attaches in the background, until stopped: a portal where nothing moves says nothing. */
export function startDayTraffic(stage: Stage, clock: Clock, options: { from: number; to: number; everyMs: number }): DayTraffic {
  const attaches = { accepted: 0, later: 0, refused: 0 }
  const sims = stage.sims.slice(options.from, options.to)
  const toldLater = new Set<string>()
  const stopListening = stage.simward.ports.history?.onSignal(({ imsi, reason }) => {
    if (imsi !== null && laterReasons.has(reason)) toldLater.add(imsi)
  })
  const stopped = Promise.withResolvers<void>()
  let isStopped = false
  const next = async (): Promise<void> => {
    for (let index = 0; !isStopped; index = (index + 1) % sims.length) {
      const sim = sims[index]
      if (sim === undefined) return
      toldLater.clear()
      const outcome = await attachAt(stage.visited.serving(sim), stage.subjects.of(sim))
      // An MME that abates under an overload report asks nobody: the device waits as well.
      if (outcome.accepted) attaches.accepted += 1
      else if (toldLater.has(sim.imsi) || outcome.t3346Ms !== undefined) attaches.later += 1
      else attaches.refused += 1
      await Promise.race([sleep(clock, options.everyMs), stopped.promise])
    }
  }
  void next()
  return {
    attaches,
    stop() {
      isStopped = true
      stopped.resolve()
      stopListening?.()
    },
  }
}
