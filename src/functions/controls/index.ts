import { loadRequirements, type Requirement } from '#catalogue/requirements.ts'
import { OperationError } from '#core/errors.ts'
import { controlsOf } from '#platform/compose.ts'
import type { ControlDefinition, ControlsPort, StatusCounts } from '#platform/control.ts'
import { type AnyFunction, defineFunction, type FunctionContext } from '#platform/function.ts'
import type { Control, Requirement as RequirementView } from '#platform/http/schemas/controls.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { say } from '#platform/text.ts'
import { authenticationControls } from './authentication.ts'
import { type ControlEngine, createControlEngine } from './engine.ts'
import { createEvidence, readEvidence } from './evidence.ts'
import { loadControls } from './load.ts'
import { type ControlState, countStatuses, requirementStatus } from './status.ts'
import { subscriptionControls } from './subscriptions.ts'
import { transportControls } from './transport.ts'

const { listControls, getControl } = operations

/** Controls about what runs here that belong to no other function. */
const ownControls: readonly ControlDefinition[] = [
  ...authenticationControls,
  ...loadControls,
  ...subscriptionControls,
  ...transportControls,
]

type ControlsContext = FunctionContext<'store' | 'alarms', 'controls'>

/** Checks the controls of all functions against the catalogue. `others`: the functions that run beside it. */
export function controlsFunction({ others }: { others: readonly AnyFunction[] }) {
  return defineFunction({
    name: 'controls',
    config: ['cutOverComplete', 'httpTlsCert', 'httpTlsProfile', 'httpBehindProxy', 'httpHost'],
    provides: ['controls'],
    needs: ['store', 'alarms'],
    controls: ownControls,
    routes: [listControls, getControl],
    navigation: [{ id: 'controls', path: '/controls', order: 60 }],
    metrics: [
      { name: 'simward_control_status', kind: 'gauge', help: '1 for the status that each control has', labels: ['control', 'status'] },
      { name: 'simward_requirements', kind: 'gauge', help: 'Requirements by status', labels: ['source', 'status'] },
    ],
    start: (ctx) => startControls(ctx, [...ownControls, ...controlsOf(others)]),
  })
}

/** Throws where two controls have one id, or one names a requirement that is not in the catalogue. */
export function checkDefinitions(definitions: readonly ControlDefinition[], requirements: readonly Requirement[]): void {
  const refs = new Set(requirements.map(({ ref }) => ref))
  const seen = new Set<string>()
  for (const { id, wholeFor, partOf } of definitions) {
    if (seen.has(id)) throw new Error(`two controls have the id ${id}`)
    seen.add(id)
    const stray = [...wholeFor, ...partOf].find((ref) => !refs.has(ref))
    if (stray !== undefined) throw new Error(`control ${id} names ${stray}, which is not in the catalogue`)
  }
}

async function startControls(ctx: ControlsContext, definitions: readonly ControlDefinition[]): Promise<AsyncDisposable> {
  const { clock, log, ports } = ctx
  const requirements = loadRequirements()
  checkDefinitions(definitions, requirements)
  const byId = new Map(definitions.map((definition) => [definition.id, definition]))
  const evidence = createEvidence({
    store: ports.store,
    clock,
    newId: () => ctx.newId(),
    onError: (error) => log.warn({ err: error }, 'evidence could not be written'),
  })
  const engine = createControlEngine({
    definitions,
    ports: ctx.optional,
    config: (key) => ctx.config[key as keyof typeof ctx.config],
    clock,
    log,
    onResult(definition, state, result, changed) {
      evidence.note(definition.id, result, changed)
      if (!changed) return
      ring(ctx, definition, state)
      // After its evidence is written: whoever reads because of this event finds it.
      void evidence.settled().then(() => {
        ctx.events.publish('controls', { control: controlView(definition, state), counts: counts(requirements, engine) })
      })
    },
  })
  ctx.provide('controls', controlsPort(engine, byId, requirements))
  // A mode that was changed shows at once, not at the next round.
  const stopRules = ctx.optional.rules?.onChange(() => void engine.run())
  ctx.metrics.collect('simward_control_status', () =>
    engine.states().map(({ id, status }) => ({ labels: { control: id, status }, value: 1 })),
  )
  ctx.metrics.collect('simward_requirements', () => requirementSamples(requirements, engine))
  serve(ctx, engine, byId, requirements)
  return {
    async [Symbol.asyncDispose]() {
      stopRules?.()
      await engine.close()
      await evidence.settled()
    },
  }
}

function ring({ ports }: ControlsContext, { id, title }: ControlDefinition, { status, because }: ControlState): void {
  const key = `control:${id}`
  if (status === 'met') ports.alarms.clear(key, 'controls')
  if (status !== 'not-met') return
  ports.alarms.raise({
    key,
    kind: 'control',
    severity: 'major',
    source: 'controls',
    title: say('alarm.control', { control: id }),
    cause: because,
    action: say('alarm.control.action', { control: id, title: title.key }),
  })
}

function counts(requirements: readonly Requirement[], engine: ControlEngine): StatusCounts {
  const states = engine.states()
  return countStatuses(requirements.map((requirement) => requirementStatus(requirement, states).status))
}

function* requirementSamples(requirements: readonly Requirement[], engine: ControlEngine) {
  for (const source of ['clp14', 'en303645'] as const) {
    const some = counts(
      requirements.filter((requirement) => requirement.source === source),
      engine,
    )
    for (const [status, value] of Object.entries(some)) if (status !== 'total') yield { labels: { source, status }, value }
  }
}

function controlsPort(
  engine: ControlEngine,
  byId: ReadonlyMap<string, ControlDefinition>,
  requirements: readonly Requirement[],
): ControlsPort {
  return {
    counts: () => counts(requirements, engine),
    statusOf(id) {
      const state = engine.stateOf(id)
      return state === undefined ? undefined : { status: state.status, because: state.because, since: state.since }
    },
    requirementIdsOf(id) {
      const definition = byId.get(id)
      return definition === undefined ? [] : [...definition.wholeFor, ...definition.partOf]
    },
    notMet: () =>
      engine.states().flatMap(({ id, status, because, since, checkedAt }) => {
        const definition = byId.get(id)
        return status === 'not-met' && definition !== undefined
          ? [{ id, title: definition.title, because, since: since ?? checkedAt ?? 0 }]
          : []
      }),
  }
}

function serve(
  ctx: ControlsContext,
  engine: ControlEngine,
  byId: ReadonlyMap<string, ControlDefinition>,
  requirements: readonly Requirement[],
): void {
  const viewsOf = (some: readonly Requirement[]): RequirementView[] => {
    const states = engine.states()
    return some.map((requirement) => requirementView(requirement, states))
  }
  ctx.serve(listControls, () => {
    const views = viewsOf(requirements)
    const countOf = (holds: (view: RequirementView) => boolean): StatusCounts =>
      countStatuses(views.filter(holds).map(({ status }) => status))
    return {
      at: ctx.clock.now(),
      requirements: views,
      controls: engine.states().flatMap((state) => {
        const definition = byId.get(state.id)
        return definition === undefined ? [] : [controlView(definition, state)]
      }),
      counts: countOf(() => true),
      countsBySource: { clp14: countOf(({ source }) => source === 'clp14'), en303645: countOf(({ source }) => source === 'en303645') },
      operatorCore: countOf(
        ({ source, audience, strength }) =>
          source === 'clp14' && audience === 'operator' && (strength === 'shall' || strength === 'should'),
      ),
    }
  })
  ctx.serve(getControl, async ({ params, db }) => {
    const definition = byId.get(params.id)
    const state = engine.stateOf(params.id)
    if (definition === undefined || state === undefined)
      throw new OperationError('control-unknown', 404, `there is no control ${params.id}`)
    const refs = new Set([...definition.wholeFor, ...definition.partOf])
    return {
      control: controlView(definition, state),
      requirements: viewsOf(requirements.filter(({ ref }) => refs.has(ref))),
      evidence: await readEvidence(db, params.id),
    }
  })
}

function requirementView(requirement: Requirement, states: readonly ControlState[]): RequirementView {
  const { ref, source, number, section, title, requirement: text, strength, audience, kind, how } = requirement
  return {
    id: ref,
    number,
    source,
    section,
    title,
    requirement: text,
    strength,
    audience,
    kind,
    how,
    ...requirementStatus(requirement, states),
  }
}

function controlView(definition: ControlDefinition, state: ControlState): Control {
  const { id, title, wholeFor, partOf, how, limits, ruleIds } = definition
  const { status, because, checkedAt, since, evidenceAt, sourceClass } = state
  return {
    id,
    title,
    requirementIds: [...wholeFor, ...partOf],
    how,
    coverage: wholeFor.length > 0 ? 'whole' : 'part',
    partOf: [...partOf],
    limits,
    status,
    because,
    checkedAt,
    since,
    evidenceAt,
    sourceClass,
    ruleIds: [...ruleIds],
  }
}
