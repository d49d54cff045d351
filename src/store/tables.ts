import type { ColumnType, Generated } from 'kysely'
import type { HealthTables } from './health-tables.ts'
import type { JobTables } from './job-tables.ts'

/** A jsonb column: read as its value, written as text made by `toJson`; may be left out where it has a default. */
export type Json<T> = ColumnType<T, string | null | undefined, string | null>

/**
 * The rows as typed queries see them, one interface a table; migrations/*.sql is the schema, a test compares the two.
 */
export interface Tables extends HealthTables, JobTables {
  provider: {
    id: string
    name: string
    data_processing_agreement: Json<{ signedAt: number; reference: string } | null>
    created_at: Generated<Date>
    legal: Json<{ name: string; registrationNumber: string; country: string } | null>
    verified: Json<{ at: number; by: string; evidence: string } | null>
    contact: Json<{ name: string; email: string | null; phone: string | null } | null>
    suspended: Json<{ at: number; by: string; reason: string } | null>
    version: Generated<number>
    changed_at: Generated<Date>
  }
  card_batch: {
    id: string
    provider_id: string | null
    supplier: string
    accreditation: Json<unknown>
    parameters: Json<unknown>
    created_at: Generated<Date>
  }
  card: { id: string; provider_id: string; iccid: string; eid: string | null; form_factor: string; use: string; batch_id: string }
  service_profile: {
    id: string
    provider_id: string
    name: string
    version: Generated<number>
    body: Json<unknown>
    changed_at: Generated<Date>
    card_use: string | null
  }
  subscription: {
    id: string
    provider_id: string
    card_id: string
    imsi: string
    msisdn: string | null
    home_plmn: string
    intended: Generated<string>
    imposed: Json<unknown[]>
    class: Generated<string>
    hss_partition: Generated<string>
    profile_id: string
    batch_id: string
    locked_imei: string | null
    changed_at: Generated<Date>
    group_id: string | null
    label: string | null
    plan_id: string | null
    version: Generated<number>
    hold_next_attach: Generated<boolean>
    label_key: Generated<string | null>
  }
  sim_action: {
    id: string
    kind: string
    provider_id: string
    subscription_id: string
    imsi: string
    actor: string
    address: string | null
    reason: string
    changes: Json<unknown[]>
    state: string
    approval_id: string | null
    told: Json<unknown>
    problem: Json<unknown>
    requested_at: Date
    committed_at: Date | null
    done_at: Date | null
  }
  saved_view: {
    id: string
    provider_id: string | null
    owner: string
    page: string
    name: string
    query: string
    created_at: Date
  }
  service_profile_version: {
    profile_id: string
    version: number
    provider_id: string
    body: Json<unknown>
    made_by: string | null
    made_at: Date
    reason: string
    applied_at: Date | null
    applied_by: string | null
  }
  profile_push: {
    profile_id: string
    provider_id: string
    version: number
    reached: Generated<string>
    told: Generated<bigint>
    confirmed: Generated<bigint>
    failed: Generated<bigint>
    not_registered: Generated<bigint>
    started_at: Date
    finished_at: Date | null
    worker: string | null
    worker_until: Date | null
  }
  needs_assessment: {
    id: string
    provider_id: string
    profile_id: string
    answers: Json<unknown>
    made_by: string
    made_at: Date
  }
  acknowledgement: {
    id: string
    provider_id: string
    bearer: string
    text_version: number
    text_hash: string
    person_id: string
    proof: Json<unknown>
    signed_at: Date
    withdrawn_at: Date | null
    withdrawn_by: string | null
  }
  rate_plan: {
    id: string
    provider_id: string
    name: string
    version: Generated<number>
    body: Json<unknown>
    changed_at: Generated<Date>
  }
  usage_counter: {
    imsi: string
    period_start: Date
    provider_id: string
    plan_id: string | null
    period_end: Date
    bytes_up: Generated<bigint>
    bytes_down: Generated<bigint>
    total: Generated<bigint>
    alerted: Generated<number>
    cut_off_at: Date | null
    changed_at: Date
  }
  usage_record: { provider_id: string; source: string; reference: string; at: Date }
  sim_group: {
    id: string
    provider_id: string
    parent_id: string | null
    name: string
    service: Json<{ objective: number; windowS: number } | null>
    created_at: Generated<Date>
    changed_at: Generated<Date>
    version: Generated<number>
    card_use: string | null
  }
  auc: {
    imsi: string
    sealed_k: Buffer
    sealed_opc: Buffer | null
    kcv: string
    seq_reserved: Generated<bigint>
    given_to: Generated<string[]>
  }
  registration: {
    imsi: string
    mme_host: string
    mme_realm: string
    visited_plmn: string
    partner_id: string | null
    peer_id: string | null
    registered_at: Date
    purged: Generated<boolean>
    imei: string | null
    imeisv: string | null
    rat_type: number | null
    ula_flags: number | null
    terminal: Json<unknown>
  }
  ind_slot: { hss_partition: string; node_key: string; ind: number; assigned_at: Generated<Date> }
  partition_lease: { partition: string; owner: string; epoch: bigint; expires_at: Date }
  partner: { id: string; name: string; body: Json<unknown>; changed_at: Generated<Date> }
  peer: { id: string; identity: string; body: Json<unknown>; enabled: Generated<boolean>; changed_at: Generated<Date> }
  rule_mode: { rule_id: string; mode: string; changed_by: string; reason: string; changed_at: Date }
  setting: { key: string; value: Json<unknown>; changed_at: Generated<Date> }
  signal_event: {
    id: string
    at: Date
    interface: string
    operation: string
    direction: string
    peer_id: string
    partner_id: string | null
    origin_host: string
    origin_realm: string
    visited_plmn: string | null
    imsi: string | null
    provider_id: string | null
    class: string | null
    action: string
    reason: string
    rule_id: string
    facts: Json<unknown[]>
    shadow: Json<unknown[]>
    alert: Generated<boolean>
    result_code: number | null
    latency_ms: Generated<number>
    held_ms: Generated<number>
    vectors: Generated<number>
    subject_id: string | null
    request: Buffer | null
    answer: Buffer | null
  }
  alarm: {
    id: string
    provider_id: string | null
    key: string
    severity: string
    state: Generated<string>
    source: string
    subject: string | null
    imsi: string | null
    owner: string | null
    cause: Json<Record<string, unknown>>
    what_to_do: Generated<string>
    note: string | null
    count: Generated<number>
    raised_at: Date
    last_at: Date
    acknowledged_at: Date | null
    acknowledged_by: string | null
    cleared_at: Date | null
    cleared_by: string | null
  }
  control_evidence: {
    id: string
    provider_id: string | null
    control_id: string
    at: Date
    outcome: string
    source_class: string
    says: Generated<string>
    body: Json<Record<string, unknown>>
    signal_id: string | null
  }
  ledger_chain: { id: string; node: string; started_at: Date }
  ledger_entry: {
    chain: string
    seq: bigint
    id: string
    at: Date
    kind: string
    actor: string
    provider_id: string | null
    subject_id: string | null
    body: Json<Record<string, unknown>>
    sealed: Buffer | null
    prev: Buffer
    hash: Buffer
  }
  ledger_checkpoint: {
    number: bigint
    at: Date
    node: string
    prev: Buffer
    hash: Buffer
    key_id: string
    signature: Buffer
  }
  ledger_head: { chain: string; seq: bigint; from_seq: bigint; hash: Buffer; root: Buffer; checkpoint: bigint }
  subject_key: {
    id: string
    kind: string
    identifier: string | null
    provider_id: string | null
    wrapped_key: Buffer | null
    created_at: Date
    erased_at: Date | null
  }
  person: {
    id: string
    provider_id: string | null
    name: string
    email: string | null
    language: string | null
    roles: Generated<string[]>
    disabled_at: Date | null
    created_at: Generated<Date>
    version: Generated<number>
    sso_only: Generated<boolean>
    signed_in_at: Date | null
  }
  credential: {
    id: string
    person_id: string
    kind: string
    external_id: string | null
    secret: Buffer | null
    body: Json<Record<string, unknown>>
    counter: Generated<bigint>
    created_at: Generated<Date>
    used_at: Date | null
    name: string | null
  }
  session: {
    token_hash: Buffer
    person_id: string
    body: Json<Record<string, unknown>>
    created_at: Date
    seen_at: Date
    expires_at: Date
    id: Generated<string>
    factors: Generated<string[]>
    authenticated_at: Generated<Date>
    phishing_resistant: Generated<boolean>
    address: string | null
    user_agent: string | null
  }
  claim_token: {
    token_hash: Buffer
    purpose: string
    body: Json<Record<string, unknown>>
    created_at: Date
    expires_at: Date
    used_at: Date | null
    person_id: string | null
  }
  sso_provider: {
    id: string
    provider_id: string | null
    name: string
    profile: string
    issuer: string
    client_id: string
    client_auth: string
    sealed_secret: Buffer
    public_jwk: Json<Record<string, unknown> | null>
    scopes: Generated<string[]>
    acr_values: Generated<string[]>
    auto_create: Generated<boolean>
    default_role: string
    role_map: Json<{ claim: string; roles: Record<string, string> } | null>
    enabled: Generated<boolean>
    version: Generated<number>
    created_at: Generated<Date>
    changed_at: Generated<Date>
  }
  sso_domain: { domain: string; sso_id: string; provider_id: string | null }
  notice: {
    id: string
    seq: bigint | null
    provider_id: string | null
    type: string
    subject_kind: string
    subject_id: string
    data: Json<Record<string, unknown>>
    at: Date
  }
  notice_place: { one: Generated<boolean>; last: bigint }
  api_client: {
    id: string
    provider_id: string | null
    kind: string
    name: string
    scopes: string[]
    sources: Generated<string[]>
    keys: Json<unknown>
    created_by: string
    created_at: Date
    expires_at: Date
    revoked_at: Date | null
    used_at: Date | null
    used_from: string | null
    version: Generated<number>
  }
  api_client_secret: { digest: Buffer; provider_id: string | null; client_id: string; created_at: Date; expires_at: Date | null }
  api_token: { digest: Buffer; client_id: string; scopes: string[]; expires_at: Date }
  api_assertion: { digest: Buffer; expires_at: Date }
  webhook: {
    id: string
    provider_id: string | null
    url: string
    description: Generated<string>
    types: string[]
    state: Generated<string>
    position: bigint
    secret: Buffer
    former_secret: Buffer | null
    former_until: Date | null
    created_by: string
    created_at: Date
    succeeded_at: Date | null
    failed_at: Date | null
    disabled_because: string | null
    version: Generated<number>
  }
  webhook_delivery: {
    id: string
    provider_id: string | null
    webhook_id: string
    notice_id: string
    type: string
    body: string
    state: Generated<string>
    attempts: Generated<number>
    created_at: Date
    next_at: Date
    last_at: Date | null
    status: number | null
    took_ms: number | null
    answer: string | null
    problem: string | null
  }
  idempotent_request: {
    key_digest: Buffer
    provider_id: string | null
    actor: string
    request_digest: Buffer
    owner: string
    created_at: Date
    expires_at: Date
    done_at: Date | null
    status: number | null
    answer: Buffer | null
  }
  approval: {
    id: string
    provider_id: string | null
    kind: string
    command: string
    command_hash: Buffer
    summary: Json<{ key: string; params: Record<string, string | number | null> }>
    reason: string
    requested_by: string | null
    needed: number
    deciders: string
    imsi: string | null
    state: Generated<string>
    failure: string | null
    requested_at: Date
    expires_at: Date
    closed_at: Date | null
    in_ledger: Generated<boolean>
    lease_owner: string | null
    lease_until: Date | null
  }
  approval_decision: {
    approval_id: string
    person_id: string
    provider_id: string | null
    decision: string
    reason: string
    address: string | null
    at: Date
    assertion: Json<Record<string, string> | null>
  }
}
