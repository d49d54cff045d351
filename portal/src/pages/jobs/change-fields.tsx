import { useLingui } from '@lingui/react/macro'
import { NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../api/queries.ts'
import { type ChangeKind, changeKinds, classes, type JobForm, noPlan } from '../../logic/job-draft.ts'
import { word } from '../../words/say.ts'
import { classWords } from '../../words/verdicts.ts'

/** What is done to each SIM, and the new value where it has one. */
export function ChangeFields({ form, set }: { form: JobForm; set: (part: Partial<JobForm>) => void }) {
  const { t, i18n } = useLingui()
  const texts: Readonly<Record<ChangeKind, string>> = {
    suspend: t`Suspend`,
    activate: t`Activate`,
    retire: t`Retire for good`,
    profile: t`Change the profile`,
    plan: t`Change the rate plan`,
    class: t`Change the class`,
    label: t`Set the label`,
    hold: t`Hold the next attach for a person`,
    unhold: t`Let the next attach in again`,
    unlock: t`Bind to the next device`,
  }
  return (
    <>
      <NativeSelect
        label={t`What to do`}
        value={form.change}
        onChange={(event) => set({ change: changeKinds.find((kind) => kind === event.currentTarget.value) ?? 'suspend', value: '' })}
        data={changeKinds.map((value) => ({ value, label: texts[value] }))}
      />
      {form.change === 'class' && (
        <NativeSelect
          label={t`New class`}
          value={form.value}
          onChange={(event) => set({ value: event.currentTarget.value })}
          data={[{ value: '', label: '' }, ...classes.map((value) => ({ value, label: word(i18n, classWords, value) }))]}
        />
      )}
      {form.change === 'label' && (
        <TextInput
          label={t`New label`}
          description={t`Empty: the label is taken away.`}
          value={form.value}
          onChange={(event) => set({ value: event.currentTarget.value })}
          maxLength={120}
        />
      )}
      {form.change === 'profile' && <ProfileField form={form} set={set} />}
      {form.change === 'plan' && <PlanField form={form} set={set} />}
    </>
  )
}

/** Each profile belongs to one provider; a SIM of another is refused, which the preview says. */
function ProfileField({ form, set }: { form: JobForm; set: (part: Partial<JobForm>) => void }) {
  const { t } = useLingui()
  const profiles = useQuery(queries.profileChoice()).data ?? []
  return (
    <NativeSelect
      label={t`New profile`}
      value={form.value}
      onChange={(event) => set({ value: event.currentTarget.value })}
      data={[{ value: '', label: '' }, ...profiles.map(({ id, name, provider }) => ({ value: id, label: `${name} · ${provider.name}` }))]}
    />
  )
}

function PlanField({ form, set }: { form: JobForm; set: (part: Partial<JobForm>) => void }) {
  const { t } = useLingui()
  const plans = useQuery(queries.plans()).data?.items ?? []
  return (
    <NativeSelect
      label={t`New rate plan`}
      value={form.value}
      onChange={(event) => set({ value: event.currentTarget.value })}
      data={[
        { value: '', label: '' },
        { value: noPlan, label: t`no plan` },
        ...plans.map(({ id, name, provider }) => ({ value: id, label: `${name} · ${provider.name}` })),
      ]}
    />
  )
}
