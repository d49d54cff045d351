import { type RawBuilder, sql } from 'kysely'
import { intendedStates, subscriptionClasses } from '#domain/subscription.ts'
import type { FilterFields } from './filter.ts'

/** One row of the joined list, as the query brings it. */
export interface ListRow {
  id: string
  imsi: string
  msisdn: string | null
  home_plmn: string
  intended: string
  imposed: unknown[]
  class: string
  changed_at: Date
  iccid: string
  provider_id: string
  provider_name: string
  profile_id: string
  profile_name: string
  profile_version: number
  registered_at: Date | null
  visited_plmn: string | null
  partner_id: string | null
  purged: boolean | null
  imei: string | null
}

/** As domain/effective-state.ts decides it, in SQL: meant to be active, and nothing imposed that still stands. */
const connectsSql = `(s.intended in ('active', 'test') and not exists (
  select from jsonb_array_elements(s.imposed) as one
   where coalesce((one->>'expiresAt')::float8, 'infinity') > extract(epoch from now()) * 1000))`

/** What the list of SIMs can be asked for. `s`, `c`, `p`, `f`, `r` are the tables of its query. */
export const simFields: FilterFields<ListRow> = {
  imsi: { type: 'text', column: 's.imsi', searched: true },
  iccid: { type: 'text', column: 'c.iccid', searched: true },
  msisdn: { type: 'text', column: 's.msisdn', rewrite: (text) => text.replace(/^\+/, ''), searched: true },
  imei: { type: 'text', column: 'r.imei', searched: true },
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

/** The tables that those columns stand in, around a window of subscriptions: one source for the list, counts and jobs. */
export function simTables(window: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(${window}) as s
    join card c on c.id = s.card_id
    join provider p on p.id = s.provider_id
    join service_profile f on f.id = s.profile_id
    left join registration r on r.imsi = s.imsi`
}
