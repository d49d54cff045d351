import type { Generated } from 'kysely'
import type { Json } from './tables.ts'

/** The tables of bulk work. */
export interface JobTables {
  job: {
    id: string
    provider_id: string | null
    kind: string
    state: string
    change: Json<Record<string, unknown>>
    target: Json<Record<string, unknown>>
    reason: string
    created_by: string
    created_by_name: string
    is_person: boolean
    address: string | null
    approved_by: Generated<string[]>
    approval_id: string | null
    total: Generated<number>
    chunks: Generated<number>
    done: Generated<number>
    outcomes: Json<Record<string, number>>
    bad_rows: Generated<number>
    preview: Json<Record<string, unknown> | null>
    set_hash: Buffer | null
    cursor: Json<Record<string, unknown> | null>
    to_tell: Generated<number>
    told: Generated<number>
    told_outcomes: Json<Record<string, number>>
    to_tell_by: Json<Record<string, number>>
    rate: Generated<number>
    fault: string | null
    retry_of: string | null
    lease_owner: string | null
    lease_until: Date | null
    created_at: Date
    started_at: Date | null
    finished_at: Date | null
    changed_at: Date
  }
  job_chunk: {
    job_id: string
    provider_id: string | null
    n: number
    ids: string[]
    imsis: string[]
    owners: string[]
    lines: Generated<number[]>
    changes: Json<unknown[] | null>
    change_of: Generated<number[]>
    sims: Json<unknown[] | null>
    outcomes: string | null
    told: Generated<boolean>
  }
  job_problem: {
    job_id: string
    provider_id: string | null
    stage: string
    n: number
    line: number | null
    imsi: string | null
    field: string | null
    code: string
    value: string | null
    detail: Generated<string>
    cells: Json<string[] | null>
  }
}
