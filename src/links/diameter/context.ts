import type { Message } from '#protocols/diameter/message.ts'
import type { Connection } from './connection.ts'
import type { EmitEvent } from './events.ts'
import type { AnswerWaiter } from './stored-answers.ts'
import type { ApplicationId, DiameterNodeOptions, LinkLimits, LinkTimers } from './types.ts'

/** What the parts of one node share. */
export interface NodeContext {
  readonly options: DiameterNodeOptions
  readonly applications: readonly ApplicationId[]
  readonly limits: LinkLimits
  readonly timers: LinkTimers
  readonly random: () => number
  readonly emit: EmitEvent
  /** Who a failure answer is from. */
  readonly local: { readonly originHost: string; readonly originRealm: string }
  nextEndToEnd(): number
  isOwnHost(host: string): boolean
  isOwnRealm(realm: string): boolean
  /** Notes a connection until it closes, so that the node can close it. */
  track(connection: Connection): void
  /** A stored answer that another agent of the same link class brought the request for: a retransmission may fail over. */
  recallElsewhere(
    peerId: string,
    originHost: string,
    endToEnd: number,
    sessionId: string,
    waiter: AnswerWaiter,
  ): Buffer | 'waiting' | undefined
}

export const baseCommands = { capabilities: 257, watchdog: 280, disconnect: 282 } as const

/** The AVP's text, whatever the command; empty where it is absent. */
export function textAvp(
  message: Message,
  name: 'Origin-Host' | 'Origin-Realm' | 'Destination-Host' | 'Destination-Realm' | 'Session-Id',
): string {
  const value = (message.avps as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value : ''
}

export function routeRecords(message: Message): readonly string[] {
  const value = (message.avps as Readonly<Record<string, unknown>>)['Route-Record']
  return Array.isArray(value) ? (value as readonly string[]) : []
}

/** DiameterIdentities are compared without regard to case (RFC 6733 §4.3.1). */
export function isSameIdentity(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase())
}
