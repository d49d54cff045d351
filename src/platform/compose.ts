import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Clock } from '#core/clock.ts'
import type { ConfigValues } from './config.ts'
import type { ControlDefinition } from './control.ts'
import type { AnyFunction, NavigationEntry } from './function.ts'
import type { EventHub } from './http/event-hub.ts'
import { createRouteRegistry, type RouteRegistry } from './http/route.ts'
import { declareMetrics } from './metrics.ts'
import type { PortName, Ports } from './ports.ts'

export interface ComposeOptions {
  functions: readonly AnyFunction[]
  /** What the composition root provides itself: the store, the installation, the demo's world. */
  base: Partial<Ports>
  config: ConfigValues
  clock: Clock
  log: Logger
  newId(): string
  events: EventHub
  /** Metrics of all functions; one registry per process. */
  registry?: Registry
}

/** What runs, and what the HTTP server, the portal and the controls read of it. */
export interface Composition extends AsyncDisposable {
  ports: Readonly<Partial<Ports>>
  routes: RouteRegistry
  navigation: readonly NavigationEntry[]
  registry: Registry
}

/** All controls of the functions; passed to the function that checks them. */
export function controlsOf(functions: readonly AnyFunction[]): readonly ControlDefinition[] {
  return functions.flatMap((definition) => definition.controls)
}

/**
 * Functions in an order in which each comes after those that provide what it needs. Throws where a port has two
 * providers or none, or where functions need each other.
 */
export function startOrder(functions: readonly AnyFunction[], base: readonly PortName[]): AnyFunction[] {
  const provider = new Map<PortName, string>(base.map((name) => [name, 'the composition']))
  for (const { name, provides } of functions) {
    for (const port of provides) {
      const other = provider.get(port)
      if (other !== undefined) throw new Error(`port ${port} is provided by both ${other} and ${name}`)
      provider.set(port, name)
    }
  }
  const ready = new Set<PortName>(base)
  const waiting = [...functions]
  const order: AnyFunction[] = []
  while (waiting.length > 0) {
    const index = waiting.findIndex(
      ({ needs, wants = [] }) => needs.every((port) => ready.has(port)) && wants.every((port) => ready.has(port) || !provider.has(port)),
    )
    const next = waiting[index]
    if (next === undefined) throw new Error(whyStuck(waiting, provider, ready))
    waiting.splice(index, 1)
    order.push(next)
    for (const port of next.provides) ready.add(port)
  }
  return order
}

function whyStuck(waiting: readonly AnyFunction[], provider: ReadonlyMap<PortName, string>, ready: ReadonlySet<PortName>): string {
  const lines = waiting.map(({ name, needs, wants = [] }) => {
    const missing = [...needs, ...wants.filter((port) => provider.has(port))].filter((port) => !ready.has(port))
    return `${name} needs ${missing.map((port) => `${port} (${provider.get(port) ?? 'nobody provides it'})`).join(', ')}`
  })
  return `functions cannot start: ${lines.join('; ')}`
}

/** Starts the functions in order of their ports; disposing stops them in reverse. A start that fails stops the started. */
export async function compose(options: ComposeOptions): Promise<Composition> {
  const { functions, base, config, clock, log, newId, events } = options
  const registry = options.registry ?? new Registry()
  const routes = createRouteRegistry()
  const ports: Record<string, unknown> = { ...base }
  const order = startOrder(functions, [...(Object.keys(base) as PortName[]), 'navigation'])
  const navigation = order.flatMap((definition) => definition.navigation).toSorted((a, b) => a.order - b.order)
  ports.navigation = navigation
  const started: { name: string; handle: AsyncDisposable }[] = []
  const stop = async (): Promise<void> => {
    for (const { name, handle } of started.splice(0).toReversed()) {
      try {
        await handle[Symbol.asyncDispose]()
      } catch (error) {
        log.error({ err: error, function: name }, 'a function did not stop cleanly')
      }
    }
  }
  for (const definition of order) {
    const context = {
      clock,
      newId,
      config,
      events,
      log: log.child({ function: definition.name }),
      ports,
      optional: ports as Partial<Ports>,
      metrics: declareMetrics(registry, definition.metrics),
      provide(name: PortName, port: unknown) {
        if (!definition.provides.includes(name)) throw new Error(`${definition.name} does not say that it provides ${name}`)
        ports[name] = port
      },
      serve: routes.scoped(definition.name, definition.routes),
    }
    try {
      started.push({ name: definition.name, handle: await definition.start(context as never) })
    } catch (error) {
      await stop()
      throw error
    }
    const missing = definition.provides.filter((name) => ports[name] === undefined)
    const unserved = definition.routes.filter(({ id }) => routes.get(id) === undefined)
    if (missing.length + unserved.length > 0) {
      await stop()
      throw new Error(`${definition.name} promised but did not give: ${[...missing, ...unserved.map(({ id }) => id)].join(', ')}`)
    }
    log.debug({ function: definition.name }, 'function started')
  }
  return { ports: ports as Partial<Ports>, routes, navigation, registry, [Symbol.asyncDispose]: stop }
}
