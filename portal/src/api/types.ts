import type { components, paths } from '../api.gen.ts'

/** Short names for what the API says; the generated file is the only source. */
type Schemas = components['schemas']
type Answer<P extends keyof paths> = paths[P] extends { get: { responses: { 200: { content: { 'application/json': infer Body } } } } }
  ? Body
  : never

export type Session = Schemas['Session']
export type OwnSecurity = Schemas['OwnSecurity']
export type SignOn = Schemas['SignOn']
export type OwnSession = Schemas['OwnSession']
export type Permission = Session['permissions'][number]
export type Overview = Schemas['Overview']
export type Load = Schemas['Load']
export type Message = Schemas['Message']
export type Params = Message['params']
export type Alarm = Schemas['Alarm']
export type Objective = Schemas['Objective']
export type SignalRow = Schemas['SignalRow']
export type SignalDetail = Schemas['SignalDetail']
export type MessageView = Schemas['MessageView']
export type AvpNode = Schemas['AvpNode']
export type Fact = Schemas['Fact']
export type Action = SignalRow['action']
export type Reason = SignalRow['reason']
export type SimRow = Schemas['SimRow']
export type SimDetail = Schemas['SimDetail']
export type SimAction = Schemas['SimAction']
export type SimChangeAnswer = Schemas['SimChangeAnswer']
export type SimChangePreview = Schemas['SimChangePreview']
export type TimelineItem = Schemas['TimelineItem']
export type Partner = Schemas['Partner']
export type Peer = Schemas['Peer']
export type Rule = Schemas['Rule']
export type RuleMode = Rule['mode']
export type Requirement = Schemas['Requirement']
export type Control = Schemas['Control']
export type ControlStatus = Requirement['status']
export type StatusCounts = Schemas['StatusCounts']
export type ControlsAnswer = Answer<'/api/v1/controls'>
export type Health = Schemas['Health']
export type ServiceHealth = Schemas['ServiceHealth']
export type ProviderHealth = Schemas['ProviderHealth']
export type SeenDevice = Schemas['SeenDevice']
export type Attack = Schemas['Attack']
export type StoryStep = Schemas['StoryStep']
export type LedgerEntry = Schemas['LedgerEntry']
export type Job = Schemas['Job']
export type JobChange = NonNullable<Job['change']>
export type JobProblem = Schemas['JobProblem']
export type ProfileBody = Schemas['ProfileBody']
export type AllowedAddress = ProfileBody['allowedAddresses'][number]
export type FixedNumber = ProfileBody['fixedNumbers'][number]
export type ProfileRow = Schemas['ProfileRow']
export type ProfileDetail = Schemas['ProfileDetail']
export type ProfileVersion = Schemas['ProfileVersion']
export type ProfileApply = Schemas['ProfileApply']
export type ProfileDifference = Schemas['ProfileDifference']
export type ProfileFault = Schemas['ProfileFault']
export type ProfilePermission = Schemas['ProfilePermission']
export type Proposal = Schemas['ProfileProposal']
export type NeedsAnswers = Schemas['NeedsAnswers']
export type Acknowledgement = Schemas['Acknowledgement']
export type Plan = Schemas['Plan']
export type SimUsage = Schemas['SimUsage']
export type UsageImport = Schemas['UsageImport']
export type ApiClient = Schemas['ApiClient']
export type ClientList = Answer<'/api/v1/clients'>
export type Webhook = Schemas['Webhook']
export type NoticeType = Webhook['types'][number]
export type Person = Schemas['PersonRow']
export type PersonSession = Schemas['PersonSession']
export type EnrolmentLink = Schemas['EnrolmentLink']
export type ProviderRow = Schemas['ProviderRow']
export type ProviderDetail = Schemas['ProviderDetail']
export type Group = Schemas['Group']
export type Approval = Schemas['Approval']
export type Count = Schemas['Count']
export type AlarmList = Answer<'/api/v1/alarms'>

/** The four states of the look: each has its own shape, colour and word. */
export type State = 'ok' | 'attention' | 'refused' | 'unknown'

/** The windows that the overview can be asked for, in seconds. */
export const windows = [300, 3600, 86_400] as const
export type WindowS = (typeof windows)[number]
