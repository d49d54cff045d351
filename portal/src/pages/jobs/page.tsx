import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { Job } from '../../api/types.ts'
import { useTopic } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { count } from '../../logic/format.ts'
import { Ago, Answer, Button, Choice } from '../../parts/basics.tsx'
import { type Column, DataTable } from '../../parts/data-table.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { changeText, jobStateWords } from '../../words/jobs.ts'
import { word } from '../../words/say.ts'
import { JobStateTag, Progress } from './parts.tsx'

/** Bulk jobs, newest first; those at work move by themselves. */
export function JobsPage() {
  const { t, i18n } = useLingui()
  const [search, setSearch] = useSearchParams()
  const navigate = useNavigate()
  const open = search.get('state') === 'open'
  const query = useInfiniteQuery(queries.jobs(open ? 'open' : undefined))
  const client = useQueryClient()
  // A job that is on the page moves on it; a new one is read.
  const renew = useCallback(
    (data: unknown) => {
      const { job } = data as { job: Job }
      client.setQueryData(queries.job(job.id).queryKey, job)
      void client.invalidateQueries({ queryKey: ['jobs'] }, { cancelRefetch: false })
    },
    [client],
  )
  useTopic('jobs', renew)
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? []
  const more = useCallback(() => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
  }, [query.hasNextPage, query.isFetchingNextPage, query.fetchNextPage])
  return (
    <Page title={t`Jobs`}>
      <div className="sg">
        <div className="head">
          <JobsAnswer jobs={jobs}>
            <div className="btns">
              <Choice
                label={t`Shown`}
                value={open ? 'open' : 'all'}
                onChange={(value) => setSearch(value === 'open' ? { state: 'open' } : {}, { replace: true })}
                options={[
                  { value: 'open', label: t({ message: 'Open', context: 'jobs' }) },
                  { value: 'all', label: t`All` },
                ]}
              />
              <NewJobLink />
            </div>
          </JobsAnswer>
        </div>
        <div className="list-box">
          <Loaded query={query} what={t`the jobs`}>
            {() =>
              jobs.length === 0 ? (
                <NoJobs open={open} />
              ) : (
                <DataTable
                  label={t`Jobs`}
                  columns={columnsOf(i18n)}
                  rows={jobs}
                  rowId={(job) => job.id}
                  onOpen={(job) => void navigate(`/jobs/${job.id}`)}
                  onEnd={more}
                />
              )
            }
          </Loaded>
        </div>
      </div>
    </Page>
  )
}

function NewJobLink() {
  const { t } = useLingui()
  const may = useMay('jobs:write')
  if (!may)
    return (
      <Button primary because={t`This needs the permission jobs:write; your role does not have it.`}>
        <Trans>New job…</Trans>
      </Button>
    )
  return (
    <Link className="btn primary" to="/jobs/new">
      <Trans>New job…</Trans>
    </Link>
  )
}

const atWork: ReadonlySet<Job['state']> = new Set(['receiving', 'previewing', 'checking', 'running', 'telling'])

function JobsAnswer({ jobs, children }: { jobs: readonly Job[]; children: ReactNode }) {
  const { t } = useLingui()
  const working = jobs.filter(({ state }) => atWork.has(state)).length
  const waiting = jobs.filter(({ state }) => state === 'waiting').length
  const failed = jobs.filter(({ state }) => state === 'failed').length
  const title =
    working > 0
      ? plural(working, { one: '# job is at work', other: '# jobs are at work' })
      : waiting > 0
        ? plural(waiting, { one: '# job waits for approval', other: '# jobs wait for approval' })
        : t`No job is at work`
  return (
    <Answer
      state={failed + waiting > 0 ? 'attention' : 'ok'}
      title={title}
      text={
        <Trans>
          One change to many SIMs: previewed first, done in small steps that leave signalling its time, and written down row by row.
        </Trans>
      }
    >
      {children}
    </Answer>
  )
}

function NoJobs({ open }: { open: boolean }) {
  const { t } = useLingui()
  const may = useMay('jobs:write')
  return (
    <Blank
      title={open ? <Trans>No job is open</Trans> : <Trans>No job yet</Trans>}
      text={t`Choose SIMs in the list, or bring a file of up to a million rows; nothing happens before you have seen what would.`}
    >
      {may && (
        <Link className="btn primary" to="/jobs/new">
          <Trans>New job…</Trans>
        </Link>
      )}
    </Blank>
  )
}

function columnsOf(i18n: ReturnType<typeof useLingui>['i18n']): readonly Column<Job>[] {
  return [
    {
      id: 'what',
      head: <Trans>What</Trans>,
      cell: (job) => (
        <Link className="link" to={`/jobs/${job.id}`}>
          {changeText(i18n, job)}
        </Link>
      ),
    },
    {
      id: 'state',
      head: <Trans>State</Trans>,
      width: 168,
      cell: (job) => <JobStateTag state={job.state} text={word(i18n, jobStateWords, job.state)} />,
    },
    {
      id: 'progress',
      head: <Trans>Progress</Trans>,
      width: 160,
      wide: true,
      cell: (job) => <Progress done={job.done} total={job.total} label={changeText(i18n, job)} small />,
    },
    { id: 'sims', head: <Trans>SIMs</Trans>, width: 88, number: true, cell: (job) => count(job.total, i18n.locale) },
    {
      id: 'failed',
      head: <Trans>Failed</Trans>,
      width: 72,
      number: true,
      wide: true,
      cell: (job) => <Failed n={job.outcomes.refused + job.outcomes.needsApproval + job.badRows} />,
    },
    { id: 'by', head: <Trans>By</Trans>, width: 140, wide: true, cell: (job) => <span className="dim">{job.by.name}</span> },
    { id: 'at', head: <Trans>Made</Trans>, width: 104, number: true, wide: true, cell: (job) => <Ago at={job.createdAt} /> },
  ]
}

function Failed({ n }: { n: number }) {
  const { i18n } = useLingui()
  return n === 0 ? <span className="dim3">–</span> : <span className="ref">{count(n, i18n.locale)}</span>
}
