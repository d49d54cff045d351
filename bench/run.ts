import { availableParallelism, cpus, loadavg } from 'node:os'
import type { Bench, Measurement } from './bench.ts'
import { bench as codec } from './codec.ts'
import { bench as footprint } from './footprint.ts'
import { bench as milenage } from './milenage.ts'
import { bench as portal } from './portal.ts'
import { bench as s6a } from './s6a.ts'
import { bench as tuak } from './tuak.ts'
import { bench as vault } from './vault.ts'

/** Every bench, in the order in which they run. */
export const benches: readonly Bench[] = [milenage, tuak, vault, codec, s6a, portal, footprint]

/**
 * Runs the named benches, or all. One line a measurement: JSON objects, or words for people.
 * Resolves to the exit code: 0, 1 where a bench fails, 2 where a name is unknown. A missed aim is no failure.
 */
export async function runBench(names: readonly string[], options: { json: boolean }): Promise<number> {
  const unknown = names.find((name) => !benches.some((bench) => bench.name === name))
  if (unknown !== undefined) {
    process.stderr.write(`bench: no bench ${JSON.stringify(unknown)}; there are ${benches.map((bench) => bench.name).join(', ')}\n`)
    return 2
  }
  let code = 0
  for (const bench of benches) {
    if (names.length > 0 && !names.includes(bench.name)) continue
    if (!options.json) process.stdout.write(`${bench.name}: ${bench.summary}\n`)
    try {
      for await (const measurement of bench.run()) process.stdout.write(`${format(withConditions(measurement), options.json)}\n`)
    } catch (error) {
      process.stderr.write(`bench ${bench.name}: ${error instanceof Error ? error.message : String(error)}\n`)
      code = 1
    }
  }
  return code
}

/** A figure without its machine means little. */
function withConditions(measurement: Measurement): Measurement {
  return {
    ...measurement,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
    node: process.versions.node,
  }
}

function format(measurement: Measurement, json: boolean): string {
  if (json) return JSON.stringify(measurement)
  const { name, ours, reference, ratio, unit, aim, reason, ...conditions } = measurement
  const against = reference === null ? `no reference (${reason ?? 'none named'})` : `reference ${reference.toLocaleString('en')}`
  const rest = Object.entries(conditions).map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `  ${name}: ${ours.toLocaleString('en')} ${unit}, ${against}, ratio ${ratio ?? 'none'} (aim ${aim})\n    ${rest.join(', ')}`
}
