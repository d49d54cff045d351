import { type Clock, sleep } from '#core/clock.ts'
import { storyAttacks } from '#sim/attacks.ts'
import { attachAt } from '#sim/encounter.ts'
import { type FlowResult, runFlow } from '#sim/flow.ts'
import type { OutageResult, OutageRow } from '#sim/outage.ts'
import { legitimateFlows } from '#sim/traffic.ts'
import type { AttackRunner, Made } from './attacks.ts'
import { chart, table } from './draw.ts'
import { startLiveOutage, watch } from './outage.ts'
import type { Stage } from './stage.ts'
import { type Telling, tell } from './steps.ts'

/** What the story is told with. */
export interface StoryContext {
  clock: Clock
  telling: Telling
  runner: AttackRunner
  seed: number
}

/** Chapter 1: the neighbours are connected. */
export function tellPeers(stage: Stage, { telling }: StoryContext): void {
  telling.chapter('1  Neighbours')
  for (const link of (stage.simward.ports.links?.links() ?? []).filter((each) => stage.sockets.peerIds.includes(each.peerId))) {
    const end = telling.step(`peer ${link.peerId}`, 'peers', tell('peer', link.peerId))
    const security = link.tls === null ? 'TCP' : 'TLS, both sides with certificates'
    end({
      ok: link.up,
      say: tell('peer', `${link.peerId} ${link.up ? `is up over ${security}` : `is ${link.state}`}`, {
        peer: link.peerId,
        security,
        state: link.state,
      }),
    })
  }
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
  }
  return results
}

/** Chapter 4: five attacks, one sentence each. */
export async function tellAttacks({ telling, runner }: StoryContext): Promise<Made[]> {
  telling.chapter('4  Five attacks')
  const made: Made[] = []
  for (const name of storyAttacks) {
    const view = runner.view(name)
    const end = telling.step(`attack ${name}`, 'attacks', tell(`attack.${name}.title`, view?.claims.params.text as string))
    const one = await runner.make(name)
    if (one === undefined) continue
    made.push(one)
    const { row, outcome, signal } = one
    const got = outcome.answer === null ? 'no answer' : `${outcome.answer.code}`
    const text = `${row.claims}. An HSS that trusts its peers would have ${row.trustingHss}. It got ${got}, by rule ${signal?.ruleId ?? 'of the link'} (CLP.14 ${row.clp14}).`
    end({
      ok: outcome.refused,
      say: tell(`attack.${name}.done`, text, { got, rule: signal?.ruleId ?? '', requirement: row.clp14, vectors: outcome.vectors }),
      link: signal === undefined ? '/signalling' : `/signalling?open=${signal.id}`,
    })
  }
  return made
}

/** All other attacks that are not too loud for a story, each against an ordinary and a critical device; told in one line. */
export async function makeOtherAttacks({ telling, runner }: StoryContext): Promise<Made[]> {
  const made: Made[] = []
  const story = new Set<string>(storyAttacks)
  const end = telling.step('attacks others', 'attacks', tell('attacks.others', 'the other attacks, against ordinary and critical devices'))
  for (const { name } of runner.list()) {
    for (const critical of [false, true]) {
      if (story.has(name) && !critical) continue
      const one = await runner.make(name, critical)
      if (one !== undefined) made.push(one)
    }
  }
  const refused = made.filter(({ outcome }) => outcome.refused).length
  end({
    ok: refused === made.length,
    say: tell('attacks.others.done', `${refused} of ${made.length} others refused, half of them aimed at critical devices`, {
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
  const run = startLiveOutage(stage, outage, { clock, seed, first: options.first })
  let shown = 0
  const live = await watch(run, clock, options.untilMs, (result) => {
    options.onResult(result)
    if (result.seconds - shown < 10) return
    shown = result.seconds
    const back = result.storms.reduce((sum, row) => sum + row.admitted, 0)
    telling.lines([`${String(result.seconds).padStart(3)} s  ${back} of ${outage.devices} back`])
  })
  run.stop()
  drawStorm(telling, live, options.computed)
  const critical = live.storms.filter((row) => row.class === 'critical')
  const back = critical.reduce((sum, row) => sum + row.admitted, 0)
  const total = critical.reduce((sum, row) => sum + row.devices, 0)
  end({
    ok: criticalHeld(live),
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

/** All critical devices behind MMEs that leave the choice to us were admitted, 95 in a hundred of them within 20 s. */
export function criticalHeld(result: OutageResult): boolean {
  return result.storms
    .filter((row) => row.class === 'critical' && row.mme !== 'random-abating')
    .every((row) => row.admitted === row.devices && row.p95 !== null && row.p95 <= 20)
}

export function drawStorm(telling: Telling, live: OutageResult, computed: OutageResult): void {
  const limit = { value: live.outage.capacityPerSecond, label: `capacity ${live.outage.capacityPerSecond}/s` }
  const { critical, standard, deferrable } = live.series.admitted
  const admitted = critical.map((value, i) => value + (standard[i] ?? 0) + (deferrable[i] ?? 0))
  telling.lines(['', 'offered to the HSS'])
  telling.lines(chart(live.series.offered, { width: 72, height: 4, limit, stepS: 1, unit: 'registrations/s' }))
  telling.lines(['', 'admitted'])
  telling.lines(chart(admitted, { width: 72, height: 4, limit, stepS: 1, unit: 'registrations/s' }))
  telling.lines(['', 'of these critical'])
  telling.lines(chart(critical, { width: 72, height: 2, stepS: 1, unit: 'registrations/s' }))
  telling.lines(['', `without admission control, same seed (computed in virtual time): offered`])
  telling.lines(
    chart(computed.series.offered.slice(0, Math.max(live.seconds, 60)), { width: 72, height: 4, limit, stepS: 1, unit: 'registrations/s' }),
  )
  const head = [
    'class',
    'MME',
    'devices',
    'back',
    'p50 s',
    'p95 s',
    'p99 s',
    'max s',
    'T3402',
    'T3346',
    'without control: back',
    'p95 s',
    'T3402',
  ]
  const rows = live.storms.map((row) => {
    const other = computed.storms.find((each) => each.class === row.class && each.mme === row.mme)
    return [
      row.class,
      row.mme,
      row.devices,
      row.admitted,
      row.p50,
      row.p95,
      row.p99,
      row.max,
      row.t3402,
      row.t3346,
      other?.admitted ?? null,
      other?.p95 ?? null,
      other?.t3402 ?? null,
    ]
  })
  telling.lines(['', ...table(head, rows), ''])
}

/** Everyday attaches in the background, until stopped: a portal where nothing moves says nothing. */
export function startDayTraffic(
  stage: Stage,
  clock: Clock,
  options: { from: number; to: number; everyMs: number },
): { attaches: Record<string, number>; stop(): void } {
  const attaches: Record<string, number> = { accepted: 0, refused: 0 }
  let isStopped = false
  let index = options.from
  const next = async (): Promise<void> => {
    while (!isStopped) {
      const sim = stage.sims[index]
      index = index + 1 < options.to ? index + 1 : options.from
      if (sim !== undefined) {
        const outcome = await attachAt(stage.visited.serving(sim), stage.subjects.of(sim))
        const key = outcome.accepted ? 'accepted' : 'refused'
        attaches[key] = (attaches[key] ?? 0) + 1
      }
      await sleep(clock, options.everyMs)
    }
  }
  void next()
  return {
    attaches,
    stop() {
      isStopped = true
    },
  }
}
