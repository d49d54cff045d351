import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { Link, useParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { Job, JobProblem, State } from '../../api/types.ts'
import { useTopic } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { count, shortened } from '../../logic/format.ts'
import { Answer, Button, Identifier, Panel, Since } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { changeText, faultWords, jobStateWords, outcomeWords, rowWords } from '../../words/jobs.ts'
import { word } from '../../words/say.ts'
import { durationText } from '../../words/units.ts'
import { JobMeans } from './means.tsx'
import { CountBars, Progress } from './parts.tsx'
import { PreviewPanels } from './preview.tsx'

export function JobPage() {
  const { t, i18n } = useLingui()
  const { id = '' } = useParams()
  const query = useQuery(queries.job(id))
  const client = useQueryClient()
  const hear = useCallback(
    (data: unknown) => {
      const { job } = data as { job: Job }
      if (job.id !== id) return
      client.setQueryData(queries.job(id).queryKey, job)
      if (job.outcomes.refused + job.outcomes.needsApproval > 0)
        void client.invalidateQueries({ queryKey: ['job-errors', id] }, { cancelRefetch: false })
    },
    [client, id],
  )
  useTopic('jobs', hear)
  const title = query.data === undefined ? t`Job` : changeText(i18n, query.data)
  return (
    <Page title={title} parent={{ title: t`Jobs`, to: '/jobs' }}>
      <Loaded query={query} what={t`this job`}>
        {(job) => (
          <>
            <JobAnswer job={job} />
            <JobProgress job={job} />
            <div className="grid job-grid">
              {job.startedAt === null ? <PreviewPanels job={job} /> : <OutcomePanels job={job} />}
              <AboutPanel job={job} />
              <ErrorsPanel job={job} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

const states: Readonly<Record<Job['state'], State>> = {
  draft: 'unknown',
  receiving: 'unknown',
  previewing: 'unknown',
  ready: 'unknown',
  waiting: 'attention',
  checking: 'ok',
  running: 'ok',
  paused: 'attention',
  telling: 'ok',
  done: 'ok',
  cancelled: 'unknown',
  failed: 'refused',
}

function JobAnswer({ job }: { job: Job }) {
  const { i18n } = useLingui()
  const failed = job.outcomes.refused + job.outcomes.needsApproval
  const state =
    job.fault !== null && job.state !== 'failed' ? 'attention' : job.state === 'done' && failed > 0 ? 'attention' : states[job.state]
  return (
    <Answer state={state} question={word(i18n, jobStateWords, job.state)} title={<Sentence job={job} />} text={<Explanation job={job} />}>
      <JobMeans job={job} />
    </Answer>
  )
}

/** The answer in one sentence: what will be, is being, or was done to how many. A row of a file may say several changes. */
function Sentence({ job }: { job: Job }) {
  const { t, i18n } = useLingui()
  const what = changeText(i18n, job)
  const n = count(job.total, i18n.locale)
  const total = job.kind === 'csv' ? t`${n} changes` : t`${n} SIMs`
  const done = count(job.done, i18n.locale)
  const changed = count(job.outcomes.changed, i18n.locale)
  switch (job.state) {
    case 'draft':
    case 'receiving':
    case 'previewing':
      return job.total === 0 ? what : t`${what}: ${total} so far`
    case 'ready':
      return t`${what}: ${total}, nothing done yet`
    case 'waiting':
      return t`${what}: ${total} wait for another person`
    case 'checking':
    case 'running':
      return t`${what}: ${done} of ${total} done`
    case 'paused':
      return t`${what}: paused at ${done} of ${total}`
    case 'cancelled':
      return job.done === 0 ? t`${what}: cancelled, nothing was done` : t`${what}: cancelled; ${done} of ${total} were done and stay so`
    case 'telling':
    case 'done':
      return t`${what}: ${changed} of ${total} changed`
    case 'failed':
      return t`${what}: stopped at ${done} of ${total}`
  }
}

function Explanation({ job }: { job: Job }) {
  const { i18n } = useLingui()
  const persons = job.preview?.approvals.persons ?? 0
  if (job.fault !== null) return <span>{word(i18n, faultWords, job.fault)}</span>
  if (job.state === 'waiting')
    return (
      <Trans>
        {persons} more must agree to exactly this set.{' '}
        <Link className="link" to={job.approvalId === null ? '/approvals' : `/approvals/${job.approvalId}`}>
          See the approval
        </Link>
      </Trans>
    )
  if (job.state === 'ready' && persons > 0) return <Because because={job.preview?.approvals.because ?? 'gate'} />
  return <>“{job.reason}”</>
}

function Because({ because }: { because: 'gate' | 'critical' | 'size' }) {
  switch (because) {
    case 'gate':
      return <Trans>The exemption gate wants another person for some of these SIMs: the start asks for one.</Trans>
    case 'critical':
      return <Trans>Critical SIMs are among them: the start asks for another person.</Trans>
    case 'size':
      return <Trans>The set is large: the start asks for another person.</Trans>
  }
}

/** The figures move; a reader hears of them, politely, as text. */
function JobProgress({ job }: { job: Job }) {
  const { t, i18n } = useLingui()
  if (job.startedAt === null) return null
  const { perSecond, leftMs } = job.progress
  const { telling } = job
  const rate = count(Math.round(perSecond), i18n.locale)
  const told = count(telling.done, i18n.locale)
  const toTell = count(telling.total, i18n.locale)
  const slow = telling.slowest
  const name = slow?.name === '' ? t`a network without a partner on record` : (slow?.name ?? '')
  return (
    <section className="job-progress" aria-label={t`Progress`}>
      <Progress done={job.done} total={job.total} label={t`SIMs done`} />
      <p aria-live="polite">
        {job.state === 'running' ? (
          leftMs === null ? (
            <Trans>{rate} a second</Trans>
          ) : (
            <Trans>
              {rate} a second, {durationText(i18n, leftMs)} left
            </Trans>
          )
        ) : job.finishedAt === null ? (
          word(i18n, jobStateWords, job.state)
        ) : (
          <Trans>
            Took {durationText(i18n, job.finishedAt - job.startedAt)}, ended <Since at={job.finishedAt} /> ago
          </Trans>
        )}
      </p>
      {telling.total > 0 && (
        <>
          <Progress done={telling.done} total={telling.total} label={t`Serving nodes told`} />
          <p aria-live="polite">
            <Trans>
              Networks told: {told} of {toTell}
            </Trans>
            {slow !== null && (
              <>
                {'; '}
                <Trans>
                  {name} takes {slow.perSecond} a second, {durationText(i18n, telling.leftMs ?? 0)} left
                </Trans>
              </>
            )}
          </p>
        </>
      )}
    </section>
  )
}

function OutcomePanels({ job }: { job: Job }) {
  const { t, i18n } = useLingui()
  const { outcomes, telling } = job
  const rows = [
    { id: 'changed', n: outcomes.changed, tone: 'ok' as const },
    { id: 'unchanged', n: outcomes.unchanged, tone: 'dim' as const },
    { id: 'refused', n: outcomes.refused, tone: 'ref' as const },
    { id: 'needsApproval', n: outcomes.needsApproval, tone: 'att' as const },
  ]
  return (
    <Panel
      title={<Trans>What became of them</Trans>}
      meta={<a className="link" href={`/api/v1/jobs/${job.id}/results.csv`} download>{t`Result file`}</a>}
    >
      <CountBars total={job.total} rows={rows.map((row) => ({ ...row, text: word(i18n, outcomeWords, row.id) }))} />
      {telling.total > 0 && (
        <CountBars
          total={telling.total}
          rows={[
            { id: 'confirmed', text: t`Confirmed by their network`, n: telling.confirmed, tone: 'ok' },
            { id: 'not', text: t`Not registered: meet it at the next attempt`, n: telling.notRegistered, tone: 'dim' },
            { id: 'failed', text: t`Not confirmed`, n: telling.failed, tone: 'att' },
          ]}
        />
      )}
    </Panel>
  )
}

function AboutPanel({ job }: { job: Job }) {
  const { t } = useLingui()
  return (
    <Panel title={<Trans>About this job</Trans>}>
      <dl className="facts wide-facts">
        <dt>
          <Trans>Reason</Trans>
        </dt>
        <dd className="wrap">{job.reason}</dd>
        <dt>
          <Trans>By</Trans>
        </dt>
        <dd>{job.by.name}</dd>
        <dt>
          <Trans>Set</Trans>
        </dt>
        <dd>
          {job.filter === null ? (
            <Trans>rows of a file or list</Trans>
          ) : job.filter === '' ? (
            t`every SIM`
          ) : (
            <span className="mono clip">{job.filter}</span>
          )}
        </dd>
        {job.setHash !== null && (
          <>
            <dt>
              <Trans>Hash</Trans>
            </dt>
            <dd>
              <Identifier value={job.setHash} shown={shortened(job.setHash, 10)} />
            </dd>
          </>
        )}
        {job.approvedBy.length > 0 && (
          <>
            <dt>
              <Trans>Agreed</Trans>
            </dt>
            <dd>{job.approvedBy.length}</dd>
          </>
        )}
        {job.retryOf !== null && (
          <>
            <dt>
              <Trans>Retry of</Trans>
            </dt>
            <dd>
              <Link className="link" to={`/jobs/${job.retryOf}`}>
                <Trans>an earlier job</Trans>
              </Link>
            </dd>
          </>
        )}
      </dl>
    </Panel>
  )
}

function ErrorsPanel({ job }: { job: Job }) {
  const { t, i18n } = useLingui()
  const failed = job.badRows + job.outcomes.refused + job.outcomes.needsApproval
  const query = useInfiniteQuery({ ...queries.jobErrors(job.id), enabled: failed > 0 })
  if (failed === 0) return null
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel
      className="job-wide"
      title={<Trans>Rows with a problem: {count(failed, i18n.locale)}</Trans>}
      meta={<a className="link" href={`/api/v1/jobs/${job.id}/errors.csv`} download>{t`Bad rows as a file`}</a>}
    >
      <Loaded query={query} what={t`the problems`}>
        {() => <ErrorRows rows={rows} />}
      </Loaded>
      {query.hasNextPage && (
        <Button small busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          <Trans>More</Trans>
        </Button>
      )}
    </Panel>
  )
}

function ErrorRows({ rows }: { rows: readonly JobProblem[] }) {
  const { i18n } = useLingui()
  return (
    <div className="scroll-x">
      <table className="tbl job-errors">
        <thead>
          <tr>
            <th className="num">
              <Trans>Line</Trans>
            </th>
            <th>IMSI</th>
            <th>
              <Trans>Column</Trans>
            </th>
            <th>
              <Trans>Problem</Trans>
            </th>
            <th>
              <Trans>Value</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a list that only grows at its end
            <tr key={i}>
              <td className="num">{row.line ?? '–'}</td>
              <td className="mono">{row.imsi === null ? '–' : <Link to={`/sims/${row.imsi}`}>{row.imsi}</Link>}</td>
              <td className="mono">{row.column ?? '–'}</td>
              <td title={row.detail}>{word(i18n, rowWords, row.code)}</td>
              <td className="mono">{row.value ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
