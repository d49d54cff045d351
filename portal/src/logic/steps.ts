/** Step shapes for counts: a value holds from its time to the next one's. No smoothing, axis from 0. */
export interface Scale {
  x(at: number): number
  y(value: number): number
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): (value: number) => number {
  const span = domain[1] - domain[0]
  const factor = span === 0 ? 0 : (range[1] - range[0]) / span
  return (value) => range[0] + (value - domain[0]) * factor
}

const figure = (value: number): string => String(Math.round(value * 10) / 10)

/** The upper edge as an open path; equal neighbours are one segment. */
export function stepLine(points: readonly { at: number; value: number }[], stepMs: number, { x, y }: Scale): string {
  const first = points[0]
  if (first === undefined) return ''
  let path = `M${figure(x(first.at))} ${figure(y(first.value))}`
  let last = first.value
  for (const point of points.slice(1)) {
    path += `H${figure(x(point.at))}`
    if (point.value !== last) path += `V${figure(y(point.value))}`
    last = point.value
  }
  const end = points.at(-1) ?? first
  return `${path}H${figure(x(end.at + stepMs))}`
}

/** The same as an area down to `base` (a value). */
export function stepArea(points: readonly { at: number; value: number }[], stepMs: number, scale: Scale, base = 0): string {
  const first = points[0]
  const end = points.at(-1)
  if (first === undefined || end === undefined) return ''
  const floor = figure(scale.y(base))
  return `M${figure(scale.x(first.at))} ${floor}V${stepLine(points, stepMs, scale)
    .slice(1)
    .replace(/^[\d.-]+ /, '')}V${floor}Z`
}

/** Ticks from 0 in steps that people count in, up to the first at or above `max`; about `wanted` of them. */
export function niceTicks(max: number, wanted = 5): number[] {
  if (!(max > 0)) return [0, 1]
  const raw = max / wanted
  const magnitude = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= raw) ?? magnitude * 10
  const ticks = [0]
  while ((ticks.at(-1) ?? 0) < max - step * 1e-9) ticks.push(ticks.length * step)
  return ticks
}

/** Whole minutes, hours or days between the ends, at most `most` of them. */
export function timeTicks(from: number, to: number, most = 6): number[] {
  const steps = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 86_400].map((s) => s * 1000)
  const step = steps.find((candidate) => (to - from) / candidate <= most) ?? 86_400_000
  const ticks: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return ticks
}

/** The parts of `points` above `limit`, as runs; what the hatching fills. */
export function runsAbove<P extends { value: number }>(points: readonly P[], limit: number): P[][] {
  const runs: P[][] = []
  let open: P[] | undefined
  for (const point of points) {
    if (point.value <= limit) {
      open = undefined
      continue
    }
    if (open === undefined) {
      open = []
      runs.push(open)
    }
    open.push(point)
  }
  return runs
}
