import { limits } from '#core/limits.ts'
import { enteredImei } from '#domain/identities.ts'
import type { IntendedState, SubscriptionClass } from '#domain/subscription.ts'
import type { SubscriptionChange } from '#platform/change.ts'
import { isUuid } from '#platform/page.ts'
import type { TenantDb } from '#store/db.ts'
import { cleared, type RowFault } from './columns.ts'
import { shown } from './text.ts'

/** A row of a file, its cells checked one by one. */
export interface FileRow {
  line: number
  values: Readonly<Record<string, string>>
  cells: readonly string[]
}

/** The SIM that a row names. */
export interface FoundSim {
  id: string
  imsi: string
  owner: string
  msisdn: string | null
  iccid: string
}

type Finding = { row: FileRow; sim: FoundSim } | { row: FileRow; fault: RowFault }

const select = 'SELECT s.id, s.imsi, s.provider_id AS owner, s.msisdn, c.iccid FROM'
const job = { priority: 'job' } as const

/** The SIMs that some hundred rows name, in as many statements as there are kinds of identifiers. */
export async function findSims(db: TenantDb, rows: readonly FileRow[]): Promise<Finding[]> {
  const wanted = (name: string): string[] => rows.flatMap(({ values }) => (firstIdentifier(values) === name ? [values[name] ?? ''] : []))
  const byImsi = await find(db, `${select} subscription s JOIN card c ON c.id = s.card_id WHERE s.imsi = ANY ($1::text[])`, wanted('imsi'))
  const byIccid = await find(
    db,
    `${select} card c JOIN subscription s ON s.card_id = c.id WHERE c.iccid = ANY ($1::text[])`,
    wanted('iccid'),
  )
  const numbers = wanted('msisdn').flatMap((number) => [plain(number), `+${plain(number)}`])
  const byMsisdn = await find(db, `${select} subscription s JOIN card c ON c.id = s.card_id WHERE s.msisdn = ANY ($1::text[])`, numbers)
  const found = {
    imsi: groupBy(byImsi, ({ imsi }) => imsi),
    iccid: groupBy(byIccid, ({ iccid }) => iccid),
    msisdn: groupBy(byMsisdn, ({ msisdn }) => plain(msisdn ?? '')),
  }
  return rows.map((row) => {
    const name = firstIdentifier(row.values)
    if (name === undefined) return { row, fault: { column: null, code: 'identity-missing', value: null, detail: 'no cell names a SIM' } }
    const value = row.values[name] ?? ''
    return judge(row, name, value, found[name].get(name === 'msisdn' ? plain(value) : value) ?? [])
  })
}

function judge(row: FileRow, column: 'imsi' | 'iccid' | 'msisdn', value: string, sims: readonly FoundSim[]): Finding {
  const [sim, second] = sims
  if (sim === undefined) return { row, fault: { column, code: 'sim-unknown', value: shown(value), detail: 'there is no such SIM' } }
  if (second !== undefined)
    return { row, fault: { column, code: 'identity-ambiguous', value: shown(value), detail: `${sims.length} SIMs have it: name the IMSI` } }
  const other = (['iccid', 'msisdn'] as const).find((name) => {
    const given = row.values[name]
    return given !== undefined && plain(given) !== plain(sim[name] ?? '')
  })
  if (other !== undefined)
    return {
      row,
      fault: {
        column: other,
        code: 'identity-mismatch',
        value: shown(row.values[other] ?? ''),
        detail: `the SIM of this ${column} has another`,
      },
    }
  return { row, sim }
}

function firstIdentifier(values: Readonly<Record<string, string>>): 'imsi' | 'iccid' | 'msisdn' | undefined {
  return (['imsi', 'iccid', 'msisdn'] as const).find((name) => values[name] !== undefined)
}

async function find(db: TenantDb, sql: string, keys: readonly string[]): Promise<FoundSim[]> {
  if (keys.length === 0) return []
  return (await db.query<FoundSim>(sql, [keys], job)).rows
}

const plain = (number: string): string => number.replace(/^\+/, '')

function groupBy(sims: readonly FoundSim[], key: (sim: FoundSim) => string): ReadonlyMap<string, FoundSim[]> {
  return Map.groupBy(sims, key)
}

/** Names of a provider's profiles, read once for each provider that a file mentions. */
export class ProfileNames {
  readonly #db: TenantDb
  readonly #byOwner = new Map<string, ReadonlyMap<string, string>>()

  constructor(db: TenantDb) {
    this.#db = db
  }

  /** The id behind a name or an id; undefined where that provider has no such profile. */
  async find(owner: string, nameOrId: string): Promise<string | undefined> {
    let known = this.#byOwner.get(owner)
    if (known === undefined) {
      const { rows } = await this.#db.query<{ id: string; name: string }>(
        'SELECT id, name FROM service_profile WHERE provider_id = $1 ORDER BY name LIMIT $2',
        [owner, limits.jobs.namedSims],
        job,
      )
      known = new Map(rows.flatMap(({ id, name }) => [[id, id] as const, [name.toLowerCase(), id] as const]))
      this.#byOwner.set(owner, known)
    }
    return known.get(nameOrId.toLowerCase())
  }
}

/** The changes that one row says, in the order of the columns; or what is wrong with them. */
export async function changesOf(
  values: Readonly<Record<string, string>>,
  owner: string,
  profiles: ProfileNames,
): Promise<{ changes: SubscriptionChange[]; fault: RowFault | null }> {
  const changes: SubscriptionChange[] = []
  for (const [column, read] of Object.entries(readers)) {
    const value = values[column]
    if (value === undefined) continue
    const change = await read(value, owner, profiles)
    if (!('kind' in change)) return { changes: [], fault: { column, code: change.code, value: shown(value), detail: change.detail } }
    changes.push(change)
  }
  return { changes, fault: null }
}

type Read = (value: string, owner: string, profiles: ProfileNames) => Promise<Said> | Said
type Said = SubscriptionChange | { code: string; detail: string }

const orNull = (value: string): string | null => (value === cleared ? null : value)

const readers: Readonly<Record<string, Read>> = {
  state: (value) => ({ kind: 'state', to: value as IntendedState }),
  class: (value) => ({ kind: 'class', to: value as SubscriptionClass }),
  async profile(value, owner, profiles) {
    const profileId = await profiles.find(owner, value)
    return profileId === undefined
      ? { code: 'profile-unknown', detail: 'its provider has no such profile' }
      : { kind: 'profile', profileId }
  },
  group: (value) => byId(value, 'group-unknown', (groupId) => ({ kind: 'group', groupId })),
  plan: (value) => byId(value, 'plan-unknown', (planId) => ({ kind: 'plan', planId })),
  label: (value) => ({ kind: 'label', label: orNull(value) }),
  imei: (value) => ({ kind: 'imei-lock', imei: value === cleared ? null : (enteredImei(value) ?? null) }),
  hold: (value) => ({ kind: 'hold', held: value === 'yes' }),
  partition: (value) => ({ kind: 'partition', hssPartition: value }),
}

function byId(value: string, code: string, make: (id: string | null) => SubscriptionChange): Said {
  const id = orNull(value)
  if (id === null || isUuid(id)) return make(id)
  return { code, detail: 'name it by its id' }
}
