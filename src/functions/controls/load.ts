import type { AdmissionSnapshot } from '#guard/admission-types.ts'
import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { say } from '#platform/text.ts'
import { met, notMet, queryRow, unknown } from './check.ts'

const dayMs = 86_400_000

export const loadControls: readonly ControlDefinition[] = [
  {
    id: 'storm-admission',
    title: say('control.storm-admission'),
    wholeFor: ['clp14:5.6-03', 'clp14:5.6.1-04', 'clp14:5.6.1-08'],
    partOf: ['clp14:5.6.1-05', 'clp14:5.6.1-09', 'clp14:5.8.3-08'],
    how: 'Registrations are let pass by class within the capacity; a storm that was survived, with its critical devices back, proves it.',
    limits: 'A home network cannot set a device’s back-off timer over S6a; overload reports (RFC 7683) ask the visited network instead.',
    ruleIds: [],
    maxAgeMs: 90 * dayMs,
    check: ({ ports, now }) => {
      const snapshot = ports.admission?.snapshot()
      return snapshot === undefined ? unknown('not-running') : checkStorm(snapshot, now)
    },
  },
  {
    id: 'device-priority',
    title: say('control.device-priority'),
    wholeFor: ['clp14:5.6.1-03'],
    partOf: ['clp14:5.6.3-04'],
    how: 'Every subscription has a class, and there are critical ones and others.',
    limits: 'Whether the classes are the right ones is the service provider’s to say.',
    ruleIds: [],
    maxAgeMs: 600_000,
    check: checkClasses,
  },
]

function checkStorm({ capacityPerSecond, peakCompleted, storm }: AdmissionSnapshot, now: number): CheckResult {
  if (peakCompleted > capacityPerSecond) {
    return notMet('storm-admission.above-capacity', now, { peak: peakCompleted, capacity: capacityPerSecond })
  }
  if (storm === null) return unknown('storm-admission.no-storm', { capacity: capacityPerSecond })
  const params = {
    devices: storm.devices.critical,
    back: storm.back.critical,
    p95: storm.p95.critical,
    peak: peakCompleted,
    capacity: capacityPerSecond,
  }
  if (storm.until === null) return unknown('storm-admission.in-storm', params)
  if (storm.devices.critical === 0) return unknown('storm-admission.no-critical', params)
  if (storm.back.critical < storm.devices.critical) return notMet('storm-admission.critical-missing', storm.until, params)
  return met('storm-admission.survived', storm.until, params)
}

async function checkClasses(context: CheckContext): Promise<CheckResult> {
  const row = await queryRow<{ critical: boolean; others: boolean }>(
    context,
    `SELECT EXISTS (SELECT 1 FROM subscription WHERE class = 'critical') AS critical,
            EXISTS (SELECT 1 FROM subscription WHERE class IN ('standard', 'deferrable')) AS others`,
  )
  if (row === undefined) return unknown('not-running')
  if (!row.critical && !row.others) return unknown('no-subscriptions')
  return row.critical && row.others ? met('device-priority.classes', context.now) : unknown('device-priority.one-class')
}
