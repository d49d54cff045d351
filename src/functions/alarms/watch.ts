import type { AlarmPort, Severity } from '#platform/alarm.ts'
import { burnAlarms, isOver } from '#platform/burn.ts'
import type { Objective } from '#platform/http/schemas/alarms.ts'
import type { Ports, SignalEvent } from '#platform/ports.ts'
import { forgedReasons } from '#platform/signal-counts.ts'
import { say } from '#platform/text.ts'

const source = 'alarms'
const dayMs = 86_400_000
const certificateWarningDays = 14

/** Forged messages of one partner and reason are one alarm, however many. */
export function alarmOfSignal(event: SignalEvent, alarms: AlarmPort, partnerName: string | null): void {
  if (!event.alert) return
  const isForged = event.action !== 'allow' && forgedReasons.has(event.reason)
  const passed = event.action === 'allow' ? event.shadow.find(({ reason }) => forgedReasons.has(reason)) : undefined
  if (!isForged && passed === undefined) return
  const who = partnerName ?? event.peerId
  const reason = passed?.reason ?? event.reason
  const params = { who, reason, operation: event.operation, host: event.originHost, rule: passed?.ruleId ?? event.ruleId }
  alarms.raise({
    key: `${passed === undefined ? 'refused' : 'passed'}:${reason}:${event.partnerId ?? event.peerId}`,
    kind: passed === undefined ? 'forged-signalling' : 'forged-signalling-passed',
    severity: passed === undefined ? 'major' : 'critical',
    source,
    title: say(passed === undefined ? 'alarm.forged' : 'alarm.forged-passed', params),
    cause: say(`alarm.forged.cause.${reason}`, params),
    action: say(passed === undefined ? 'alarm.forged.action' : 'alarm.forged-passed.action', params),
    partnerId: event.partnerId,
  })
}

/** What is looked at now and then: each raises its alarm while it lasts and clears it when it is over. */
export function watchPorts(ports: Readonly<Partial<Ports>>, alarms: AlarmPort, objectives: readonly Objective[], now: number): void {
  watchLinks(ports, alarms, now)
  watchAdmission(ports, alarms)
  const verification = ports.ledgerStatus?.verification()
  raiseWhile(verification?.ok === false, alarms, { key: 'ledger', kind: 'ledger', severity: 'critical', params: {} })
  for (const { id, burn, good, target } of objectives) {
    const alarm = burnAlarms.find((candidate) => isOver(burn, candidate))
    raiseWhile(alarm !== undefined, alarms, {
      key: `objective:${id}`,
      kind: 'objective',
      severity: alarm?.severity ?? 'major',
      params: { objective: id, good, target },
    })
  }
}

function watchLinks(ports: Readonly<Partial<Ports>>, alarms: AlarmPort, now: number): void {
  const enabled = new Set((ports.network?.peers() ?? []).filter((peer) => peer.enabled).map(({ id }) => id))
  for (const { peerId, up, openSince, messagesIn, tls } of ports.links?.links() ?? []) {
    // A peer that never came up is not a link that went down.
    const wasUp = openSince !== null || messagesIn > 0
    raiseWhile(enabled.has(peerId) && !up && wasUp, alarms, {
      key: `peer-down:${peerId}`,
      kind: 'peer-down',
      severity: 'major',
      params: { peer: peerId },
    })
    const expiresAt = tls?.certificateExpiresAt ?? null
    const isDue = expiresAt !== null && expiresAt - now < certificateWarningDays * dayMs
    raiseWhile(isDue, alarms, {
      key: `certificate:${peerId}`,
      kind: 'certificate',
      severity: 'warning',
      params: { peer: peerId, days: expiresAt === null ? null : Math.floor((expiresAt - now) / dayMs) },
    })
  }
}

function watchAdmission(ports: Readonly<Partial<Ports>>, alarms: AlarmPort): void {
  const snapshot = ports.admission?.snapshot()
  if (snapshot === undefined) return
  const { storm, capacityPerSecond } = snapshot
  const isOn = storm !== null && storm.until === null
  raiseWhile(isOn, alarms, { key: 'storm', kind: 'storm', severity: 'major', params: { capacity: capacityPerSecond } })
}

interface Condition {
  key: string
  kind: string
  severity: Severity
  params: Record<string, string | number | null>
}

function raiseWhile(holds: boolean, alarms: AlarmPort, { key, kind, severity, params }: Condition): void {
  const stands = alarms.standing().some((alarm) => alarm.key === key)
  if (!holds) {
    if (stands) alarms.clear(key, source)
    return
  }
  if (stands) return
  alarms.raise({
    key,
    kind,
    severity,
    source,
    title: say(`alarm.${kind}`, params),
    cause: say(`alarm.${kind}.cause`, params),
    action: say(`alarm.${kind}.action`, params),
  })
}
