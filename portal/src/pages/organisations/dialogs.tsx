import { useLingui } from '@lingui/react/macro'
import { TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { ProviderDetail } from '../../api/types.ts'
import { AskReason } from '../../parts/ask-reason.tsx'

const emptyDraft = { name: '', legalName: '', registrationNumber: '', country: '', contactName: '', contactEmail: '' }
type Draft = typeof emptyDraft

function draftOf({ name, legal, contact }: ProviderDetail): Draft {
  return {
    name,
    legalName: legal?.name ?? '',
    registrationNumber: legal?.registrationNumber ?? '',
    country: legal?.country ?? '',
    contactName: contact?.name ?? '',
    contactEmail: contact?.email ?? '',
  }
}

function bodyOf(draft: Draft, phone: string | null) {
  const { name, legalName, registrationNumber, country, contactName, contactEmail } = draft
  return {
    name: name.trim(),
    legal:
      legalName.trim() === ''
        ? null
        : { name: legalName.trim(), registrationNumber: registrationNumber.trim(), country: country.trim().toUpperCase() },
    contact: contactName.trim() === '' ? null : { name: contactName.trim(), email: contactEmail.trim() || null, phone },
  }
}

/** What is still missing: a legal identity is whole or not there. */
function useMissing({ name, legalName, registrationNumber, country }: Draft): string | null {
  const { t } = useLingui()
  if (name.trim() === '') return t`Give a name first`
  const parts = [legalName, registrationNumber, country].filter((part) => part.trim() !== '').length
  if (parts > 0 && parts < 3) return t`Give the legal identity whole: name, number and country, or leave all three empty`
  return country.trim() !== '' && !/^[a-z]{2}$/i.test(country.trim()) ? t`Write the country in two letters` : null
}

function Fields({ draft, onChange }: { draft: Draft; onChange: (change: Partial<Draft>) => void }) {
  const { t } = useLingui()
  const field = (name: keyof Draft, label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      value={draft[name]}
      maxLength={name === 'country' ? 2 : 80}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <>
      {field('name', t`Name`)}
      {field('legalName', t`Name in law`)}
      {field('registrationNumber', t`Registration number`, t`As the register of companies writes it`)}
      {field('country', t`Country`, t`Two letters (ISO 3166-1)`)}
      {field('contactName', t`Contact`)}
      {field('contactEmail', t`E-mail of the contact`)}
    </>
  )
}

export function CreateDialog({ onMade, onClose }: { onMade: (id: string) => void; onClose: () => void }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const [draft, setDraft] = useState(emptyDraft)
  const create = async (reason: string): Promise<void> => {
    const made = answerOf(await api.POST('/api/v1/providers', { body: { ...bodyOf(draft, null), reason } }))
    await client.invalidateQueries({ queryKey: ['providers'] })
    onMade(made.id)
  }
  return (
    <AskReason
      title={t`Take on an organisation`}
      action={t`Take it on`}
      because={useMissing(draft)}
      text={<Fields draft={draft} onChange={(change) => setDraft((before) => ({ ...before, ...change }))} />}
      onDone={create}
      onClose={onClose}
    />
  )
}

export type Asking = 'change' | 'verify' | 'sign' | 'end' | 'suspend' | 'resume'

/** One change of an organisation: what it does, and why. */
export function OrganisationDialog({ provider, asking, onClose }: { provider: ProviderDetail; asking: Asking; onClose: () => void }) {
  const dialog = { provider, onClose }
  if (asking === 'change') return <ChangeDialog {...dialog} />
  if (asking === 'verify') return <VerifyDialog {...dialog} />
  if (asking === 'sign') return <SignDialog {...dialog} />
  return <PlainDialog {...dialog} asking={asking} />
}

interface DialogProps {
  provider: ProviderDetail
  onClose: () => void
}

/** What every change of an organisation says: which, and as last seen. */
function useTarget({ id, version }: ProviderDetail) {
  const client = useQueryClient()
  return {
    at: { params: { path: { id } }, headers: { 'if-match': `"${version}"` } },
    refresh: async (): Promise<void> => {
      await client.invalidateQueries({ queryKey: ['provider', id] })
      await client.invalidateQueries({ queryKey: ['providers'] })
    },
  }
}

function ChangeDialog({ provider, onClose }: DialogProps) {
  const { t } = useLingui()
  const { at, refresh } = useTarget(provider)
  const [draft, setDraft] = useState(() => draftOf(provider))
  const { name, verified, contact } = provider
  return (
    <AskReason
      title={t`Change ${name}`}
      action={t`Save`}
      because={useMissing(draft)}
      text={
        <>
          {verified !== null && <p>{t`A changed legal identity must be verified again.`}</p>}
          <Fields draft={draft} onChange={(change) => setDraft((before) => ({ ...before, ...change }))} />
        </>
      }
      onDone={async (reason) => {
        answerOf(await api.PATCH('/api/v1/providers/{id}', { ...at, body: { ...bodyOf(draft, contact?.phone ?? null), reason } }))
        await refresh()
      }}
      onClose={onClose}
    />
  )
}

function VerifyDialog({ provider, onClose }: DialogProps) {
  const { t } = useLingui()
  const { at, refresh } = useTarget(provider)
  const [evidence, setEvidence] = useState('')
  const legal = [provider.legal?.name, provider.legal?.registrationNumber, provider.legal?.country].join(', ')
  return (
    <AskReason
      title={t`Verify who ${provider.name} is`}
      action={t`I have compared them`}
      because={evidence.trim().length < 3 ? t`Say what it was compared with` : null}
      text={
        <>
          <p>{t`On record: ${legal}. You state that you compared this with a document or a register.`}</p>
          <TextInput
            data-autofocus
            label={t`Compared with`}
            description={t`An extract, an entry of a register: so that another can find it`}
            value={evidence}
            maxLength={200}
            onChange={(event) => setEvidence(event.currentTarget.value)}
          />
        </>
      }
      onDone={async (reason) => {
        answerOf(await api.POST('/api/v1/providers/{id}/verify', { ...at, body: { evidence: evidence.trim(), reason } }))
        await refresh()
      }}
      onClose={onClose}
    />
  )
}

function SignDialog({ provider, onClose }: DialogProps) {
  const { t } = useLingui()
  const { at, refresh } = useTarget(provider)
  const [reference, setReference] = useState('')
  const [day, setDay] = useState('')
  const signedAt = Date.parse(`${day}T00:00:00Z`)
  return (
    <AskReason
      title={t`Record the data-processing agreement with ${provider.name}`}
      action={t`Record it`}
      because={reference.trim() === '' ? t`Give its reference first` : Number.isNaN(signedAt) ? t`Say when it was signed` : null}
      text={
        <>
          <TextInput
            data-autofocus
            label={t`Reference`}
            description={t`By which the contract is found`}
            value={reference}
            maxLength={80}
            onChange={(event) => setReference(event.currentTarget.value)}
          />
          <TextInput type="date" label={t`Signed on`} value={day} onChange={(event) => setDay(event.currentTarget.value)} />
        </>
      }
      onDone={async (reason) => {
        answerOf(await api.PUT('/api/v1/providers/{id}/agreement', { ...at, body: { reference: reference.trim(), signedAt, reason } }))
        await refresh()
      }}
      onClose={onClose}
    />
  )
}

function PlainDialog({ provider, asking, onClose }: DialogProps & { asking: 'end' | 'suspend' | 'resume' }) {
  const { t } = useLingui()
  const { at, refresh } = useTarget(provider)
  const { name } = provider
  const people = provider.figures.people.value
  const said = {
    end: {
      title: t`End the agreement with ${name}`,
      action: t`End the agreement`,
      text: t`What goes beyond running the network stops for their SIMs. The SIMs go on.`,
      run: async (reason: string) => answerOf(await api.POST('/api/v1/providers/{id}/agreement/end', { ...at, body: { reason } })),
    },
    suspend: {
      title: t`Keep ${name} out`,
      action: t`Keep out`,
      text: t`None of their ${people} people can sign in until somebody lets them in again. Their SIMs go on.`,
      run: async (reason: string) => answerOf(await api.POST('/api/v1/providers/{id}/suspend', { ...at, body: { reason } })),
    },
    resume: {
      title: t`Let ${name} in again`,
      action: t`Let in`,
      text: t`Their people sign in as before.`,
      run: async (reason: string) => answerOf(await api.POST('/api/v1/providers/{id}/resume', { ...at, body: { reason } })),
    },
  }[asking]
  return (
    <AskReason
      title={said.title}
      action={said.action}
      text={<p>{said.text}</p>}
      onDone={async (reason) => {
        await said.run(reason)
        await refresh()
      }}
      onClose={onClose}
    />
  )
}
