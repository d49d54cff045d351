import { Trans, useLingui } from '@lingui/react/macro'
import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Job } from '../../api/types.ts'
import { sendRows } from '../../api/upload.ts'
import { Page } from '../../app/page.tsx'
import { useSession } from '../../app/session.tsx'
import { cappedCount, count } from '../../logic/format.ts'
import { formFault, type JobForm, jobBody } from '../../logic/job-draft.ts'
import { Answer, Button, Choice } from '../../parts/basics.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { useFailure } from '../../parts/loaded.tsx'
import { ChangeFields } from './change-fields.tsx'
import { FileDrop } from './file-drop.tsx'

const kinds = ['change', 'csv', 'import'] as const

/** A job is made in two steps: here what and to whom; on its own page what would happen, before anything does. */
export function NewJobPage() {
  const { t } = useLingui()
  return (
    <Page title={t`New job`} parent={{ title: t`Jobs`, to: '/jobs' }}>
      <Answer
        state="unknown"
        title={<Trans>One change to many SIMs</Trans>}
        text={<Trans>Nothing is done yet: the next page shows what would happen, and to whom.</Trans>}
      />
      <NewJobForm />
    </Page>
  )
}

function startForm(search: URLSearchParams): JobForm {
  const ids = (search.get('ids') ?? '').split(',').filter((id) => id !== '')
  return {
    kind: kinds.find((kind) => kind === search.get('kind')) ?? 'change',
    from: ids.length > 0 ? 'ids' : 'filter',
    change: 'suspend',
    value: '',
    filter: search.get('filter') ?? '',
    ids,
    hasFile: false,
    reason: '',
    supplier: '',
    algorithm: 'MILENAGE',
    amf: '8000',
    startSqn: '0',
  }
}

function NewJobForm() {
  const { t } = useLingui()
  const [search] = useSearchParams()
  const navigate = useNavigate()
  const client = useQueryClient()
  const failure = useFailure()
  const [form, setForm] = useState(() => startForm(search))
  const [file, setFile] = useState<File | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const set = (part: Partial<JobForm>): void => setForm((now) => ({ ...now, ...part }))
  const isOperator = useSession()?.permissions.includes('organisations:read') === true
  const needsFile = form.kind !== 'change' || form.from === 'file'
  const because = useBecause()(formFault({ ...form, hasFile: file !== null }))
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy || because !== null) return
    setBusy(true)
    setError(null)
    try {
      const job = await makeJob(form, needsFile ? file : null)
      await client.invalidateQueries({ queryKey: ['jobs'] })
      client.setQueryData(queries.job(job.id).queryKey, job)
      void navigate(`/jobs/${job.id}`)
    } catch (problem) {
      setError(failure(problem))
      setBusy(false)
    }
  }
  return (
    <form className="form job-form" onSubmit={(event) => void submit(event)}>
      <Choice
        label={t`What`}
        value={form.kind}
        onChange={(kind) => set({ kind })}
        options={[
          { value: 'change', label: t`One change to all` },
          { value: 'csv', label: t`Changes from a file` },
          ...(isOperator ? [{ value: 'import' as const, label: t`Import new SIMs` }] : []),
        ]}
      />
      {form.kind === 'change' && <ChangeFields form={form} set={set} />}
      {form.kind === 'change' && <SetFields form={form} set={set} />}
      {form.kind === 'import' && <BatchFields form={form} set={set} />}
      {needsFile && <FileDrop kind={form.kind} file={file} onFile={setFile} />}
      <Textarea
        label={t`Reason`}
        description={t`It is kept in the ledger.`}
        value={form.reason}
        onChange={(event) => set({ reason: event.currentTarget.value })}
        minRows={2}
        maxLength={500}
        autosize
        error={error}
      />
      <div className="btns">
        <Button primary type="submit" busy={busy} because={because}>
          <Trans>Show what would happen</Trans>
        </Button>
      </div>
    </form>
  )
}

function useBecause() {
  const { t } = useLingui()
  return (fault: ReturnType<typeof formFault>): string | null => {
    switch (fault) {
      case null:
        return null
      case 'reason':
        return t`Write the reason first`
      case 'file':
        return t`Choose the file first`
      case 'value':
        return t`Choose the new value first`
      case 'supplier':
        return t`Name the supplier of the cards first`
      case 'parameters':
        return t`The AMF has four hexadecimal digits, the first SQN is a number`
    }
  }
}

/** The draft, its rows where they come from a file, and the beginning of its preview. */
async function makeJob(form: JobForm, file: File | null): Promise<Job> {
  const job = answerOf(await api.POST('/api/v1/jobs', { body: jobBody(form) })) as Job
  if (file !== null) {
    const read = await sendRows(job.id, file)
    // Nothing of the file can be used: its page says why.
    if (read.total === 0) return read
  }
  return answerOf(await api.POST('/api/v1/jobs/{id}/preview', { params: { path: { id: job.id } } })) as Job
}

interface Fields {
  form: JobForm
  set: (part: Partial<JobForm>) => void
}

function SetFields({ form, set }: Fields) {
  const { t, i18n } = useLingui()
  const named = count(form.ids.length, i18n.locale)
  return (
    <>
      <Choice
        label={t`Which SIMs`}
        value={form.from}
        onChange={(from) => set({ from })}
        options={[
          { value: 'filter', label: t`All that match` },
          ...(form.ids.length > 0 ? [{ value: 'ids' as const, label: t`${named} chosen in the list` }] : []),
          { value: 'file', label: t`From a file` },
        ]}
      />
      {form.from === 'filter' && <FilterField form={form} set={set} />}
    </>
  )
}

function FilterField({ form, set }: Fields) {
  const { t, i18n } = useLingui()
  const query = useQuery(queries.simMatches(form.filter))
  const failure = useFailure()
  return (
    <div>
      <FilterBar
        value={form.filter}
        onChange={(filter) => set({ filter })}
        placeholder={t`every SIM; narrow it: class:standard profile:"Trackers"`}
        count={query.data === undefined ? '' : <Trans>{cappedCount(query.data, i18n.locale)} SIMs</Trans>}
      />
      {query.error !== null && (
        <p className="filter-error ref" role="alert">
          {failure(query.error)}
        </p>
      )}
    </div>
  )
}

function BatchFields({ form, set }: Fields) {
  const { t } = useLingui()
  return (
    <>
      <TextInput
        label={t`Supplier of the cards`}
        description={t`The import makes a batch of its own.`}
        value={form.supplier}
        onChange={(event) => set({ supplier: event.currentTarget.value })}
        maxLength={200}
      />
      <NativeSelect
        label={t`Algorithm`}
        value={form.algorithm}
        onChange={(event) => set({ algorithm: event.currentTarget.value === 'TUAK' ? 'TUAK' : 'MILENAGE' })}
        data={['MILENAGE', 'TUAK']}
      />
      <TextInput
        label="AMF"
        value={form.amf}
        onChange={(event) => set({ amf: event.currentTarget.value })}
        maxLength={4}
        classNames={{ input: 'mono' }}
      />
      <TextInput
        label={t`First SQN of the cards`}
        value={form.startSqn}
        onChange={(event) => set({ startSqn: event.currentTarget.value })}
        maxLength={15}
        classNames={{ input: 'mono' }}
      />
    </>
  )
}
