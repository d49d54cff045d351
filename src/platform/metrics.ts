import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { MetricDefinition, Metrics, Sample } from './function.ts'

type Metric = Counter | Gauge | Histogram

/** Registers what a function declares; asking for a name that it did not declare is a programmer's fault. */
export function declareMetrics(registry: Registry, definitions: readonly MetricDefinition[]): Metrics {
  const readers = new Map<string, () => Iterable<Sample>>()
  const made = new Map(definitions.map((definition) => [definition.name, create(registry, definition, readers)]))
  const get = <M extends Metric>(name: string, type: new (...args: never[]) => M): M => {
    const metric = made.get(name)
    if (!(metric instanceof type)) throw new Error(`no such metric is declared: ${name}`)
    return metric
  }
  return {
    counter: (name) => get(name, Counter),
    gauge: (name) => get(name, Gauge),
    histogram: (name) => get(name, Histogram),
    collect(name, read) {
      if (!made.has(name)) throw new Error(`no such metric is declared: ${name}`)
      readers.set(name, read)
    },
  }
}

function create(registry: Registry, definition: MetricDefinition, readers: ReadonlyMap<string, () => Iterable<Sample>>): Metric {
  const { name, kind, help, labels, buckets } = definition
  const options = { name, help, labelNames: [...labels], registers: [registry] }
  const samples = (): Iterable<Sample> => readers.get(name)?.() ?? []
  switch (kind) {
    case 'counter':
      return new Counter({
        ...options,
        collect() {
          if (!readers.has(name)) return
          this.reset()
          for (const { labels: values, value } of samples()) this.inc(values, value)
        },
      })
    case 'gauge':
      return new Gauge({
        ...options,
        collect() {
          if (!readers.has(name)) return
          this.reset()
          for (const { labels: values, value } of samples()) this.set(values, value)
        },
      })
    case 'histogram':
      return new Histogram(buckets === undefined ? options : { ...options, buckets: [...buckets] })
  }
}
