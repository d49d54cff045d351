import { Type } from 'typebox'
import { approvalStates } from '../../approval.ts'
import { defineOperation } from '../operation.ts'
import { Alarm } from './alarms.ts'
import { Time, Words } from './common.ts'
import { Control, StatusCounts } from './controls.ts'
import { Attack, Outage, StoryStep } from './demo.ts'
import { Job } from './jobs.ts'
import { NoticeView } from './notices.ts'
import { Overview } from './overview.ts'
import { SignalRow } from './signals.ts'

export const topics = ['signals', 'overview', 'alarms', 'approvals', 'controls', 'demo', 'jobs', 'notices'] as const

/** Payloads by topic; each event's data is one of these as JSON. */
const SignalsEvent = Type.Object(
  {
    rows: Type.Array(SignalRow, { description: 'Newest last' }),
    skipped: Type.Integer({ description: 'Judged in the same quarter second and not sent' }),
  },
  { title: 'SignalsEvent' },
)

const OverviewEvent = Type.Object(
  { at: Time, verdict: Overview.properties.verdict, readouts: Overview.properties.readouts },
  { title: 'OverviewEvent' },
)

const AlarmsEvent = Type.Object({ alarm: Alarm }, { title: 'AlarmsEvent' })

const ApprovalsEvent = Type.Object(
  { approval: Type.Object({ id: Type.String(), state: Words(approvalStates) }) },
  { title: 'ApprovalsEvent' },
)

const ControlsEvent = Type.Object({ control: Control, counts: StatusCounts }, { title: 'ControlsEvent' })

const DemoEvent = Type.Object(
  { step: Type.Optional(StoryStep), attack: Type.Optional(Attack), outage: Type.Optional(Outage) },
  { title: 'DemoEvent' },
)

const JobsEvent = Type.Object({ job: Job }, { title: 'JobsEvent' })

const NoticeEvent = Type.Object({ notice: NoticeView }, { title: 'NoticeEvent' })

const ResetEvent = Type.Object({ because: Type.String() }, { title: 'ResetEvent' })

export const eventOperations = {
  streamEvents: defineOperation({
    id: 'streamEvents',
    method: 'GET',
    path: '/events',
    tag: 'overview',
    summary:
      'Server-sent events; the event name is the topic, `reset` says that the lists must be read again; notices resume by Last-Event-ID after any absence',
    permission: 'any',
    stream: true,
    query: Type.Object({
      topics: Type.Optional(
        Type.String({
          maxLength: 200,
          description: `Comma-separated: ${topics.join(', ')}; default all but notices, which a reader asks for by name`,
        }),
      ),
    }),
    response: Type.Union(
      [SignalsEvent, OverviewEvent, AlarmsEvent, ApprovalsEvent, ControlsEvent, DemoEvent, JobsEvent, NoticeEvent, ResetEvent],
      {
        title: 'StreamEvent',
      },
    ),
  }),
}
