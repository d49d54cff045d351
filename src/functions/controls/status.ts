import type { Requirement } from '#catalogue/requirements.ts'
import type { SourceClass, Status, StatusCounts } from '#platform/control.ts'
import { type Message, say } from '#platform/text.ts'

/** What is known of a control now. */
export interface ControlState {
  id: string
  wholeFor: readonly string[]
  partOf: readonly string[]
  status: Status
  because: Message
  /** When the status became what it is. */
  since: number | null
  checkedAt: number | null
  evidenceAt: number | null
  sourceClass: SourceClass | null
}

export interface RequirementStatus {
  status: Status
  because: Message
  evidenceAt: number | null
  sourceClass: SourceClass | null
  controlIds: string[]
}

/**
 * A requirement's status from its controls. One that is not met makes it not met; met needs every control that carries
 * it whole, and those that carry a part never make it met. What nobody checks is unknown, and a service of §5.8 that
 * the operator can offer and this installation does not have is not offered.
 */
export function requirementStatus(requirement: Requirement, controls: readonly ControlState[]): RequirementStatus {
  const whole = controls.filter(({ wholeFor }) => wholeFor.includes(requirement.ref))
  const parts = controls.filter(({ partOf }) => partOf.includes(requirement.ref))
  const all = [...whole, ...parts]
  const controlIds = all.map(({ id }) => id)
  const failed = all.find(({ status }) => status === 'not-met')
  if (failed !== undefined) return { ...evidence([failed]), status: 'not-met', because: failed.because, controlIds }
  if (whole.length === 0) return { ...uncovered(requirement, parts), controlIds }
  const weakest = whole.toSorted((a, b) => rank(b.status) - rank(a.status))[0] ?? whole[0]
  return { ...evidence(whole), status: weakest?.status ?? 'unknown', because: weakest?.because ?? say('control.none'), controlIds }
}

/** From strongest to weakest: a requirement is as strong as its weakest control. */
const ranks: readonly Status[] = ['met', 'attested', 'offered', 'not-applicable', 'not-offered', 'unknown', 'not-met']

function rank(status: Status): number {
  return ranks.indexOf(status)
}

function uncovered(requirement: Requirement, parts: readonly ControlState[]): Omit<RequirementStatus, 'controlIds'> {
  const nothing = { evidenceAt: null, sourceClass: null }
  if (parts.length > 0) {
    const isMet = parts.filter(({ status }) => status === 'met').length
    return { ...evidence(parts), status: 'unknown', because: say('control.partly', { met: isMet, parts: parts.length }) }
  }
  if (requirement.source === 'en303645') {
    return { ...nothing, status: 'unknown', because: say('control.device-evidence', { level: requirement.networkEvidence }) }
  }
  const isService = requirement.section.startsWith('5.8.') && requirement.strength === 'can' && requirement.kind === 'function'
  if (isService) return { ...nothing, status: 'not-offered', because: say('control.not-offered') }
  return { ...nothing, status: 'unknown', because: say('control.none') }
}

/** The oldest evidence of those that have any: a chain of proof is as fresh as its oldest link. */
function evidence(controls: readonly ControlState[]): { evidenceAt: number | null; sourceClass: SourceClass | null } {
  const proven = controls.filter(({ evidenceAt }) => evidenceAt !== null)
  const oldest = proven.toSorted((a, b) => (a.evidenceAt ?? 0) - (b.evidenceAt ?? 0))[0]
  return { evidenceAt: oldest?.evidenceAt ?? null, sourceClass: oldest?.sourceClass ?? null }
}

export function countStatuses(statuses: Iterable<Status>): StatusCounts {
  const counts: StatusCounts = { met: 0, attested: 0, notMet: 0, unknown: 0, offered: 0, notOffered: 0, notApplicable: 0, total: 0 }
  const member = {
    met: 'met',
    attested: 'attested',
    'not-met': 'notMet',
    unknown: 'unknown',
    offered: 'offered',
    'not-offered': 'notOffered',
    'not-applicable': 'notApplicable',
  } as const satisfies Record<Status, keyof StatusCounts>
  for (const status of statuses) {
    counts[member[status]] += 1
    counts.total += 1
  }
  return counts
}
