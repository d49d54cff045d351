import type { SubscriptionChange } from '#platform/change.ts'
import type { Job } from './job.ts'

/** Changes that cannot cut a device off. */
const harmless: ReadonlySet<SubscriptionChange['kind'] | 'import'> = new Set(['label', 'group', 'plan', 'lift', 'import'])

/**
 * How many persons besides the one who asks must agree, and why: the exemption gate wants them for a row, critical SIMs could
 * be cut off, or the set is large.
 */
export function approvalNeeded(
  job: Pick<Job, 'kind' | 'change' | 'preview' | 'total' | 'isPerson'>,
  approvalFrom: number,
): { persons: number; because: 'gate' | 'critical' | 'size' | null } {
  const { preview, change } = job
  if (preview === null) return { persons: 0, because: null }
  // A person who asks is one of those that the gate counts; a program is not.
  const gate = preview.outcomes.needsApproval === 0 ? 0 : Math.max(1, preview.needed - (job.isPerson ? 1 : 0))
  if (gate > 0) return { persons: gate, because: 'gate' }
  if (job.kind === 'import') return { persons: 0, because: null }
  if (preview.critical > 0 && (change === null || !harmless.has(change.kind))) return { persons: 1, because: 'critical' }
  return approvalFrom > 0 && job.total >= approvalFrom ? { persons: 1, because: 'size' } : { persons: 0, because: null }
}
