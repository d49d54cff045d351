import { Trans, useLingui } from '@lingui/react/macro'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Job } from '../../api/types.ts'
import { useMay } from '../../app/session.tsx'
import { count } from '../../logic/format.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Button } from '../../parts/basics.tsx'
import { useFailure } from '../../parts/loaded.tsx'
import { changeText } from '../../words/jobs.ts'

type Move = 'preview' | 'start' | 'pause' | 'resume'
const finished: ReadonlySet<Job['state']> = new Set(['done', 'cancelled', 'failed'])

/** What can be done with the job as it stands. */
export function JobMeans({ job }: { job: Job }) {
  const { t } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const may = useMay('jobs:write')
  const mayNot = may ? null : t`This needs the permission jobs:write; your role does not have it.`
  const move = async (what: Move): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      const next = await moved(job, what)
      client.setQueryData(queries.job(job.id).queryKey, next)
      await client.invalidateQueries({ queryKey: ['jobs'] })
    } catch (problem) {
      setError(failure(problem))
    }
    setBusy(false)
  }
  const failed = job.outcomes.refused + job.outcomes.needsApproval
  return (
    <>
      <div className="btns">
        {job.state === 'draft' && job.total + (job.filter === null ? 0 : 1) > 0 && (
          <Button primary busy={busy} because={mayNot} onClick={() => void move('preview')}>
            <Trans>Preview</Trans>
          </Button>
        )}
        {job.state === 'ready' && <StartButtons job={job} busy={busy} mayNot={mayNot} move={move} />}
        {job.state === 'running' && (
          <Button busy={busy} because={mayNot} onClick={() => void move('pause')}>
            <Trans>Pause</Trans>
          </Button>
        )}
        {job.state === 'paused' && (
          <Button primary busy={busy} because={mayNot} onClick={() => void move('resume')}>
            <Trans>Go on</Trans>
          </Button>
        )}
        {!finished.has(job.state) && job.state !== 'receiving' && job.state !== 'telling' && <CancelButton job={job} mayNot={mayNot} />}
        {finished.has(job.state) && failed > 0 && job.kind !== 'import' && <RetryButton job={job} failed={failed} mayNot={mayNot} />}
      </div>
      {error !== null && (
        <p className="job-error ref" role="alert">
          {error}
        </p>
      )}
    </>
  )
}

async function moved(job: Job, move: Move): Promise<Job> {
  const at = { params: { path: { id: job.id } } }
  switch (move) {
    case 'preview':
      return answerOf(await api.POST('/api/v1/jobs/{id}/preview', at)) as Job
    case 'start':
      return answerOf(await api.POST('/api/v1/jobs/{id}/start', { ...at, body: { setHash: job.setHash ?? '' } })) as Job
    case 'pause':
      return answerOf(await api.POST('/api/v1/jobs/{id}/pause', at)) as Job
    case 'resume':
      return answerOf(await api.POST('/api/v1/jobs/{id}/resume', at)) as Job
  }
}

interface Doing {
  job: Job
  mayNot: string | null
}

function StartButtons({ job, busy, mayNot, move }: Doing & { busy: boolean; move: (what: Move) => Promise<void> }) {
  const { t, i18n } = useLingui()
  const n = count((job.preview?.outcomes.changed ?? 0) + (job.preview?.outcomes.needsApproval ?? 0), i18n.locale)
  const total = job.kind === 'csv' ? t`${n} changes` : t`${n} SIMs`
  const because = mayNot ?? (job.total === 0 ? t`Nothing matches: there is nothing to do` : null)
  return (
    <>
      <Button busy={busy} because={mayNot} onClick={() => void move('preview')}>
        <Trans>Preview again</Trans>
      </Button>
      <Button primary busy={busy} because={because} onClick={() => void move('start')}>
        {(job.preview?.approvals.persons ?? 0) > 0 ? <Trans>Ask for approval: {total}</Trans> : <Trans>Start: {total}</Trans>}
      </Button>
    </>
  )
}

function CancelButton({ job, mayNot }: Doing) {
  const { t, i18n } = useLingui()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const what = changeText(i18n, job)
  const left = count(job.total - job.done, i18n.locale)
  const done = count(job.done, i18n.locale)
  const cancel = async (reason: string): Promise<void> => {
    const next = answerOf(await api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id: job.id } }, body: { reason } })) as Job
    client.setQueryData(queries.job(job.id).queryKey, next)
    await client.invalidateQueries({ queryKey: ['jobs'] })
  }
  return (
    <>
      <Button because={mayNot} onClick={() => setAsking(true)}>
        <Trans>Cancel the job…</Trans>
      </Button>
      {asking && (
        <AskReason
          title={t`Cancel: ${what}`}
          text={
            <Trans>
              {left} SIMs are left as they are. {done} are done and stay so.
            </Trans>
          }
          action={t`Cancel the job`}
          onDone={cancel}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

function RetryButton({ job, failed, mayNot }: Doing & { failed: number }) {
  const { t, i18n } = useLingui()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const n = count(failed, i18n.locale)
  const retry = async (reason: string): Promise<void> => {
    const made = answerOf(await api.POST('/api/v1/jobs/{id}/retry', { params: { path: { id: job.id } }, body: { reason } })) as Job
    const next = answerOf(await api.POST('/api/v1/jobs/{id}/preview', { params: { path: { id: made.id } } })) as Job
    client.setQueryData(queries.job(next.id).queryKey, next)
    await client.invalidateQueries({ queryKey: ['jobs'] })
    void navigate(`/jobs/${next.id}`)
  }
  return (
    <>
      <Button because={mayNot} onClick={() => setAsking(true)}>
        <Trans>Retry the {n} that failed…</Trans>
      </Button>
      {asking && (
        <AskReason
          title={t`Retry what failed`}
          text={<Trans>A new job of the {n} SIMs that failed: previewed first, like any other.</Trans>}
          action={t`Make the job`}
          onDone={retry}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
