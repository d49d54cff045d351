import { Trans, useLingui } from '@lingui/react/macro'
import { NativeSelect, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { Plan } from '../../api/types.ts'
import { useNow } from '../../app/now.tsx'
import { useMay } from '../../app/session.tsx'
import { draftOfPlan, type PlanDraft, type PlanFault, planBodyOf, planFaults } from '../../logic/plan-draft.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Button, Panel } from '../../parts/basics.tsx'
import { useProviderChoice } from '../profiles/acknowledge.tsx'

/** What a plan includes, when somebody is told, and when the SIM is cut off. */
export function PlanForm({ plan, onMade }: { plan: Plan | undefined; onMade: (id: string) => void }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const now = useNow(86_400_000)
  const may = useMay('plans:write')
  const provider = useProviderChoice(plan?.provider.id)
  const [draft, setDraft] = useState(() => draftOfPlan(plan, now))
  const [asking, setAsking] = useState(false)
  const set = (part: Partial<PlanDraft>): void => setDraft((before) => ({ ...before, ...part }))
  const faults = planFaults(draft)
  const [first] = faults
  const same = plan !== undefined && JSON.stringify(draft) === JSON.stringify(draftOfPlan(plan, now))
  const because = !may
    ? t`Changing plans needs the permission plans:write; your role does not have it.`
    : provider.missing
      ? t`Say for which provider`
      : first !== undefined
        ? t`Something is not right yet: it is marked`
        : same
          ? t`Nothing was changed`
          : null
  const fault = (field: PlanFault, text: string): string | undefined => (faults.includes(field) ? text : undefined)
  const save = async (reason: string): Promise<void> => {
    const body = { name: draft.name.trim(), ...planBodyOf(draft), reason }
    if (plan === undefined) {
      const made = answerOf(
        await api.POST('/api/v1/plans', { body: { ...body, ...(provider.id === undefined ? {} : { providerId: provider.id }) } }),
      )
      onMade(made.id)
    } else {
      answerOf(
        await api.PUT('/api/v1/plans/{id}', { params: { path: { id: plan.id } }, headers: { 'if-match': `"${plan.version}"` }, body }),
      )
    }
    await client.invalidateQueries({ queryKey: ['plans'] })
  }
  const text = (
    id: 'name' | 'days' | 'anchor' | 'includedMb' | 'alerts' | 'cutOff',
    label: string,
    wrong: string,
    description?: string,
  ) => (
    <TextInput
      label={label}
      description={description}
      value={draft[id]}
      type={id === 'anchor' ? 'date' : 'text'}
      onChange={(event) => set({ [id]: event.currentTarget.value })}
      error={fault(id, wrong)}
    />
  )
  return (
    <Panel title={plan === undefined ? <Trans>New plan</Trans> : <Trans>Edit {plan.name}</Trans>}>
      <fieldset className="form" disabled={!may}>
        {provider.field}
        {text('name', t`Name`, t`Give the plan a name`)}
        <NativeSelect
          label={t`Period`}
          value={draft.period}
          onChange={(event) => set({ period: event.currentTarget.value as PlanDraft['period'] })}
          data={[
            { value: 'calendar-month', label: t`Calendar month, UTC` },
            { value: 'days', label: t`A number of days` },
          ]}
        />
        {draft.period === 'days' && (
          <div className="row-fields">
            {text('days', t`Days`, t`1 to 366`)}
            {text('anchor', t`A day on which it begins`, t`A date`)}
          </div>
        )}
        {text('includedMb', t`Included, MB`, t`A number above 0`, t`Both ways together, in one period; 1 MB is a million bytes`)}
        {text('alerts', t`Tell me at, %`, t`Percentages: 80, 100`, t`Of what is included`)}
        {text('cutOff', t`Cut off at, %`, t`1 to 1000, or nothing`, t`Empty: nobody is cut off. Critical SIMs never are.`)}
        <div className="btns end">
          <Button primary because={because} onClick={() => setAsking(true)}>
            {plan === undefined ? <Trans>Add…</Trans> : <Trans>Save…</Trans>}
          </Button>
        </div>
      </fieldset>
      {asking && (
        <AskReason
          title={plan === undefined ? t`Add ${draft.name}` : t`Change ${draft.name}`}
          action={plan === undefined ? t`Add` : t`Save`}
          text={
            <p>
              <Trans>SIMs that are cut off and within the plan again are let in at once; who is beyond it is met at the next record.</Trans>
            </p>
          }
          onDone={save}
          onClose={() => setAsking(false)}
        />
      )}
    </Panel>
  )
}
