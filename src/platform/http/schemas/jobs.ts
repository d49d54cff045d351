import { type Static, Type } from 'typebox'
import { limits } from '#core/limits.ts'
import { intendedStates, subscriptionClasses } from '#domain/subscription.ts'
import { defineOperation } from '../operation.ts'
import { Id, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'

const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' })
const closed = { additionalProperties: false } as const
const kind = <const K extends string>(name: K) => Type.Literal(name)

const Change = Type.Union(
  [
    Type.Object({ kind: kind('state'), to: Words(intendedStates) }, closed),
    Type.Object({ kind: kind('profile'), profileId: Uuid }, closed),
    Type.Object({ kind: kind('class'), to: Words(subscriptionClasses) }, closed),
    Type.Object({ kind: kind('group'), groupId: Nullable(Uuid) }, closed),
    Type.Object({ kind: kind('plan'), planId: Nullable(Uuid) }, closed),
    Type.Object({ kind: kind('label'), label: Nullable(Type.String({ maxLength: 200 })) }, closed),
    Type.Object({ kind: kind('imei-lock'), imei: Nullable(Type.String({ pattern: '^[0-9]{14}$' })) }, closed),
    Type.Object({ kind: kind('hold'), held: Type.Boolean() }, closed),
    Type.Object({ kind: kind('partition'), hssPartition: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }) }, closed),
    Type.Object(
      {
        kind: kind('impose'),
        reason: Words(['quota', 'abuse', 'operator-barring']),
        expiresAt: Nullable(Time),
        note: Type.String({ maxLength: 500 }),
      },
      closed,
    ),
    Type.Object({ kind: kind('lift'), reason: Words(['quota', 'abuse', 'operator-barring', 'held', 'imei-lock']) }, closed),
  ],
  { title: 'JobChange', description: 'What is done to each SIM of the set' },
)

const Tuak = Type.Object(
  {
    keyBits: Type.Union([Type.Literal(128), Type.Literal(256)]),
    macBits: Type.Union([Type.Literal(64), Type.Literal(128), Type.Literal(256)]),
    resBits: Type.Union([Type.Literal(32), Type.Literal(64), Type.Literal(128), Type.Literal(256)]),
    ckBits: Type.Union([Type.Literal(128), Type.Literal(256)]),
    ikBits: Type.Union([Type.Literal(128), Type.Literal(256)]),
    iterations: Type.Integer({ minimum: 1, maximum: 255 }),
  },
  closed,
)

const Batch = Type.Object(
  {
    supplier: Type.String({ minLength: 1, maxLength: 200 }),
    accreditation: Nullable(
      Type.Object({ scheme: Type.String({ maxLength: 100 }), reference: Type.String({ maxLength: 100 }), validUntil: Time }, closed),
    ),
    parameters: Type.Object(
      {
        algorithm: Words(['MILENAGE', 'TUAK']),
        indBits: Type.Integer({ minimum: 0, maximum: 16 }),
        delta: Type.Integer({ minimum: 1, description: 'Largest accepted jump of SEQ by the card' }),
        ageLimit: Type.Integer({ minimum: 0 }),
        amf: Type.String({ pattern: '^[0-9a-fA-F]{4}$' }),
        startSqn: Type.String({ pattern: '^[0-9]{1,15}$', description: 'Decimal' }),
        tuak: Type.Optional(Tuak),
      },
      closed,
    ),
  },
  { ...closed, title: 'NewBatch', description: 'A batch of cards that is made with the import' },
)

const outcomeWords = ['changed', 'unchanged', 'refused', 'needsApproval'] as const
const Outcomes = Type.Object(
  { changed: Type.Integer(), unchanged: Type.Integer(), refused: Type.Integer(), needsApproval: Type.Integer() },
  { title: 'JobOutcomes' },
)
const Counts = Type.Record(Type.String(), Type.Integer())

const Preview = Type.Object(
  {
    states: Counts,
    classes: Counts,
    outcomes: Outcomes,
    refusals: Counts,
    critical: Type.Integer({ description: 'Critical SIMs that would change' }),
    sample: Type.Array(
      Type.Object({
        imsi: Type.String(),
        line: Nullable(Type.Integer()),
        state: Nullable(Type.String()),
        outcome: Words(outcomeWords),
        code: Nullable(Type.String()),
      }),
    ),
    approvals: Type.Object({
      persons: Type.Integer({ description: 'Persons who must agree, besides whoever asks' }),
      because: Nullable(Words(['gate', 'critical', 'size'])),
    }),
  },
  { title: 'JobPreview' },
)

const jobStateWords = [
  'draft',
  'receiving',
  'previewing',
  'ready',
  'waiting',
  'checking',
  'running',
  'paused',
  'telling',
  'done',
  'cancelled',
  'failed',
] as const

export const Job = Type.Object(
  {
    id: Type.String(),
    provider: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
    kind: Words(['change', 'csv', 'import']),
    state: Words(jobStateWords, {
      description: '`ready`: previewed. `waiting`: for approval. `telling`: committed, serving nodes are being told.',
    }),
    change: Nullable(Change),
    filter: Nullable(Type.String()),
    reason: Type.String(),
    by: Type.Object({ id: Type.String(), name: Type.String() }),
    approvedBy: Type.Array(Type.String()),
    approvalId: Nullable(Type.String()),
    total: Type.Integer(),
    done: Type.Integer(),
    outcomes: Outcomes,
    badRows: Type.Integer(),
    preview: Nullable(Preview),
    setHash: Nullable(Type.String({ description: 'SHA-256 over the change and the ordered set, hexadecimal' })),
    progress: Type.Object({
      perSecond: Type.Number(),
      leftMs: Nullable(Type.Integer()),
      /** Rests between chunks that keep signalling quick. */
      restMs: Type.Integer({ description: 'Rest between two chunks, so that signalling stays quick' }),
    }),
    telling: Type.Object({
      total: Type.Integer(),
      done: Type.Integer(),
      confirmed: Type.Integer(),
      failed: Type.Integer(),
      notRegistered: Type.Integer(),
      leftMs: Nullable(Type.Integer()),
      slowest: Nullable(Type.Object({ name: Type.String(), perSecond: Type.Number(), sims: Type.Integer() })),
    }),
    fault: Nullable(Type.String({ description: 'A literal code' })),
    retryOf: Nullable(Type.String()),
    createdAt: Time,
    startedAt: Nullable(Time),
    finishedAt: Nullable(Time),
  },
  { title: 'Job' },
)
export type Job = Static<typeof Job>

const JobProblem = Type.Object(
  {
    stage: Words(['file', 'run']),
    line: Nullable(Type.Integer()),
    imsi: Nullable(Type.String()),
    column: Nullable(Type.String()),
    code: Type.String(),
    value: Nullable(Type.String({ description: 'Cut short; never a key' })),
    detail: Type.String(),
  },
  { title: 'JobProblem' },
)
export type JobProblem = Static<typeof JobProblem>

const Draft = Type.Union([
  Type.Object(
    {
      kind: kind('change'),
      change: Change,
      reason: Reason,
      filter: Type.Optional(Type.String({ maxLength: limits.http.filterChars, description: 'As in the list of SIMs; empty: every SIM' })),
      ids: Type.Optional(Type.Array(Uuid, { minItems: 1, maxItems: limits.jobs.namedSims })),
    },
    closed,
  ),
  Type.Object({ kind: kind('csv'), reason: Reason }, closed),
  Type.Object(
    {
      kind: kind('import'),
      reason: Reason,
      providerId: Nullable(Uuid),
      batchId: Type.Optional(Uuid),
      batch: Type.Optional(Batch),
    },
    closed,
  ),
])

const Why = Type.Object({ reason: Reason }, closed)

const at = { params: Id, response: Job, tag: 'jobs', permission: 'jobs:write' } as const

export const jobOperations = {
  listJobs: defineOperation({
    id: 'listJobs',
    method: 'GET',
    path: '/jobs',
    tag: 'jobs',
    summary: 'Bulk jobs, newest first, a page by key',
    permission: 'jobs:read',
    query: Type.Object({ state: Type.Optional(Words([...jobStateWords, 'open'])), ...PageQuery }, closed),
    response: Page(Job),
  }),
  createJob: defineOperation({
    id: 'createJob',
    method: 'POST',
    path: '/jobs',
    tag: 'jobs',
    summary: 'A draft: one change to the SIMs of a filter or list, a file of changes, or an import of new SIMs; nothing is done yet',
    permission: 'jobs:write',
    body: Draft,
    status: 201,
    response: Job,
  }),
  getJob: defineOperation({
    id: 'getJob',
    method: 'GET',
    path: '/jobs/{id}',
    tag: 'jobs',
    summary: 'One job with its preview and progress',
    permission: 'jobs:read',
    params: Id,
    response: Job,
  }),
  uploadJobRows: defineOperation({
    id: 'uploadJobRows',
    method: 'POST',
    path: '/jobs/{id}/rows',
    summary: 'The rows of a draft as CSV in UTF-8, up to a million; what is wrong with a row is in the errors of the job',
    upload: 'text/csv',
    ...at,
  }),
  previewJob: defineOperation({
    id: 'previewJob',
    method: 'POST',
    path: '/jobs/{id}/preview',
    summary: 'Find out what would happen, and to whom; changes nothing',
    status: 202,
    ...at,
  }),
  startJob: defineOperation({
    id: 'startJob',
    method: 'POST',
    path: '/jobs/{id}/start',
    summary: 'Begin, or ask the persons who must agree; `setHash` is that of the preview',
    status: 202,
    stepUp: true,
    body: Type.Object({ setHash: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, closed),
    ...at,
  }),
  pauseJob: defineOperation({ id: 'pauseJob', method: 'POST', path: '/jobs/{id}/pause', summary: 'Stop after the present chunk', ...at }),
  resumeJob: defineOperation({ id: 'resumeJob', method: 'POST', path: '/jobs/{id}/resume', summary: 'Go on where it was paused', ...at }),
  cancelJob: defineOperation({
    id: 'cancelJob',
    method: 'POST',
    path: '/jobs/{id}/cancel',
    summary: 'Leave what is not done; what is done stays done',
    body: Why,
    ...at,
  }),
  retryJob: defineOperation({
    id: 'retryJob',
    method: 'POST',
    path: '/jobs/{id}/retry',
    summary: 'A new draft of the rows that failed',
    status: 201,
    body: Why,
    ...at,
  }),
  listJobErrors: defineOperation({
    id: 'listJobErrors',
    method: 'GET',
    path: '/jobs/{id}/errors',
    tag: 'jobs',
    summary: 'What is wrong with which row: line, column, code, value',
    permission: 'jobs:read',
    params: Id,
    query: Type.Object({ ...PageQuery }, closed),
    response: Page(JobProblem),
  }),
  downloadJobErrors: defineOperation({
    id: 'downloadJobErrors',
    method: 'GET',
    path: '/jobs/{id}/errors.csv',
    tag: 'jobs',
    summary: 'The bad rows as they came, without keys, with a column that says what is wrong',
    permission: 'jobs:read',
    params: Id,
    download: 'text/csv',
  }),
  downloadJobResults: defineOperation({
    id: 'downloadJobResults',
    method: 'GET',
    path: '/jobs/{id}/results.csv',
    tag: 'jobs',
    summary: 'What became of every row',
    permission: 'jobs:read',
    params: Id,
    download: 'text/csv',
  }),
  downloadJobTemplate: defineOperation({
    id: 'downloadJobTemplate',
    method: 'GET',
    path: '/jobs/templates/{file}',
    tag: 'jobs',
    summary: 'A file to start from: SIMs by their numbers, changes row by row, or new SIMs',
    permission: 'jobs:read',
    params: Type.Object({ file: Words(['sims.csv', 'changes.csv', 'import.csv']) }),
    download: 'text/csv',
  }),
}
