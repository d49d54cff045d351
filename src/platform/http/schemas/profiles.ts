import { type Static, Type } from 'typebox'
import { limits } from '#core/limits.ts'
import { permissionIds } from '#domain/needs/permissions.ts'
import { profileFaultCodes } from '#domain/profile-faults.ts'
import { defineOperation } from '../operation.ts'
import { Count, Id, Nullable, Page, PageQuery, Reason, Time, Words } from './common.ts'
import { NeedsAnswers, ProfileBody } from './profile-body.ts'

const Provider = Type.Object({ id: Type.String(), name: Type.String() })
const Name = Type.String({ minLength: 1, maxLength: limits.profiles.nameChars })
const ProviderId = Type.Optional(Type.String({ maxLength: 64, description: 'For whom; a provider’s own people leave it out' }))
const bearers = ['sms', 'ussd'] as const

const ProfileFault = Type.Object(
  {
    code: Words(profileFaultCodes),
    at: Type.String({ description: 'allowedAddresses/3' }),
    value: Type.String(),
    refused: Type.Boolean({ description: 'False: allowed, and worth knowing' }),
  },
  { title: 'ProfileFault' },
)

const Deviation = Type.Object(
  {
    kind: Words(['permission', 'address', 'domain', 'number', 'partner', 'rate', 'radio']),
    value: Type.String(),
  },
  { title: 'Deviation', description: 'What the profile grants beyond its assessment' },
)

const Permission = Type.Object(
  {
    id: Words(permissionIds),
    clause: Type.String(),
    asked: Nullable(Type.Boolean({ description: 'By the assessment; null where there is none' })),
  },
  { title: 'ProfilePermission', description: 'What a profile permits beyond the least there is' },
)

const Assessment = Type.Object(
  { id: Type.String(), answers: NeedsAnswers, madeBy: Type.String(), madeAt: Time },
  { title: 'NeedsAssessment' },
)

const Push = Type.Object(
  {
    version: Type.Integer(),
    told: Type.Integer(),
    of: Count,
    confirmed: Type.Integer(),
    failed: Type.Integer(),
    notRegistered: Type.Integer({ description: 'They meet it at their next attempt' }),
    startedAt: Time,
    finishedAt: Nullable(Time),
  },
  { title: 'ProfilePush', description: 'How far the serving nodes have been told of the version in force' },
)

export const ProfileRow = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    provider: Provider,
    version: Type.Integer({ description: 'The one in force' }),
    latest: Type.Integer({ description: 'The newest one' }),
    changedAt: Time,
    apns: Type.Array(Type.String()),
    permissions: Type.Array(Words(permissionIds)),
    sims: Count,
    assessedAt: Nullable(Time),
    deviations: Nullable(Type.Integer({ description: 'null where there is no assessment' })),
    unacknowledged: Type.Array(Words(bearers), { description: 'Bearers that nobody acknowledged the weakness of' }),
  },
  { title: 'ProfileRow' },
)
export type ProfileRow = Static<typeof ProfileRow>

const Seen = Type.Array(Type.Object({ value: Type.String(), sims: Type.Integer(), declared: Type.Boolean() }))

export const ProfileDetail = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    provider: Provider,
    version: Type.Integer(),
    latest: Type.Integer(),
    changedAt: Time,
    body: ProfileBody,
    faults: Type.Array(ProfileFault),
    permissions: Type.Array(Permission),
    assessment: Nullable(Assessment),
    deviations: Nullable(Type.Array(Deviation)),
    unacknowledged: Type.Array(Words(bearers)),
    observed: Type.Object(
      {
        sims: Type.Integer({ description: 'Registered SIMs that were looked at' }),
        networks: Seen,
        radios: Seen,
      },
      { description: 'Where its devices are now, beside what the profile says' },
    ),
    compiled: Type.String({ description: 'S6a Subscription-Data as text' }),
    fdn: Type.Array(Type.Object({ name: Type.String(), number: Type.String(), hex: Type.String(), isNameCut: Type.Boolean() }), {
      description: 'Records of EF_FDN: computed, not delivered',
    }),
    sims: Count,
    push: Nullable(Push),
  },
  { title: 'ProfileDetail' },
)
export type ProfileDetail = Static<typeof ProfileDetail>

export const ProfileVersion = Type.Object(
  {
    version: Type.Integer(),
    madeBy: Nullable(Type.String()),
    madeByName: Nullable(Type.String()),
    madeAt: Time,
    reason: Type.String(),
    appliedAt: Nullable(Time),
    isCurrent: Type.Boolean(),
  },
  { title: 'ProfileVersion' },
)
export type ProfileVersion = Static<typeof ProfileVersion>

const Difference = Type.Object(
  {
    member: Type.String(),
    item: Nullable(Type.String()),
    detail: Nullable(Type.String()),
    before: Nullable(Type.String()),
    after: Nullable(Type.String()),
  },
  { title: 'ProfileDifference' },
)

export const ProfileApply = Type.Object(
  {
    outcome: Words(['would-apply', 'applied', 'unchanged', 'waiting-approval']),
    approvalId: Nullable(Type.String()),
    from: Type.Integer(),
    to: Type.Integer(),
    differences: Type.Array(Difference),
    faults: Type.Array(ProfileFault),
    deviations: Nullable(Type.Array(Deviation)),
    affected: Type.Object({
      sims: Count,
      critical: Count,
      registered: Type.Object({ value: Type.Integer(), of: Type.Integer({ description: 'SIMs that were looked at' }) }),
      sample: Type.Array(Type.String({ description: 'IMSI' })),
    }),
    needsApproval: Type.Boolean({ description: 'Critical SIMs are among them: another person must agree' }),
  },
  { title: 'ProfileApply' },
)
export type ProfileApply = Static<typeof ProfileApply>

const Proposal = Type.Object(
  {
    body: ProfileBody,
    faults: Type.Array(ProfileFault),
    permissions: Type.Array(Permission),
    withheld: Type.Array(Permission, { description: 'What was not asked for, and what it would have cost' }),
    advice: Type.Array(Words(['own-partition', 'two-persons', 'name-platforms', 'narrow-roaming', 'no-second-card', 'ota-reaches-it'])),
  },
  { title: 'ProfileProposal' },
)
export type Proposal = Static<typeof Proposal>

const acknowledgement = {
  id: Type.String(),
  providerId: Type.String(),
  bearer: Words(bearers),
  textVersion: Type.Integer(),
  personName: Nullable(Type.String()),
  signedAt: Time,
  withdrawnAt: Nullable(Time),
}
const Dependent = Type.Object({ id: Type.String(), name: Type.String() })

export const Acknowledgement = Type.Object(
  { ...acknowledgement, dependents: Type.Array(Dependent, { description: 'Profiles in force that carry the bearer' }) },
  { title: 'Acknowledgement' },
)
export type Acknowledgement = Static<typeof Acknowledgement>

const AcknowledgementText = Type.Object({
  bearer: Words(bearers),
  version: Type.Integer(),
  text: Type.Array(Type.String({ description: 'Key of a sentence' })),
})

const tag = 'profiles' as const

const reading = {
  listProfiles: defineOperation({
    id: 'listProfiles',
    method: 'GET',
    path: '/profiles',
    tag,
    summary: 'Service profiles by name',
    permission: 'profiles:read',
    query: Type.Object({ ...PageQuery, providerId: ProviderId }, { additionalProperties: false }),
    response: Page(ProfileRow),
  }),
  getProfile: defineOperation({
    id: 'getProfile',
    method: 'GET',
    path: '/profiles/{id}',
    tag,
    summary: 'A profile: the version in force, what it permits, what was asked for, and what is observed',
    permission: 'profiles:read',
    versioned: true,
    params: Id,
    query: Type.Object({ fdnRecordSize: Type.Optional(Type.Integer({ minimum: 14, maximum: 255 })) }, { additionalProperties: false }),
    response: ProfileDetail,
  }),
  listProfileVersions: defineOperation({
    id: 'listProfileVersions',
    method: 'GET',
    path: '/profiles/{id}/versions',
    tag,
    summary: 'Its versions, newest first',
    permission: 'profiles:read',
    params: Id,
    query: Type.Object({ ...PageQuery }, { additionalProperties: false }),
    response: Page(ProfileVersion),
  }),
  getProfileVersion: defineOperation({
    id: 'getProfileVersion',
    method: 'GET',
    path: '/profiles/{id}/versions/{version}',
    tag,
    summary: 'One version, and what it changes against another one or the one in force',
    permission: 'profiles:read',
    params: Type.Object({ ...Id.properties, version: Type.Integer({ minimum: 1 }) }),
    query: Type.Object({ against: Type.Optional(Type.Integer({ minimum: 1 })) }, { additionalProperties: false }),
    response: Type.Object({ version: ProfileVersion, body: ProfileBody, against: Type.Integer(), differences: Type.Array(Difference) }),
  }),
  proposeProfile: defineOperation({
    id: 'proposeProfile',
    method: 'POST',
    path: '/profiles/propose',
    tag,
    summary: 'The least profile for the answers to the questionnaire; nothing is stored',
    permission: 'profiles:read',
    body: NeedsAnswers,
    response: Proposal,
  }),
  listRoamingNetworks: defineOperation({
    id: 'listRoamingNetworks',
    method: 'GET',
    path: '/roaming-networks',
    tag,
    summary: 'The networks that a roaming area may name, by name; what else is known of them is the operator’s',
    permission: 'profiles:read',
    response: Type.Object({ items: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })) }),
  }),
  listQuestions: defineOperation({
    id: 'listQuestions',
    method: 'GET',
    path: '/needs/questions',
    tag,
    summary: 'The questionnaire of the needs assessment',
    permission: 'profiles:read',
    response: Type.Object({
      items: Type.Array(Type.Object({ id: Type.String(), kind: Type.String(), options: Type.Array(Type.String()) })),
    }),
  }),
}

const writing = {
  createProfile: defineOperation({
    id: 'createProfile',
    method: 'POST',
    path: '/profiles',
    tag,
    summary: 'A new profile, with the assessment that it comes from',
    permission: 'profiles:write',
    status: 201,
    body: Type.Object(
      { providerId: ProviderId, name: Name, body: ProfileBody, answers: Type.Optional(NeedsAnswers), reason: Reason },
      { additionalProperties: false },
    ),
    response: Type.Object({ id: Type.String(), version: Type.Integer() }),
  }),
  createProfileVersion: defineOperation({
    id: 'createProfileVersion',
    method: 'POST',
    path: '/profiles/{id}/versions',
    tag,
    summary: 'A new version, not in force yet; or, with `restore`, an old one again',
    permission: 'profiles:write',
    versioned: true,
    status: 201,
    params: Id,
    body: Type.Object(
      { body: Type.Optional(ProfileBody), restore: Type.Optional(Type.Integer({ minimum: 1 })), reason: Reason },
      { additionalProperties: false },
    ),
    response: Type.Object({ id: Type.String(), version: Type.Integer() }),
  }),
  applyProfile: defineOperation({
    id: 'applyProfile',
    method: 'POST',
    path: '/profiles/{id}/apply',
    tag,
    summary: 'Bring a version into force for all SIMs of the profile; only looks unless dryRun is false',
    permission: 'profiles:write',
    versioned: true,
    params: Id,
    body: Type.Object(
      { version: Type.Integer({ minimum: 1 }), reason: Reason, dryRun: Type.Optional(Type.Boolean({ description: 'Default true' })) },
      { additionalProperties: false },
    ),
    response: ProfileApply,
  }),
  removeProfile: defineOperation({
    id: 'removeProfile',
    method: 'DELETE',
    path: '/profiles/{id}',
    tag,
    summary: 'Remove a profile that no SIM has',
    rehearsable: true,
    permission: 'profiles:write',
    params: Id,
    query: Type.Object({ reason: Reason }, { additionalProperties: false }),
  }),
  assessProfile: defineOperation({
    id: 'assessProfile',
    method: 'POST',
    path: '/profiles/{id}/assessments',
    tag,
    summary: 'Answer the questionnaire for a profile that is there',
    permission: 'profiles:write',
    status: 201,
    params: Id,
    body: Type.Object({ answers: NeedsAnswers, reason: Reason }, { additionalProperties: false }),
    response: Type.Object({ id: Type.String(), deviations: Type.Array(Deviation) }),
  }),
}

const acknowledging = {
  listAcknowledgements: defineOperation({
    id: 'listAcknowledgements',
    method: 'GET',
    path: '/acknowledgements',
    tag,
    summary: 'Who acknowledged the weakness of SMS or USSD, and the texts to acknowledge',
    permission: 'profiles:read',
    query: Type.Object({ providerId: ProviderId }, { additionalProperties: false }),
    response: Type.Object({ items: Type.Array(Acknowledgement), texts: Type.Array(AcknowledgementText) }),
  }),
  signAcknowledgement: defineOperation({
    id: 'signAcknowledgement',
    method: 'POST',
    path: '/acknowledgements',
    tag,
    summary: 'Sign that one has read how weak a bearer is, and wants it all the same',
    permission: 'profiles:write',
    stepUp: true,
    peopleOnly: true,
    status: 201,
    body: Type.Object(
      { providerId: ProviderId, bearer: Words(bearers), textVersion: Type.Integer({ minimum: 1 }) },
      { additionalProperties: false },
    ),
    response: Acknowledgement,
  }),
  withdrawAcknowledgement: defineOperation({
    id: 'withdrawAcknowledgement',
    method: 'POST',
    path: '/acknowledgements/{id}/withdraw',
    tag,
    summary: 'Take an acknowledgement back; profiles in force stay, and are shown as depending on it',
    rehearsable: true,
    permission: 'profiles:write',
    peopleOnly: true,
    params: Id,
    body: Type.Object({ reason: Reason }, { additionalProperties: false }),
    response: Acknowledgement,
  }),
}

export const profileOperations = { ...reading, ...writing, ...acknowledging }
