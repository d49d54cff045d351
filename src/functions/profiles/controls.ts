import { acknowledgementTexts, weakBearersOf } from '#domain/acknowledgement.ts'
import { deviationsOf } from '#domain/needs/permissions.ts'
import type { NeedsAnswers } from '#domain/needs/questions.ts'
import { readProfileBody, type StoredProfileBody } from '#domain/profile.ts'
import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import { say } from '#platform/text.ts'

const base = { ruleIds: [], maxAgeMs: 600_000 }
/** Profiles that a check looks at. */
const looked = 500

interface Row {
  body: StoredProfileBody
  answers: NeedsAnswers | null
  acknowledged: string[] | null
}

/** Profiles with their newest assessment and their provider's standing acknowledgements; null where nothing can be asked. */
async function profilesOf({ ports }: CheckContext): Promise<readonly Row[] | null> {
  const result = await ports.store?.query<Row>(
    `SELECT f.body, a.answers, (SELECT array_agg(k.bearer) FROM acknowledgement k WHERE k.provider_id = f.provider_id AND k.withdrawn_at IS NULL) AS acknowledged
       FROM (SELECT id, provider_id, body FROM service_profile ORDER BY id LIMIT ${looked}) AS f
       LEFT JOIN LATERAL (SELECT answers FROM needs_assessment WHERE profile_id = f.id ORDER BY id DESC LIMIT 1) AS a ON true`,
    [],
    { priority: 'portal' },
  )
  return result?.rows ?? null
}

const result = (status: CheckResult['status'], key: string, at: number | null, params: Record<string, number>): CheckResult => ({
  status,
  because: say(key, params),
  evidenceAt: at,
  sourceClass: at === null ? null : 'observed-in-line',
})

function unknownProfiles(rows: readonly Row[] | null): CheckResult | null {
  if (rows === null) return result('unknown', 'control.not-running', null, {})
  return rows.length === 0 ? result('unknown', 'control.no-profiles', null, {}) : null
}

export const profileControls: readonly ControlDefinition[] = [
  {
    ...base,
    id: 'needs-assessment',
    title: say('control.needs-assessment'),
    wholeFor: ['clp14:5.1-01'],
    partOf: [],
    how: 'Every profile has the answers to a questionnaire about what its service needs, with who gave them and when.',
    limits: 'Whether the answers are true is for the provider to know; what is observed of its devices stands beside them.',
    async check(context) {
      const rows = await profilesOf(context)
      const nothing = unknownProfiles(rows)
      if (rows === null || nothing !== null) return nothing ?? result('unknown', 'control.not-running', null, {})
      const missing = rows.filter(({ answers }) => answers === null).length
      const params = { profiles: rows.length, missing }
      if (missing === rows.length) return result('unknown', 'control.needs-assessment.none', null, params)
      return missing === 0
        ? result('met', 'control.needs-assessment.all', context.now, params)
        : result('not-met', 'control.needs-assessment.missing', context.now, params)
    },
  },
  {
    ...base,
    id: 'least-privilege',
    title: say('control.least-privilege'),
    wholeFor: ['clp14:5.1-03'],
    partOf: ['clp14:5.1-02', 'clp14:5.8.3-11'],
    how: 'Nothing is provisioned that the profile does not name; a profile carries voice or SMS only where its assessment says that the service needs it.',
    limits: null,
    async check(context) {
      const rows = await profilesOf(context)
      const nothing = unknownProfiles(rows)
      if (rows === null || nothing !== null) return nothing ?? result('unknown', 'control.not-running', null, {})
      const wide = rows.filter(({ body }) => body.voice || body.sms)
      const unasked = wide.filter(({ answers }) => answers === null).length
      const beyond = wide.filter(
        ({ body, answers }) => answers !== null && ((body.voice && !answers.voice) || (body.sms && !answers.sms)),
      ).length
      const params = { profiles: rows.length, wide: wide.length, unasked, beyond }
      if (beyond > 0) return result('not-met', 'control.least-privilege.not-asked', context.now, params)
      if (unasked > 0) return result('unknown', 'control.least-privilege.needs-assessment', null, params)
      return wide.length === 0
        ? result('met', 'control.least-privilege.data-only', context.now, params)
        : result('met', 'control.least-privilege.asked', context.now, params)
    },
  },
  {
    ...base,
    id: 'as-assessed',
    title: say('control.as-assessed'),
    wholeFor: ['clp14:5.1-02'],
    partOf: [],
    how: 'The version in force of each profile is held against its newest assessment, permission by permission and list by list.',
    limits: null,
    async check(context) {
      const rows = await profilesOf(context)
      const nothing = unknownProfiles(rows)
      if (rows === null || nothing !== null) return nothing ?? result('unknown', 'control.not-running', null, {})
      const beyond = rows.filter(({ body, answers }) => answers !== null && deviationsOf(readProfileBody(body), answers).length > 0).length
      const unasked = rows.filter(({ answers }) => answers === null).length
      const params = { profiles: rows.length, beyond, unasked }
      if (beyond > 0) return result('not-met', 'control.as-assessed.beyond', context.now, params)
      return unasked > 0
        ? result('unknown', 'control.as-assessed.not-assessed', null, params)
        : result('met', 'control.as-assessed.all', context.now, params)
    },
  },
  {
    ...base,
    id: 'weak-bearers',
    title: say('control.weak-bearers'),
    wholeFor: [],
    partOf: ['clp14:5.1-02'],
    how: 'No profile carries SMS or USSD without a standing acknowledgement, signed by a person, of how weak they are.',
    limits: null,
    async check(context) {
      const rows = await profilesOf(context)
      const nothing = unknownProfiles(rows)
      if (rows === null || nothing !== null) return nothing ?? result('unknown', 'control.not-running', null, {})
      const carrying = rows.filter(({ body }) => weakBearersOf(readProfileBody(body)).length > 0)
      const open = carrying.filter(
        ({ body, acknowledged }) => !weakBearersOf(readProfileBody(body)).every((bearer) => acknowledged?.includes(bearer) === true),
      ).length
      const params = { profiles: carrying.length, open, texts: acknowledgementTexts.length }
      if (carrying.length === 0) return result('met', 'control.weak-bearers.none', context.now, params)
      return open === 0
        ? result('met', 'control.weak-bearers.signed', context.now, params)
        : result('not-met', 'control.weak-bearers.open', context.now, params)
    },
  },
  {
    ...base,
    id: 'address-allowlist',
    title: say('control.address-allowlist'),
    wholeFor: ['clp14:5.1-04'],
    partOf: [],
    how: 'Profiles list the addresses and domains that their devices may reach.',
    limits: 'The list is checked and kept; nothing enforces it before a gateway takes it.',
    async check(context) {
      const rows = await profilesOf(context)
      const nothing = unknownProfiles(rows)
      if (rows === null || nothing !== null) return nothing ?? result('unknown', 'control.not-running', null, {})
      const bodies = rows.map(({ body }) => readProfileBody(body))
      const listed = bodies.filter(({ allowedAddresses, allowedDomains }) => allowedAddresses.length + allowedDomains.length > 0).length
      const params = { profiles: rows.length, listed }
      return listed === 0
        ? result('unknown', 'control.address-allowlist.none', null, params)
        : result('not-met', 'control.address-allowlist.computed', context.now, params)
    },
  },
  {
    ...base,
    id: 'fixed-dialling',
    title: say('control.fixed-dialling'),
    wholeFor: ['clp14:5.1-05'],
    partOf: [],
    how: 'Profiles that carry voice or SMS have a list of numbers, and the records of EF_FDN are computed from it.',
    limits: 'The records are not delivered to cards, and no node checks the numbers: it stays not met until one does.',
    async check(context) {
      const rows = await profilesOf(context)
      const nothing = unknownProfiles(rows)
      if (rows === null || nothing !== null) return nothing ?? result('unknown', 'control.not-running', null, {})
      const carrying = rows.map(({ body }) => readProfileBody(body)).filter(({ voice, sms }) => voice || sms)
      const listed = carrying.filter(({ fixedNumbers }) => fixedNumbers.length > 0).length
      const params = { profiles: carrying.length, listed }
      return carrying.length === 0
        ? result('not-applicable', 'control.fixed-dialling.data-only', context.now, params)
        : result('not-met', 'control.fixed-dialling.computed', context.now, params)
    },
  },
]
