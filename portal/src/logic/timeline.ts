import { isRefusal } from '../api/state.ts'
import type { TimelineItem } from '../api/types.ts'

/** One line of the timeline: an event, or several of the same kind that followed each other. */
export interface TimelineLine {
  id: string
  /** Of the newest. */
  at: number
  lane: TimelineItem['lane']
  /** Newest first; never empty. */
  items: readonly TimelineItem[]
  tone: 'ref' | 'ok' | 'att' | ''
}

export type TimelineView = 'all' | 'refused' | 'changes'

/** Repeats of one signal collapse: same operation, network, verdict and reason, within this time of each other. */
const togetherMs = 15 * 60_000

function sameKind(a: TimelineItem, b: TimelineItem): boolean {
  if (a.signal === null || b.signal === null) return false
  return (
    a.signal.operation === b.signal.operation &&
    a.signal.partnerId === b.signal.partnerId &&
    a.signal.action === b.signal.action &&
    a.signal.reason === b.signal.reason &&
    a.signal.action !== 'allow' &&
    Math.abs(a.at - b.at) < togetherMs
  )
}

function toneOf(item: TimelineItem): TimelineLine['tone'] {
  const { signal, key } = item
  if (signal !== null) {
    if (isRefusal(signal.action, signal.reason)) return 'ref'
    return signal.action === 'allow' ? 'ok' : 'att'
  }
  // A lock that somebody moved or released stops nobody.
  if (key === 'timeline.sim-imei-lock') return ''
  return key !== null && /impos|barred|lock|alarm|refused|failed/.test(key) ? 'ref' : ''
}

/**
 * Newest first in, newest first out. Of several alike the *oldest* stays a line of its own: it is the one that
 * explains, and the later ones are "4 more".
 */
export function timelineLines(items: readonly TimelineItem[], view: TimelineView): TimelineLine[] {
  const shown = items.filter((item) => {
    if (view === 'refused') return toneOf(item) === 'ref'
    return view === 'changes' ? item.lane !== 'signalling' : true
  })
  const lines: { items: TimelineItem[] }[] = []
  for (const item of shown) {
    const run = lines.at(-1)
    const previous = run?.items.at(-1)
    if (run !== undefined && previous !== undefined && sameKind(previous, item)) run.items.push(item)
    else lines.push({ items: [item] })
  }
  return lines.flatMap(({ items: run }) => {
    const first = run.at(-1)
    if (run.length < 3 || first === undefined) return run.map((item) => lineOf([item]))
    return [lineOf(run.slice(0, -1)), lineOf([first])]
  })
}

function lineOf(items: readonly TimelineItem[]): TimelineLine {
  const [newest] = items
  if (newest === undefined) throw new RangeError('a line of the timeline has no item')
  return { id: newest.id, at: newest.at, lane: newest.lane, items, tone: toneOf(newest) }
}

/** The usual time between repeats, ms; null for one. */
export function spacingMs(items: readonly { at: number }[]): number | null {
  const first = items[0]
  const last = items.at(-1)
  return first === undefined || last === undefined || items.length < 2 ? null : Math.round((first.at - last.at) / (items.length - 1))
}
