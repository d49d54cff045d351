import { Trans, useLingui } from '@lingui/react/macro'
import { Modal, Select, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { SimChangeAnswer, SimDetail } from '../../api/types.ts'
import { useMay } from '../../app/session.tsx'
import { Button } from '../../parts/basics.tsx'
import { useFailure } from '../../parts/loaded.tsx'
import { word } from '../../words/say.ts'
import { classWords } from '../../words/verdicts.ts'
import { askServer, type SimEdit } from './ask.ts'

const classes = ['critical', 'standard', 'deferrable'] as const

/** What of a SIM its owner decides, in one form; only what differs is sent, and all of it or nothing is done. */
export function EditDialog({ sim, onDone, onClose }: { sim: SimDetail; onDone: (answer: SimChangeAnswer) => void; onClose: () => void }) {
  const { t, i18n } = useLingui()
  const failure = useFailure()
  const [form, setForm] = useState({
    label: sim.label ?? '',
    class: sim.class,
    groupId: sim.group?.id ?? null,
    profileId: sim.profile.id,
    planId: sim.planId,
    hssPartition: sim.hssPartition,
  })
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const changes = changesOf(sim, form)
  const obstacle =
    Object.keys(changes).length === 0 ? t`Nothing is changed yet` : reason.trim().length < 3 ? t`Write the reason first` : null
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (obstacle !== null || busy) return
    setBusy(true)
    setError(null)
    try {
      onDone(await askServer(sim.id, { kind: 'edit', version: sim.version, changes }, { reason: reason.trim(), dryRun: false }))
      onClose()
    } catch (problem) {
      setError(failure(problem))
      setBusy(false)
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Edit ${sim.imsi}`}
      closeButtonProps={{ 'aria-label': t`Close` }}
      classNames={{ content: 'pop' }}
    >
      <form className="ask" onSubmit={(event) => void submit(event)}>
        <TextInput
          data-autofocus
          label={t`Label`}
          value={form.label}
          maxLength={120}
          onChange={(event) => setForm({ ...form, label: event.currentTarget.value })}
        />
        <Groups sim={sim} value={form.groupId} onChange={(groupId) => setForm({ ...form, groupId })} />
        <Profiles sim={sim} value={form.profileId} onChange={(profileId) => setForm({ ...form, profileId })} />
        <Plans sim={sim} value={form.planId} onChange={(planId) => setForm({ ...form, planId })} />
        <Select
          label={t`Class`}
          description={sim.class === 'critical' ? t`A critical SIM leaves its class by two persons.` : undefined}
          data={classes.map((value) => ({ value, label: word(i18n, classWords, value) }))}
          value={form.class}
          allowDeselect={false}
          onChange={(value) => setForm({ ...form, class: classes.find((one) => one === value) ?? form.class })}
        />
        <TextInput
          label={t`HSS partition`}
          description={t`Long-lived devices can have one of their own.`}
          value={form.hssPartition}
          maxLength={32}
          onChange={(event) => setForm({ ...form, hssPartition: event.currentTarget.value })}
        />
        <Textarea
          label={t`Reason`}
          description={t`It is kept in the ledger.`}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={error}
          minRows={2}
          maxLength={500}
          autosize
        />
        <div className="btns end">
          <Button onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button primary type="submit" busy={busy} because={obstacle}>
            <Trans>Change it</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  )
}

interface Picker<T> {
  sim: SimDetail
  value: T
  onChange: (value: T) => void
}

function Groups({ sim, value, onChange }: Picker<string | null>) {
  const { t } = useLingui()
  const query = useQuery(queries.groupsOf(sim.provider.id))
  const items = query.data?.items ?? []
  const pathOf = (id: string | null, depth = 0): string => {
    const group = items.find((one) => one.id === id)
    if (group === undefined || depth > 16) return ''
    const above = pathOf(group.parentId, depth + 1)
    return above === '' ? group.name : `${above} / ${group.name}`
  }
  return (
    <Select
      label={t`Group`}
      placeholder={t`in no group`}
      clearable
      searchable
      data={items.filter(({ cardUse }) => cardUse === null || cardUse === sim.use).map(({ id }) => ({ value: id, label: pathOf(id) }))}
      value={value}
      onChange={onChange}
    />
  )
}

function Profiles({ sim, value, onChange }: Picker<string>) {
  const { t } = useLingui()
  const may = useMay('profiles:read')
  const query = useQuery({ ...queries.profilesOf(sim.provider.id), enabled: may })
  const items = query.data?.items ?? []
  const known = items.some(({ id }) => id === sim.profile.id) ? items : [{ id: sim.profile.id, name: sim.profile.name }, ...items]
  return (
    <Select
      label={t`Profile`}
      searchable
      allowDeselect={false}
      data={known.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={(next) => next !== null && onChange(next)}
    />
  )
}

function Plans({ sim, value, onChange }: Picker<string | null>) {
  const { t } = useLingui()
  const may = useMay('plans:read')
  const items = useQuery({ ...queries.plans(), enabled: may }).data?.items ?? []
  if (!may) return null
  return (
    <Select
      label={t`Rate plan`}
      placeholder={t`no plan`}
      clearable
      data={items.filter(({ provider }) => provider.id === sim.provider.id).map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
    />
  )
}

interface EditForm {
  label: string
  class: SimDetail['class']
  groupId: string | null
  profileId: string
  planId: string | null
  hssPartition: string
}

function changesOf(sim: SimDetail, form: EditForm): SimEdit {
  const label = form.label.trim() === '' ? null : form.label.trim()
  return {
    ...(label === sim.label ? {} : { label }),
    ...(form.class === sim.class ? {} : { class: form.class }),
    ...(form.groupId === (sim.group?.id ?? null) ? {} : { groupId: form.groupId }),
    ...(form.profileId === sim.profile.id ? {} : { profileId: form.profileId }),
    ...(form.planId === sim.planId ? {} : { planId: form.planId }),
    ...(form.hssPartition === sim.hssPartition ? {} : { hssPartition: form.hssPartition }),
  }
}
