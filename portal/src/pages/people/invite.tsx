import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, Modal, Select, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import { peopleQueries } from '../../api/people-queries.ts'
import type { EnrolmentLink, Person } from '../../api/types.ts'
import { languages } from '../../app/language.ts'
import { useMay, useSession } from '../../app/session.tsx'
import { exactTime } from '../../logic/format.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Button, Copy } from '../../parts/basics.tsx'
import { RoleChoice } from './roles.tsx'

type Role = Person['roles'][number]

/** The organisation is asked for where whoever invites may choose it; `provider` fixes it. */
export function InviteDialog({ provider, onClose }: { provider: { id: string; name: string } | undefined; onClose: () => void }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const session = useSession()
  const own = session?.person?.providerId ?? null
  const mayChoose = useMay('organisations:read') && provider === undefined
  const providers = useQuery({ ...peopleQueries.providerNames(), enabled: mayChoose })
  const [draft, setDraft] = useState({ name: '', email: '', language: '', ssoOnly: false, owner: provider?.id ?? own ?? '' })
  const [roles, setRoles] = useState<readonly Role[]>([])
  const [made, setMade] = useState<{ name: string; link: EnrolmentLink } | null>(null)
  const set = (change: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...change }))
  const invite = async (reason: string): Promise<void> => {
    const { name, email, language, ssoOnly, owner } = draft
    const answer = answerOf(
      await api.POST('/api/v1/people', {
        body: {
          name: name.trim(),
          email: email.trim() === '' ? null : email.trim(),
          language: language === '' ? null : (language as Person['language']),
          roles: [...roles],
          provider: owner === '' ? null : owner,
          ssoOnly,
          reason,
        },
      }),
    )
    await client.invalidateQueries({ queryKey: ['people'] })
    await client.invalidateQueries({ queryKey: ['provider'] })
    if (answer.link !== null) setMade({ name: answer.person.name, link: answer.link })
    else onClose()
  }
  if (made !== null) return <LinkShown name={made.name} link={made.link} onClose={onClose} />
  const because = draft.name.trim() === '' ? t`Give a name first` : roles.length === 0 ? t`Choose a role first` : null
  return (
    <AskReason
      title={provider === undefined ? t`Invite a person` : t`Invite a person of ${provider.name}`}
      action={t`Invite`}
      because={because}
      text={
        <>
          <TextInput
            data-autofocus
            label={t`Name`}
            description={t`Also what they sign in with where they choose a password`}
            value={draft.name}
            maxLength={80}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput label={t`E-mail`} type="email" value={draft.email} onChange={(event) => set({ email: event.currentTarget.value })} />
          {mayChoose && (
            <Select
              label={t`Organisation`}
              data={[{ value: '', label: t`the operator` }, ...(providers.data ?? []).map((row) => ({ value: row.id, label: row.name }))]}
              value={draft.owner}
              allowDeselect={false}
              searchable
              onChange={(owner) => {
                set({ owner: owner ?? '' })
                setRoles([])
              }}
            />
          )}
          <RoleChoice organisation={draft.owner === '' ? 'operator' : 'provider'} value={roles} onChange={setRoles} />
          <Select
            label={t`Language`}
            data={[{ value: '', label: t`that of their browser` }, ...languages.map(({ id, name }) => ({ value: id, label: name }))]}
            value={draft.language}
            allowDeselect={false}
            onChange={(language) => set({ language: language ?? '' })}
          />
          <Checkbox
            label={t`Comes in by the organisation’s single sign-on only: no link`}
            checked={draft.ssoOnly}
            onChange={(event) => set({ ssoOnly: event.currentTarget.checked })}
          />
        </>
      }
      onDone={invite}
      // What was invited is shown next; the dialog ends there.
      onClose={() => undefined}
      onCancel={onClose}
    />
  )
}

/** Shown once: whoever has it can set up that person's sign-in. */
export function LinkShown({ name, link, onClose }: { name: string; link: EnrolmentLink; onClose: () => void }) {
  const { t } = useLingui()
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`A link for ${name}`}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t`Close` }}
      classNames={{ content: 'pop' }}
    >
      <div className="ask">
        <div className="ask-text">
          <p>
            <Trans>
              Hand it over on a way that only {name} reads. It works once, until {exactTime(link.expiresAt)}, and is not shown again.
            </Trans>
          </p>
          <p className="link-once mono">
            <span>{link.url}</span>
            <Copy text={link.url} size={16} />
          </p>
        </div>
        <div className="btns end">
          <Button primary onClick={onClose}>
            <Trans>Done</Trans>
          </Button>
        </div>
      </div>
    </Modal>
  )
}
