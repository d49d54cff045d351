import { randomBytes } from 'node:crypto'
import type { PersonRole } from '#platform/permission.ts'
import type { SimCard } from '#sim/cards.ts'
import type { ProviderId } from '#sim/world.ts'
import { type Tx, toJson } from '#store/db.ts'
import { idOf } from './rows.ts'

/** Who the simulated providers are in law, how they group their SIMs, and who their people are. All of it is made up. */

const dayS = 86_400

interface GroupSeed {
  name: string
  below?: string
  service?: { objective: number; windowS: number }
}

interface OrganisationSeed {
  legal: { name: string; registrationNumber: string; country: string }
  contact: { name: string; email: string; phone: string }
  /** Those without groups below them hold the SIMs, in equal parts. */
  groups: readonly GroupSeed[]
}

const organisations: Readonly<Record<ProviderId, OrganisationSeed>> = {
  gridmere: {
    legal: { name: 'Gridmere Metering Ltd', registrationNumber: '2011-04417', country: 'XA' },
    contact: { name: 'Ines Corrado', email: 'network@gridmere.example', phone: '+999 700 100 200' },
    groups: [
      { name: 'Households', service: { objective: 0.98, windowS: 30 * dayS } },
      { name: 'North district', below: 'Households' },
      { name: 'South district', below: 'Households' },
      { name: 'Substations', service: { objective: 0.995, windowS: 30 * dayS } },
    ],
  },
  wayfold: {
    legal: { name: 'Wayfold Tracking BV', registrationNumber: '77120934', country: 'XB' },
    contact: { name: 'Jonas Veld', email: 'ops@wayfold.example', phone: '+999 700 300 400' },
    groups: [
      { name: 'Containers', service: { objective: 0.95, windowS: 7 * dayS } },
      { name: 'Dry', below: 'Containers' },
      { name: 'Refrigerated', below: 'Containers', service: { objective: 0.99, windowS: 7 * dayS } },
      { name: 'Pallets' },
    ],
  },
  havenpulse: {
    legal: { name: 'Havenpulse Health SA', registrationNumber: '5501-882', country: 'XC' },
    contact: { name: 'Mirela Stan', email: 'oncall@havenpulse.example', phone: '+999 700 500 600' },
    groups: [
      { name: 'Home monitors', service: { objective: 0.999, windowS: 30 * dayS } },
      { name: 'Ambulances', service: { objective: 0.9995, windowS: 30 * dayS } },
    ],
  },
}

const organisationOf = (providerId: string): OrganisationSeed | undefined =>
  Object.hasOwn(organisations, providerId) ? organisations[providerId as ProviderId] : undefined

function leavesOf({ groups }: OrganisationSeed): readonly GroupSeed[] {
  return groups.filter(({ name }) => !groups.some(({ below }) => below === name))
}

/** In which group a SIM is; null where its provider has none. */
export function groupIdOf(sim: Pick<SimCard, 'index' | 'providerId'>, idFor: typeof idOf): string | null {
  const organisation = organisationOf(sim.providerId)
  if (organisation === undefined) return null
  const leaves = leavesOf(organisation)
  const leaf = leaves[Math.floor(sim.index / 10) % leaves.length]
  return leaf === undefined ? null : idFor('group', `${sim.providerId} ${leaf.name}`)
}

/** Groups, each after the one that it is in, and what is on record of their owners. */
export async function seedOrganisations(tx: Tx, now: number): Promise<void> {
  for (const [providerId, { legal, contact, groups }] of Object.entries(organisations)) {
    await tx.query('UPDATE provider SET legal = $2, contact = $3, verified = $4 WHERE id = $1 AND legal IS NULL', [
      idOf('provider', providerId),
      toJson(legal),
      toJson(contact),
      toJson({ at: now, by: 'installation', evidence: 'simulated register extract' }),
    ])
    for (const { name, below, service } of groups) {
      await tx.query(
        'INSERT INTO sim_group (id, provider_id, parent_id, name, service) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
        [
          idOf('group', `${providerId} ${name}`),
          idOf('provider', providerId),
          below === undefined ? null : idOf('group', `${providerId} ${below}`),
          name,
          service === undefined ? null : toJson(service),
        ],
      )
    }
  }
}

interface PersonSeed {
  name: string
  provider: ProviderId | null
  role: PersonRole
  factors: readonly ('passkey' | 'password' | 'totp')[]
  /** Hours since they were last here; null: invited and not come yet. */
  seenH: number | null
}

const people: readonly PersonSeed[] = [
  { name: 'Runa Halden', provider: null, role: 'operator-admin', factors: ['passkey'], seenH: 3 },
  { name: 'Tomas Brandt', provider: null, role: 'operator-engineer', factors: ['passkey'], seenH: 20 },
  { name: 'Akiko Sato', provider: null, role: 'operator-security', factors: ['passkey'], seenH: 1 },
  { name: 'Lena Audit', provider: null, role: 'auditor', factors: ['password', 'totp'], seenH: 900 },
  { name: 'Ines Corrado', provider: 'gridmere', role: 'provider-admin', factors: ['passkey'], seenH: 6 },
  { name: 'Piet Noord', provider: 'gridmere', role: 'provider-manager', factors: ['password', 'totp'], seenH: 49 },
  { name: 'Jonas Veld', provider: 'wayfold', role: 'provider-admin', factors: ['passkey'], seenH: 2 },
  { name: 'Mirela Stan', provider: 'havenpulse', role: 'provider-admin', factors: ['passkey'], seenH: 11 },
  { name: 'Dan Ilie', provider: 'havenpulse', role: 'provider-viewer', factors: [], seenH: null },
]

/**
 * People for the demo, which has no sign-in: nobody can come in as one of them, their factors are random octets. Only there: a
 * person on record is what makes an installation claimed.
 */
export async function seedPeople(tx: Tx, now: number): Promise<void> {
  for (const { name, provider, role, factors, seenH } of people) {
    const id = idOf('person', name)
    const { affected } = await tx.query(
      `INSERT INTO person (id, provider_id, name, email, roles, created_at, signed_in_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [
        id,
        provider === null ? null : idOf('provider', provider),
        name,
        `${name.toLowerCase().replace(' ', '.')}@${provider ?? 'halden'}.example`,
        [role],
        new Date(now - 90 * dayS * 1000),
        seenH === null ? null : new Date(now - seenH * 3_600_000),
      ],
    )
    if (affected === 0) continue
    for (const kind of factors) {
      await tx.query('INSERT INTO credential (id, person_id, kind, secret) VALUES ($1, $2, $3, $4)', [
        idOf('credential', `${name} ${kind}`),
        id,
        kind,
        randomBytes(32),
      ])
    }
  }
}
