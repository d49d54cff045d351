import type { SubscriptionChange } from '#platform/change.ts'
import type { Job as JobView } from '#platform/http/schemas/jobs.ts'
import type { NetworkDirectory } from '#platform/ports.ts'
import { emptyPreview, finished, type Job } from './job.ts'
import { approvalNeeded } from './need.ts'

export interface ViewContext {
  network: NetworkDirectory | undefined
  approvalFrom: number
  restMs: number
  /** Names of the providers that are shown. */
  providerNames: ReadonlyMap<string, string>
}

/** A job as the API shows it. */
export function viewOf(job: Job, context: ViewContext): JobView {
  const { change, target, preview } = job
  const isRunning = job.state === 'running'
  return {
    id: job.id,
    provider: job.providerId === null ? null : { id: job.providerId, name: context.providerNames.get(job.providerId) ?? '' },
    kind: job.kind,
    state: job.state,
    change: change === null || change.kind === 'import' ? null : (change as JobView['change'] & SubscriptionChange),
    filter: target.from === 'filter' ? target.filter : null,
    reason: job.reason,
    by: { id: job.createdBy, name: job.createdByName },
    approvedBy: [...job.approvedBy],
    approvalId: job.approvalId,
    total: job.total,
    done: job.done,
    outcomes: { ...job.outcomes },
    badRows: job.badRows,
    preview: preview === null ? null : previewOf(job, preview, context.approvalFrom),
    setHash: job.setHash,
    progress: {
      perSecond: isRunning ? Math.round(job.rate * 10) / 10 : 0,
      leftMs: isRunning && job.rate > 0 ? Math.round(((job.total - job.done) / job.rate) * 1000) : null,
      restMs: isRunning ? Math.round(context.restMs) : 0,
    },
    telling: tellingOf(job, context.network),
    fault: job.fault,
    retryOf: job.retryOf,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
  }
}

function previewOf(job: Job, { needed: _needed, ...preview }: NonNullable<Job['preview']>, approvalFrom: number): JobView['preview'] {
  return { ...emptyPreview(), ...preview, approvals: approvalNeeded(job, approvalFrom) }
}

/** How far serving nodes have been told, and which partner takes longest: its share of what is left, at its agreed rate. */
function tellingOf(job: Job, network: NetworkDirectory | undefined): JobView['telling'] {
  const left = job.toTell === 0 ? 0 : 1 - job.told / job.toTell
  const slow = Object.entries(job.toTellBy)
    .map(([id, sims]) => {
      const partner = network?.partners().find((one) => one.id === id)
      const perSecond = partner?.agreedRate ?? ourRate
      return { name: partner?.name ?? '', perSecond, sims: Math.round(sims * left), leftMs: Math.round(((sims * left) / perSecond) * 1000) }
    })
    .toSorted((a, b) => b.leftMs - a.leftMs)[0]
  const isTelling = left > 0 && !(finished.has(job.state) && job.state !== 'cancelled')
  return {
    total: job.toTell,
    done: job.told,
    ...job.toldOutcomes,
    leftMs: isTelling ? (slow?.leftMs ?? null) : null,
    slowest: isTelling && slow !== undefined ? { name: slow.name, perSecond: slow.perSecond, sims: slow.sims } : null,
  }
}

/** Where no partner is on record for a serving node. */
const ourRate = 50
