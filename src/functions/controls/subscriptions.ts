import { createGate, defaultGatePolicy } from '#guard/gate.ts'
import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { isUuid } from '#platform/page.ts'
import { say } from '#platform/text.ts'
import { met, notMet, offered, queryRow, unknown } from './check.ts'

const dayMs = 86_400_000
const base = { ruleIds: [], limits: null, maxAgeMs: 600_000 }

export const subscriptionControls: readonly ControlDefinition[] = [
  {
    ...base,
    id: 'critical-protection',
    title: say('control.critical-protection'),
    wholeFor: ['clp14:5.1-07'],
    partOf: ['clp14:5.1-06'],
    how: 'The exemption gate is asked before a critical device is cut off; no critical subscription is stopped now by a control alone.',
    check: checkCritical,
  },
  {
    ...base,
    id: 'card-use',
    title: say('control.card-use'),
    wholeFor: ['clp14:5.1-08'],
    partOf: ['clp14:5.1-09'],
    how: 'Every card on record says whether it is for IoT or for a handset.',
    check: checkCards,
  },
  {
    ...base,
    id: 'critical-management',
    title: say('control.critical-management'),
    wholeFor: ['clp14:5.1-06'],
    partOf: [],
    how: 'The gate is asked about a critical device with nobody, one and two persons; approvals run, the newest receipt of one verifies and was signed with a passkey, and the ledger verifies.',
    limits:
      'Shows how critical subscriptions are managed, not that every critical one is classed as such: that is for its provider to say.',
    maxAgeMs: 30 * dayMs,
    check: checkManagement,
  },
  {
    ...base,
    id: 'card-segregation',
    title: say('control.card-segregation'),
    wholeFor: ['clp14:5.1-09'],
    partOf: [],
    how: 'Profiles and groups that are marked for IoT or for handsets hold only cards of that use: the first hundred SIMs of each are compared.',
    limits: 'Beyond the first hundred of a profile or group it rests on every change being refused that would mix them.',
    check: checkSegregation,
  },
  {
    ...base,
    id: 'long-lived-partition',
    title: say('control.long-lived-partition'),
    wholeFor: ['clp14:5.1-10'],
    partOf: [],
    how: 'SIMs are on an HSS partition other than the main one, and a process holds the lease of that partition.',
    limits: null,
    check: checkPartition,
  },
  {
    ...base,
    id: 'attach-approval',
    title: say('control.attach-approval'),
    wholeFor: ['clp14:5.8.6-04'],
    partOf: [],
    how: 'A held SIM that tried to attach was let in by a person; the newest such release is the evidence.',
    limits: 'Attaching to the network only: software updates and hard resets are the device maker’s to ask for.',
    maxAgeMs: 30 * dayMs,
    check: checkHeld,
  },
]

const mainPartition = 'main'

/** Nobody and one person are refused for a critical device, two are not; anything else is a fault of the policy. */
function gateHolds(): boolean {
  const gate = createGate(defaultGatePolicy)
  const subscriber = { class: 'critical', providerId: 'probe' } as const
  const allows = (kind: 'suspend' | 'class-change', approvals: readonly string[]): boolean =>
    gate.ask({ kind, by: 'critical-management', approvals }, subscriber).allowed
  return (['suspend', 'class-change'] as const).every((kind) => !allows(kind, []) && !allows(kind, ['a']) && allows(kind, ['a', 'b']))
}

function checkManagement({ ports, now }: CheckContext): CheckResult {
  const { approvals, ledgerStatus } = ports
  if (approvals === undefined || ledgerStatus === undefined) return unknown('not-running')
  if (!gateHolds()) return notMet('critical-management.gate', now)
  const ledger = ledgerStatus.verification()
  if (ledger !== null && !ledger.ok) return notMet('critical-management.ledger', ledger.at)
  const receipt = approvals.receiptCheck()
  if (receipt === null || ledger === null) return offered('critical-management.none')
  if (!receipt.ok) return notMet('critical-management.receipt', receipt.at)
  return receipt.signed ? met('critical-management.signed', receipt.at) : offered('critical-management.unsigned')
}

/** The first so many SIMs of so many profiles and groups that are marked: few rows by construction. */
const looked = 100
const lookedMarks = 20
/** SIMs beside the main partition that one check looks at. */
const lookedBeside = 1_000

async function checkSegregation(context: CheckContext): Promise<CheckResult> {
  const mixed = (
    table: string,
    column: string,
  ): string => `(SELECT count(*) FROM (SELECT id, card_use FROM ${table} WHERE card_use IS NOT NULL ORDER BY id LIMIT ${lookedMarks}) m
    JOIN LATERAL (SELECT s.card_id FROM subscription s WHERE s.${column} = m.id ORDER BY s.imsi LIMIT ${looked}) s ON true
    JOIN card c ON c.id = s.card_id WHERE c.use <> m.card_use)`
  const row = await queryRow<{ marked: bigint; mixed: bigint }>(
    context,
    `SELECT (SELECT count(*) FROM service_profile WHERE card_use IS NOT NULL) + (SELECT count(*) FROM sim_group WHERE card_use IS NOT NULL) AS marked,
            ${mixed('service_profile', 'profile_id')} + ${mixed('sim_group', 'group_id')} AS mixed`,
  )
  if (row === undefined) return unknown('not-running')
  const marked = Number(row.marked)
  if (marked === 0) return offered('card-segregation.none')
  return row.mixed === 0n
    ? met('card-segregation.apart', context.now, { marked })
    : notMet('card-segregation.mixed', context.now, { count: Number(row.mixed) })
}

async function checkPartition(context: CheckContext): Promise<CheckResult> {
  const row = await queryRow<{ sims: bigint; served: bigint }>(
    context,
    `SELECT count(*) AS sims, count(*) FILTER (WHERE EXISTS (
              SELECT FROM partition_lease l WHERE l.partition = part.hss_partition AND l.expires_at > now())) AS served
       FROM (SELECT hss_partition FROM subscription WHERE hss_partition <> '${mainPartition}' LIMIT ${lookedBeside}) AS part`,
  )
  if (row === undefined) return unknown('not-running')
  const [sims, served] = [Number(row.sims), Number(row.served)]
  if (sims === 0) return offered('long-lived-partition.none')
  return served === sims ? met('long-lived-partition.served', context.now, { sims }) : offered('long-lived-partition.unserved', { sims })
}

async function checkHeld(context: CheckContext): Promise<CheckResult> {
  const row = await queryRow<{ released: Date | null }>(
    context,
    `SELECT max(done_at) AS released FROM (
       SELECT done_at FROM sim_action WHERE kind = 'release-hold' AND state = 'done' ORDER BY id DESC LIMIT 1) AS last`,
  )
  if (row === undefined) return unknown('not-running')
  const at = row.released?.getTime() ?? null
  return at === null || context.now - at > 30 * dayMs ? offered('attach-approval.none') : met('attach-approval.released', at)
}

async function checkCritical(context: CheckContext): Promise<CheckResult> {
  const row = await queryRow<{ critical: boolean; stopped: { by: string }[][] | null }>(
    context,
    `SELECT EXISTS (SELECT 1 FROM subscription WHERE class = 'critical') AS critical,
            (SELECT jsonb_agg(imposed) FROM (SELECT imposed FROM subscription WHERE imposed <> '[]' AND class = 'critical' LIMIT 1000) AS part) AS stopped`,
  )
  if (row === undefined) return unknown('not-running')
  if (!row.critical) return unknown('critical-protection.none')
  // A person's id is a UUID; a control's is a word.
  const byControl = (row.stopped ?? []).filter((imposed) => imposed.some(({ by }) => !isUuid(by))).length
  return byControl === 0
    ? met('critical-protection.none-stopped', context.now)
    : notMet('critical-protection.stopped', context.now, { count: byControl })
}

async function checkCards(context: CheckContext): Promise<CheckResult> {
  const row = await queryRow<{ cards: bigint; unsaid: bigint }>(
    context,
    `SELECT count(*) AS cards, count(*) FILTER (WHERE use NOT IN ('iot', 'handset')) AS unsaid FROM (SELECT use FROM card LIMIT 10000) AS part`,
  )
  const cards = Number(row?.cards ?? 0n)
  if (cards === 0) return unknown('no-cards')
  const unsaid = Number(row?.unsaid ?? 0n)
  return unsaid === 0 ? met('card-use.all', context.now, { cards }) : notMet('card-use.unsaid', context.now, { cards: unsaid })
}
