import type { Logger } from 'pino'
import type { Counter, Gauge, Histogram } from 'prom-client'
import type { ConfigKey, ConfigValues } from './config.ts'
import type { Context } from './context.ts'
import type { ControlDefinition } from './control.ts'
import type { EventPublisher } from './http/event-hub.ts'
import type { Operation, Output } from './http/operation.ts'
import type { Call } from './http/route.ts'
import type { PortName, Ports } from './ports.ts'

export interface MetricDefinition {
  name: string
  kind: 'counter' | 'gauge' | 'histogram'
  help: string
  labels: readonly string[]
  buckets?: readonly number[]
}

/** A page of the portal that this function brings. Lower `order` stands higher. */
export interface NavigationEntry {
  id: string
  path: string
  order: number
}

/** The metrics that a function declared, by name. */
export interface Metrics {
  counter(name: string): Counter
  gauge(name: string): Gauge
  histogram(name: string): Histogram
  /** Reads the values when they are asked for, from counts that stand elsewhere; for counters and gauges. */
  collect(name: string, read: () => Iterable<Sample>): void
}

export interface Sample {
  labels: Record<string, string>
  value: number
}

/** Serves an operation that the definition lists in `routes`. */
export type Serve = <O extends Operation>(operation: O, handler: (call: Call<O>) => Promise<Output<O>> | Output<O>) => void

/** What `start` gets: only the ports that the function said it needs. */
export interface FunctionContext<Needs extends PortName, Provides extends PortName> extends Context {
  log: Logger
  config: ConfigValues
  ports: Pick<Ports, Needs>
  /** Ports that may be absent: what runs here beside this function. Read when used, not at the start. */
  optional: Readonly<Partial<Ports>>
  metrics: Metrics
  events: EventPublisher
  provide<Name extends Provides>(name: Name, port: Ports[Name]): void
  serve: Serve
}

/** One network function or one part of the portal's work, as data plus `start`. */
export interface FunctionDefinition<Needs extends PortName = PortName, Provides extends PortName = PortName> {
  name: string
  /** Keys of the configuration table that it reads. */
  config: readonly ConfigKey[]
  provides: readonly Provides[]
  needs: readonly Needs[]
  /** Ports that it reads in `start` where they are there: it then starts after whoever provides them. */
  wants?: readonly PortName[]
  controls: readonly ControlDefinition[]
  routes: readonly Operation[]
  navigation: readonly NavigationEntry[]
  metrics: readonly MetricDefinition[]
  start(ctx: FunctionContext<Needs, Provides>): Promise<AsyncDisposable>
}

/** Any function, whatever its ports: what `compose` takes. */
export type AnyFunction = Omit<FunctionDefinition, 'start'> & { start(ctx: never): Promise<AsyncDisposable> }

/** Keeps the literal port names, so that `ctx.ports` has exactly what is needed. */
export function defineFunction<const Needs extends PortName = never, const Provides extends PortName = never>(
  definition: FunctionDefinition<Needs, Provides>,
): FunctionDefinition<Needs, Provides> {
  return definition
}
