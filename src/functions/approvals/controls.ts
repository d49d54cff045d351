import type { ControlDefinition } from '#platform/control.ts'
import { say } from '#platform/text.ts'

const dayMs = 86_400_000

export const approvalControls: readonly ControlDefinition[] = [
  {
    id: 'approval-receipts',
    title: say('control.approval-receipts'),
    wholeFor: ['clp14:3.2-03'],
    partOf: [],
    how: 'Who asks, who agrees and what was done stand in the signed ledger; each decision is signed by the person’s passkey over the hash of the command. The newest receipt is made and verified every minute, with public keys alone.',
    limits: 'Commands to the operator’s systems; what devices and services say to each other is not covered.',
    ruleIds: [],
    maxAgeMs: dayMs,
    check({ ports }) {
      if (ports.approvals === undefined)
        return { status: 'unknown', because: say('control.not-running'), evidenceAt: null, sourceClass: null }
      const last = ports.approvals.receiptCheck()
      if (last === null) return { status: 'offered', because: say('control.approval-receipts.none'), evidenceAt: null, sourceClass: null }
      const evidence = { evidenceAt: last.at, sourceClass: 'observed-in-line' } as const
      if (!last.ok) return { status: 'not-met', because: say('control.approval-receipts.broken'), ...evidence }
      if (!last.signed)
        return { status: 'unknown', because: say('control.approval-receipts.unsigned'), evidenceAt: null, sourceClass: null }
      return { status: 'met', because: say('control.approval-receipts.verified'), ...evidence }
    },
  },
  {
    id: 'human-approval',
    title: say('control.human-approval'),
    wholeFor: [],
    partOf: ['clp14:5.8.6-04', 'clp14:5.1-06', 'clp14:5.1-07'],
    how: 'What the exemption gate leaves to persons is executed only after as many others agreed as it asks for; who asked never counts, and a person counts once.',
    limits: 'Only what is asked for as an approval: each function says what needs one.',
    ruleIds: [],
    maxAgeMs: 90 * dayMs,
    async check({ now, ports }) {
      if (ports.store === undefined || ports.approvals === undefined)
        return { status: 'unknown', because: say('control.not-running'), evidenceAt: null, sourceClass: null }
      const { rows } = await ports.store.query<{ executed: bigint; short: bigint; newest: Date | null }>(
        `SELECT count(*) AS executed, max(a.closed_at) AS newest, count(*) FILTER (WHERE a.needed > (SELECT count(*) FROM approval_decision d
           WHERE d.approval_id = a.id AND d.decision = 'approve' AND d.person_id IS DISTINCT FROM a.requested_by)) AS short
         FROM (SELECT * FROM approval WHERE state = 'executed' AND closed_at > $1 ORDER BY id DESC LIMIT 100) a`,
        [new Date(now - 90 * dayMs)],
        { priority: 'portal' },
      )
      const [found] = rows
      const newest = found?.newest?.getTime() ?? null
      if (found === undefined || newest === null)
        return { status: 'offered', because: say('control.human-approval.none'), evidenceAt: null, sourceClass: null }
      const evidence = { evidenceAt: newest, sourceClass: 'observed-in-line' } as const
      const short = Number(found.short)
      if (short > 0) return { status: 'not-met', because: say('control.human-approval.short', { short }), ...evidence }
      return { status: 'met', because: say('control.human-approval.kept', { executed: Number(found.executed) }), ...evidence }
    },
  },
]
