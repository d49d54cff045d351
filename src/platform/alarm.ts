import type { Message } from './text.ts'

export type Severity = 'critical' | 'major' | 'minor' | 'warning'

/** What a function says when something needs a person. One standing alarm per `key`: raising it again counts up. */
export interface AlarmReport {
  /** Stable and specific: `forged-network:partner-id`. */
  key: string
  kind: string
  severity: Severity
  source: string
  title: Message
  cause: Message
  action: Message
  providerId?: string | null
  partnerId?: string | null
  imsi?: string | null
}

export interface AlarmView {
  id: string
  key: string
  kind: string
  severity: Severity
  state: 'raised' | 'acknowledged' | 'cleared'
  title: Message
  cause: Message
  action: Message
  owner: string | null
  source: string
  providerId: string | null
  partnerId: string | null
  imsi: string | null
  raisedAt: number
  lastAt: number
  count: number
  acknowledgedAt: number | null
  clearedAt: number | null
  note: string | null
}

export interface AlarmPort {
  /** Never blocks, never throws: it is written in the background. */
  raise(report: AlarmReport): void
  /** The cause is gone; nothing where no such alarm stands. */
  clear(key: string, by: string): void
  /** Standing alarms, worst and newest first. */
  standing(): readonly AlarmView[]
}
