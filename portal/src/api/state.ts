import type { Action, ControlStatus, Reason, State } from './types.ts'

/** How a verdict is drawn: the usual one quiet, waiting in amber, refusals in red; the shape tells them apart without colour. */
export interface Mark {
  icon: 'ok' | 'att' | 'ref' | 'unk' | 'hold' | 'chal' | 'drop' | 'no'
  /** Class of the ink. */
  tone: 'ok' | 'att' | 'ref' | 'unk' | 'dim3'
  /** Class of the tag. */
  tag: 'allow' | 'wait' | 'refuse' | 'none'
}

const refused: Mark = { icon: 'ref', tone: 'ref', tag: 'refuse' }
const waiting: Mark = { icon: 'hold', tone: 'att', tag: 'wait' }

/** Reasons that ask the device to come back: an answer to load or to a fault, never a judgement of the sender. */
const comeBack: ReadonlySet<Reason> = new Set(['storm', 'steering', 'busy', 'store-unavailable'])

export function markOf(action: Action, reason: Reason): Mark {
  switch (action) {
    case 'allow':
      return { icon: 'ok', tone: 'ok', tag: 'allow' }
    case 'hold':
      return waiting
    case 'challenge':
      return { icon: 'chal', tone: 'att', tag: 'wait' }
    case 'drop':
      return { icon: 'drop', tone: 'ref', tag: 'refuse' }
    case 'reject':
      return comeBack.has(reason) ? waiting : refused
    case 'sinkhole':
      return refused
    case 'home-route':
      return { icon: 'att', tone: 'att', tag: 'wait' }
  }
}

/** True where the sender was judged, not the load. */
export function isRefusal(action: Action, reason: Reason): boolean {
  return markOf(action, reason).tag === 'refuse'
}

export const stateMark: Readonly<Record<State, { icon: 'ok' | 'att' | 'ref' | 'unk'; tone: 'ok' | 'att' | 'ref' | 'unk' }>> = {
  ok: { icon: 'ok', tone: 'ok' },
  attention: { icon: 'att', tone: 'att' },
  refused: { icon: 'ref', tone: 'ref' },
  unknown: { icon: 'unk', tone: 'unk' },
}

/** Unknown is never rounded up: it has its own shape and its own word. */
export const statusMark: Readonly<Record<ControlStatus, { icon: Mark['icon']; tone: Mark['tone'] }>> = {
  met: { icon: 'ok', tone: 'ok' },
  attested: { icon: 'att', tone: 'att' },
  'not-met': { icon: 'ref', tone: 'ref' },
  unknown: { icon: 'unk', tone: 'unk' },
  offered: { icon: 'ok', tone: 'dim3' },
  'not-offered': { icon: 'no', tone: 'dim3' },
  'not-applicable': { icon: 'no', tone: 'dim3' },
}

/** Worst first: the order in which statuses are listed. */
export const statusOrder: readonly ControlStatus[] = ['not-met', 'unknown', 'attested', 'met', 'offered', 'not-offered', 'not-applicable']

/** Severity of an alarm as one of the four states. */
export function alarmState(alarm: { state: string; severity: string; kind: string }): State {
  if (alarm.state === 'cleared') return 'ok'
  if (/evidence|stale|unknown/.test(alarm.kind)) return 'unknown'
  return alarm.severity === 'critical' || alarm.severity === 'major' ? 'refused' : 'attention'
}
