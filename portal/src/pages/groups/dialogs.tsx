import { useLingui } from '@lingui/react/macro'
import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { Group } from '../../api/types.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { answerWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'
import { depths } from './depths.ts'

const daySeconds = 86_400

/** All queries that show groups. */
function useRefresh(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    for (const key of ['groups', 'groups-of', 'provider']) await client.invalidateQueries({ queryKey: [key] })
  }
}

function draftOf(group: Group | null) {
  return {
    name: group?.name ?? '',
    parentId: group?.parentId ?? '',
    cardUse: group?.cardUse ?? '',
    isService: group !== null && group.service !== null,
    percent: Math.round((group?.service?.objective ?? 0.99) * 100_000) / 1000,
    days: (group?.service?.windowS ?? 30 * daySeconds) / daySeconds,
  }
}

function useMissing({ name, isService, percent, days }: ReturnType<typeof draftOf>): string | null {
  const { t } = useLingui()
  if (name.trim() === '') return t`Give a name first`
  if (isService && !(percent >= 50 && percent <= 99.999)) return t`The objective is between 50 and 99.999 percent`
  return isService && !(days >= 1 && days <= 365) ? t`The time is between 1 and 365 days` : null
}

/** Makes a group, or changes one; whether it is a service is said here. */
export function GroupDialog({
  providerId,
  groups,
  group,
  onClose,
}: {
  providerId: string
  groups: readonly Group[]
  group: Group | null
  onClose: () => void
}) {
  const { t, i18n } = useLingui()
  const refresh = useRefresh()
  const [draft, setDraft] = useState(() => draftOf(group))
  const set = (change: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...change }))
  const depth = depths(groups)
  const save = async (reason: string): Promise<void> => {
    const body = {
      name: draft.name.trim(),
      parentId: draft.parentId === '' ? null : draft.parentId,
      cardUse: draft.cardUse === '' ? null : (draft.cardUse as Group['cardUse']),
      service: draft.isService ? { objective: draft.percent / 100, windowS: Math.round(draft.days * daySeconds) } : null,
      ...(reason === '' ? {} : { reason }),
    }
    if (group === null) answerOf(await api.POST('/api/v1/groups', { body: { ...body, provider: providerId } }))
    else {
      const at = { params: { path: { id: group.id } }, headers: { 'if-match': `"${group.version}"` } }
      answerOf(await api.PATCH('/api/v1/groups/{id}', { ...at, body }))
    }
    await refresh()
  }
  return (
    <AskReason
      title={group === null ? t`New group` : t`Change ${group.name}`}
      action={group === null ? t`Make the group` : t`Save`}
      because={useMissing(draft)}
      optional
      text={
        <>
          <TextInput
            data-autofocus
            label={t`Name`}
            value={draft.name}
            maxLength={80}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Select
            label={t`Below`}
            data={[
              { value: '', label: t`at the top` },
              ...groups
                .filter(({ id }) => id !== group?.id)
                .map(({ id, name }) => ({ value: id, label: `${'· '.repeat(depth.get(id) ?? 0)}${name}` })),
            ]}
            value={draft.parentId}
            allowDeselect={false}
            onChange={(parentId) => set({ parentId: parentId ?? '' })}
          />
          <Select
            label={t`Cards for`}
            data={[
              { value: '', label: t`any use` },
              ...(['iot', 'handset'] as const).map((use) => ({ value: use, label: word(i18n, answerWords, `cardUse.${use}`) })),
            ]}
            value={draft.cardUse}
            allowDeselect={false}
            onChange={(cardUse) => set({ cardUse: cardUse ?? '' })}
          />
          <Checkbox
            label={t`It is a service with an objective`}
            description={t`Health then says how much of its attempts to connect succeed.`}
            checked={draft.isService}
            onChange={(event) => set({ isService: event.currentTarget.checked })}
          />
          {draft.isService && (
            <>
              <NumberInput
                label={t`Attempts that should succeed, in percent`}
                value={draft.percent}
                hideControls
                onChange={(percent) => set({ percent: Number(percent) })}
              />
              <NumberInput label={t`Over how many days`} value={draft.days} hideControls onChange={(days) => set({ days: Number(days) })} />
            </>
          )}
        </>
      }
      onDone={save}
      onClose={onClose}
    />
  )
}

export function RemoveDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { t } = useLingui()
  const refresh = useRefresh()
  const { id, name, version } = group
  return (
    <AskReason
      title={t`Remove ${name}`}
      action={t`Remove`}
      text={<p>{t`No SIM and no other group is in it.`}</p>}
      onDone={async (reason) => {
        const at = { params: { path: { id }, query: { reason } }, headers: { 'if-match': `"${version}"` } }
        answerOf(await api.DELETE('/api/v1/groups/{id}', at))
        await refresh()
      }}
      onClose={onClose}
    />
  )
}
