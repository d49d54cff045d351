import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { MetricDefinition, Metrics } from './function.ts'

/** Registers what a function declares; asking for a name that it did not declare is a programmer's fault. */
export function declareMetrics(registry: Registry, definitions: readonly MetricDefinition[]): Metrics {
  const made = new Map<string, Counter | Gauge | Histogram>()
  for (const { name, kind, help, labels, buckets } of definitions) {
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    if (kind === 'counter') made.set(name, new Counter(options))
    else if (kind === 'gauge') made.set(name, new Gauge(options))
    else made.set(name, new Histogram(buckets === undefined ? options : { ...options, buckets: [...buckets] }))
  }
  const get = <M>(name: string, type: new (...args: never[]) => M): M => {
    const metric = made.get(name)
    if (!(metric instanceof type)) throw new Error(`no such metric is declared: ${name}`)
    return metric
  }
  return {
    counter: (name) => get(name, Counter),
    gauge: (name) => get(name, Gauge),
    histogram: (name) => get(name, Histogram),
  }
}
