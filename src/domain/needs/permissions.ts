import type { FixedNumber, ProfileBody } from '../profile.ts'
import type { NeedsAnswers } from './questions.ts'

/** What a profile can permit beyond the least there is, each with the clause that warns of it. The portal has the sentences. */
export const permissionClauses = {
  voice: 'CLP.14 §5.1',
  sms: 'CLP.14 §5.1',
  ussd: 'CLP.14 §5.1',
  'old-radio': 'CLP.14 §5.2',
  'any-address': 'CLP.14 §5.1',
  'any-number': 'CLP.14 §5.1',
  roaming: 'CLP.14 §5.8',
  'roaming-anywhere': 'CLP.14 §5.8',
  'local-breakout': 'CLP.14 §5.5',
  'several-apns': 'CLP.14 §5.5',
  'any-radio': 'CLP.14 §5.1',
  'any-module': 'CLP.14 §5.8',
  'high-priority': 'CLP.14 §5.10',
  'handset-card': 'CLP.14 §5.1',
} as const satisfies Record<string, string>
export type PermissionId = keyof typeof permissionClauses
export const permissionIds = Object.keys(permissionClauses) as readonly PermissionId[]

/** TS 23.203 §6.1.7.3. */
const reservedArp = 8
/** Signalling and mission-critical classes. */
const highQcis: ReadonlySet<number> = new Set([5, 69, 70])

/** What a profile permits. */
export function permissionsIn(body: ProfileBody): ReadonlySet<PermissionId> {
  return chosen({
    voice: body.voice,
    sms: body.sms,
    ussd: body.ussd,
    // The circuit domain is reached over 2G and 3G.
    'old-radio': body.voice || body.ussd,
    'any-address': body.allowedAddresses.length + body.allowedDomains.length === 0,
    'any-number': mayReachAnyNumber(body, body.fixedNumbers),
    roaming: body.roamingArea.kind !== 'home-only',
    'roaming-anywhere': body.roamingArea.kind === 'anywhere',
    'local-breakout': body.apns.some(({ localBreakout }) => localBreakout),
    'several-apns': body.apns.length > 1,
    'any-radio': body.radio === 'any',
    'any-module': !body.imeiLock,
    'high-priority': body.apns.some(({ arpPriority, qci }) => arpPriority <= reservedArp || highQcis.has(qci)),
    'handset-card': body.cardUse === 'handset',
  })
}

/** What an assessment asks for. */
export function permissionsAsked(answers: NeedsAnswers): ReadonlySet<PermissionId> {
  return chosen({
    voice: answers.voice,
    sms: answers.sms,
    ussd: answers.ussd,
    'old-radio': answers.voice || answers.ussd,
    'any-address': answers.addresses.length + answers.domains.length === 0,
    'any-number': mayReachAnyNumber(answers, answers.numbers),
    roaming: answers.roaming !== 'home',
    'roaming-anywhere': answers.roaming === 'anywhere',
    'local-breakout': false,
    'several-apns': false,
    'any-radio': answers.radio === 'any',
    'any-module': answers.changesModule,
    // The operator's to give, to what is critical.
    'high-priority': answers.class === 'critical',
    'handset-card': answers.cardUse === 'handset',
  })
}

/** A bearer without a number of its own on the list has no list. */
function mayReachAnyNumber({ voice, sms }: { voice: boolean; sms: boolean }, numbers: readonly FixedNumber[]): boolean {
  return (voice && !numbers.some(({ forVoice }) => forVoice)) || (sms && !numbers.some(({ forSms }) => forSms))
}

function chosen(which: Record<PermissionId, boolean>): ReadonlySet<PermissionId> {
  return new Set(permissionIds.filter((id) => which[id]))
}

/** One way in which a profile gives more than its assessment asks for. */
export interface Deviation {
  kind: 'permission' | 'address' | 'domain' | 'number' | 'partner' | 'rate' | 'radio'
  /** The permission, or what was not asked for. */
  value: string
}

/** Where the profile grants more than was asked (CLP.14 §5.1: only the services required). */
export function deviationsOf(body: ProfileBody, answers: NeedsAnswers): Deviation[] {
  const asked = permissionsAsked(answers)
  const deviations: Deviation[] = [...permissionsIn(body)].filter((id) => !asked.has(id)).map((id) => ({ kind: 'permission', value: id }))
  const beyond = (kind: Deviation['kind'], granted: readonly string[], wanted: readonly string[]): void => {
    for (const value of granted) if (!wanted.includes(value)) deviations.push({ kind, value })
  }
  if (!asked.has('any-address')) {
    beyond('address', body.allowedAddresses.map(addressKey), answers.addresses.map(addressKey))
    beyond(
      'domain',
      body.allowedDomains.map(({ name }) => name),
      answers.domains,
    )
  }
  if (!asked.has('any-number'))
    beyond(
      'number',
      body.fixedNumbers.map(({ number }) => number),
      answers.numbers.map(({ number }) => number),
    )
  if (body.roamingArea.kind === 'partners' && answers.roaming === 'partners')
    beyond('partner', body.roamingArea.partnerIds, answers.partnerIds)
  if (Math.max(body.maxUplinkKbps, body.maxDownlinkKbps) > answers.kbps) deviations.push({ kind: 'rate', value: String(answers.kbps) })
  if (answers.radio !== 'any' && body.radio !== 'any' && body.radio !== answers.radio) deviations.push({ kind: 'radio', value: body.radio })
  return deviations
}

/** One entry as text: what is allowed, whatever APN it stands for. */
function addressKey({ cidr, protocol, ports }: ProfileBody['allowedAddresses'][number]): string {
  return `${cidr} ${protocol} ${ports.map(({ from, to }) => `${from}-${to}`).join(',')}`.trim()
}
