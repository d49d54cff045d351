import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { intendedStates, subscriptionClasses } from '#domain/subscription.ts'
import type { FilterFields } from './filter.ts'

/** One row of the joined list, as the query brings it. */
export interface ListRow {
  id: string
  imsi: string
  msisdn: string | null
  intended: string
  imposed: unknown[]
  class: string
  iccid: string
  provider_id: string
  provider_name: string
  profile_id: string
  profile_name: string
  profile_version: number
  registered_at: Date | null
  visited_plmn: string | null
  partner_id: string | null
  imei: string | null
  label: string | null
  group_id: string | null
  group_name: string | null
  plan_id: string | null
  hold_next_attach: boolean
  locked_imei: string | null
  use: string
}

/** As domain/effective-state.ts decides it, in SQL: meant to be active, and nothing imposed or held that still stands. */
const connectsSql = `(s.intended in ('active', 'test') and not s.hold_next_attach and not exists (
  select from jsonb_array_elements(s.imposed) as one
   where coalesce((one->>'expiresAt')::float8, 'infinity') > extract(epoch from now()) * 1000))`

/** What the list of SIMs can be asked for. `s`, `c`, `p`, `f`, `r` are the tables of its query. */
export const simFields: FilterFields<ListRow> = {
  imsi: { type: 'text', column: 's.imsi', octets: true, searched: true },
  iccid: { type: 'text', column: 'c.iccid', octets: true, searched: true },
  msisdn: { type: 'text', column: 's.msisdn', octets: true, rewrite: (text) => text.replace(/^\+/, ''), searched: true },
  imei: { type: 'text', column: 'r.imei', octets: true, searched: true },
  eid: { type: 'text', column: 'c.eid', octets: true },
  label: { type: 'text', column: 's.label_key', octets: true, letters: 'lower', searched: true },
  /** By id or name, with every group below it. */
  group: {
    type: 'text',
    column: 's.group_id::text',
    letters: 'lower',
    condition: (group) => sql<SqlBool>`s.group_id in (${groupTree(group)})`,
  },
  plan: { type: 'text', column: 's.plan_id::text', letters: 'lower' },
  batch: { type: 'text', column: 's.batch_id::text', letters: 'lower' },
  use: { type: 'text', column: 'c.use', letters: 'lower', words: ['iot', 'handset'] },
  held: { type: 'flag', column: 's.hold_next_attach' },
  partition: { type: 'text', column: 's.hss_partition', letters: 'lower' },
  provider: { type: 'text', column: 's.provider_id::text', letters: 'lower' },
  owner: { type: 'text', column: 'lower(p.name)', letters: 'lower' },
  class: { type: 'text', column: 's.class', letters: 'lower', words: subscriptionClasses },
  intended: { type: 'text', column: 's.intended', letters: 'lower', words: intendedStates },
  connects: { type: 'flag', column: connectsSql },
  stopped: { type: 'flag', column: "(s.imposed <> '[]')" },
  profile: { type: 'text', column: 'f.name' },
  home: { type: 'text', column: 's.home_plmn' },
  visited: { type: 'text', column: 'r.visited_plmn' },
  partner: { type: 'text', column: 'r.partner_id::text', letters: 'lower' },
  registered: {
    type: 'flag',
    column: '(r.imsi is not null and not r.purged)',
  },
  changed: { type: 'age', column: 's.changed_at' },
}

/** Ids of a group, named by id or name, and of all below it. */
export function groupTree(group: string): RawBuilder<unknown> {
  return sql`with recursive tree as (
    select id from sim_group where id::text = ${group} or lower(name) = ${group}
    union select g.id from sim_group g join tree on g.parent_id = tree.id) select id from tree`
}

/** The tables that those columns stand in, around a window of subscriptions: one source for the list, counts and jobs. */
export function simTables(window: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(${window}) as s
    join card c on c.id = s.card_id
    join provider p on p.id = s.provider_id
    join service_profile f on f.id = s.profile_id
    left join registration r on r.imsi = s.imsi`
}
