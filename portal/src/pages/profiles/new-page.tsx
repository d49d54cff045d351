import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, MultiSelect, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { NeedsAnswers, ProfileDetail, Proposal } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { answersOf, type NeedsDraft, startNeeds } from '../../logic/needs-draft.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Answer, Button, Panel } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { adviceWords, answerWords, questionWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'
import { AcknowledgeDialog, type Bearer, useProviderChoice } from './acknowledge.tsx'
import { FaultList, PermissionList } from './parts.tsx'

/** Questions on the left, the least profile that serves the answers on the right, at once. */
export function NewProfilePage() {
  const { t } = useLingui()
  const [search] = useSearchParams()
  const id = search.get('for')
  const profile = useQuery({ ...queries.profile(id ?? ''), enabled: id !== null })
  if (id !== null)
    return (
      <Page title={t`Assessment`} parent={{ title: profile.data?.name ?? t`Profiles`, to: `/profiles/${id}` }}>
        <Loaded query={profile} what={t`this profile`}>
          {(existing) => (
            <>
              <Answer
                state="unknown"
                title={<Trans>What does the service of {existing.name} need?</Trans>}
                text={<Trans>The answers are kept with the profile; what it permits beyond them shows on its page. No SIM changes.</Trans>}
              />
              <Assessment existing={existing} />
            </>
          )}
        </Loaded>
      </Page>
    )
  return (
    <Page title={t`New profile`} parent={{ title: t`Profiles`, to: '/profiles' }}>
      <Answer
        state="unknown"
        title={<Trans>What does the service need?</Trans>}
        text={
          <Trans>
            Answer for what it does now. The least that serves it stands beside, with what each thing more would open; the answers are kept
            with the profile.
          </Trans>
        }
      />
      <Assessment />
    </Page>
  )
}

function Assessment({ existing }: { existing?: ProfileDetail }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const client = useQueryClient()
  const may = useMay('profiles:write')
  const [draft, setDraft] = useState<NeedsDraft>(() => ({ ...startNeeds(), apn: existing?.body.apns[0]?.name ?? '' }))
  const [name, setName] = useState(existing?.name ?? '')
  const [asking, setAsking] = useState(false)
  const [signing, setSigning] = useState<Bearer | null>(null)
  const provider = useProviderChoice(existing?.provider.id)
  const [settled] = useDebouncedValue(draft, 250)
  const answers = answersOf(settled)
  const proposal = useQuery({ ...queries.proposal(answers as NeedsAnswers), enabled: answers !== null })
  const set = (part: Partial<NeedsDraft>): void => setDraft((now) => ({ ...now, ...part }))
  const refused = proposal.data?.faults.some((fault) => fault.refused) ?? false
  const because = !may
    ? t`Changing profiles needs the permission profiles:write; your role does not have it.`
    : answersOf(draft) === null
      ? t`Name the access point first`
      : name.trim() === ''
        ? t`Give the profile a name`
        : provider.missing
          ? t`Say for which provider`
          : refused
            ? t`Something in the answers is not right: it stands beside them`
            : null
  const create = async (reason: string): Promise<void> => {
    const now = answersOf(draft)
    if (now === null) return
    if (existing !== undefined) {
      const { id } = existing
      answerOf(await api.POST('/api/v1/profiles/{id}/assessments', { params: { path: { id } }, body: { answers: now, reason } }))
      await client.invalidateQueries({ queryKey: ['profile', id] })
      await client.invalidateQueries({ queryKey: ['profiles'] })
      await navigate(`/profiles/${id}`)
      return
    }
    const { body } = answerOf(await api.POST('/api/v1/profiles/propose', { body: now }))
    const made = answerOf(
      await api.POST('/api/v1/profiles', {
        body: { name: name.trim(), body, answers: now, reason, ...(provider.id === undefined ? {} : { providerId: provider.id }) },
      }),
    )
    await client.invalidateQueries({ queryKey: ['profiles'] })
    await navigate(`/profiles/${made.id}`)
  }
  return (
    <div className="grid needs">
      <div className="stack">
        <ServiceQuestions draft={draft} set={set} />
        <ReachQuestions draft={draft} set={set} />
        <BearerQuestions draft={draft} set={set} onSign={setSigning} />
        <PlaceQuestions draft={draft} set={set} />
      </div>
      <div className="stack">
        <Panel title={<Trans>The least that serves it</Trans>} className="proposal">
          <div className="stay">
            {answers === null ? (
              <p className="quiet">
                <Trans>Name the access point, and the proposal stands here.</Trans>
              </p>
            ) : (
              <Loaded query={proposal} what={t`the proposal`} keepLast>
                {(data) => <ProposalView proposal={data} />}
              </Loaded>
            )}
            <div className="form">
              {existing === undefined && (
                <TextInput label={t`Name of the profile`} value={name} maxLength={64} onChange={(e) => setName(e.currentTarget.value)} />
              )}
              {provider.field}
              <div className="btns end">
                <Button primary because={because} onClick={() => setAsking(true)}>
                  {existing === undefined ? <Trans>Make the profile…</Trans> : <Trans>Keep the answers…</Trans>}
                </Button>
              </div>
            </div>
          </div>
        </Panel>
      </div>
      {asking && (
        <AskReason
          title={existing === undefined ? t`Make the profile ${name}` : t`Keep the answers for ${name}`}
          action={existing === undefined ? t`Make it` : t`Keep them`}
          text={
            <p>
              {existing === undefined ? (
                <Trans>It is in force at once and has no SIM yet. The answers are kept with it as evidence.</Trans>
              ) : (
                <Trans>They are kept with the profile as evidence, and change no SIM.</Trans>
              )}
            </p>
          }
          onDone={create}
          onClose={() => setAsking(false)}
        />
      )}
      {signing !== null && <AcknowledgeDialog bearer={signing} providerId={provider.id} onClose={() => setSigning(null)} />}
    </div>
  )
}

function ProposalView({ proposal }: { proposal: Proposal }) {
  const { i18n } = useLingui()
  const { permissions, withheld, faults, advice, body } = proposal
  const apn = body.apns[0]
  return (
    <>
      {faults.length > 0 && <FaultList faults={faults} />}
      <p className="quiet">
        <Trans>
          Data over <span className="mono">{apn?.name}</span> at {body.maxUplinkKbps} kbit/s, QCI {apn?.qci}, priority {apn?.arpPriority}.
        </Trans>
      </p>
      {permissions.length === 0 ? (
        <p className="with-icon">
          <Trans>It permits nothing beyond that.</Trans>
        </p>
      ) : (
        <>
          <h3>
            <Trans>It permits, because you need it</Trans>
          </h3>
          <PermissionList permissions={permissions} />
        </>
      )}
      {advice.length > 0 && (
        <>
          <h3>
            <Trans>To think of</Trans>
          </h3>
          <ul className="advice">
            {advice.map((one) => (
              <li key={one}>{word(i18n, adviceWords, one)}</li>
            ))}
          </ul>
        </>
      )}
      <details className="withheld">
        <summary>
          <Trans>{withheld.length} things it does not permit, and what each would open</Trans>
        </summary>
        <PermissionList permissions={withheld} held />
      </details>
    </>
  )
}

interface Part {
  draft: NeedsDraft
  set: (part: Partial<NeedsDraft>) => void
}

/** A question whose answers are a few words. */
function OneOf<K extends 'service' | 'roaming' | 'mobility' | 'radio' | 'rhythm' | 'class' | 'cardUse'>({
  id,
  options,
  draft,
  set,
}: Part & { id: K; options: readonly NeedsDraft[K][] }) {
  const { i18n } = useLingui()
  return (
    <NativeSelect
      label={word(i18n, questionWords, `question.${id}`)}
      value={draft[id]}
      onChange={(event) => set({ [id]: event.currentTarget.value } as Partial<NeedsDraft>)}
      data={options.map((value) => ({ value, label: word(i18n, answerWords, `${id}.${value}`) }))}
    />
  )
}

function YesNo({ id, draft, set }: Part & { id: 'voice' | 'sms' | 'ussd' | 'longLived' | 'changesModule' }) {
  const { i18n } = useLingui()
  return (
    <Checkbox
      label={word(i18n, questionWords, `question.${id}`)}
      checked={draft[id]}
      onChange={(event) => set({ [id]: event.currentTarget.checked })}
    />
  )
}

function ServiceQuestions({ draft, set }: Part) {
  const { i18n } = useLingui()
  const q = (id: string): string => word(i18n, questionWords, `question.${id}`)
  return (
    <Panel title={<Trans>The service</Trans>}>
      <div className="form">
        <OneOf
          id="service"
          options={['meter', 'tracker', 'alarm', 'camera', 'vehicle', 'wearable', 'payment', 'gateway', 'other']}
          draft={draft}
          set={set}
        />
        <Textarea
          label={q('purpose')}
          value={draft.purpose}
          maxLength={500}
          autosize
          onChange={(e) => set({ purpose: e.currentTarget.value })}
        />
        <OneOf id="class" options={['standard', 'critical', 'deferrable']} draft={draft} set={set} />
        <OneOf id="cardUse" options={['iot', 'handset']} draft={draft} set={set} />
        <YesNo id="longLived" draft={draft} set={set} />
        <YesNo id="changesModule" draft={draft} set={set} />
      </div>
    </Panel>
  )
}

function ReachQuestions({ draft, set }: Part) {
  const { t, i18n } = useLingui()
  const q = (id: string): string => word(i18n, questionWords, `question.${id}`)
  return (
    <Panel title={<Trans>Where it connects</Trans>}>
      <div className="form">
        <TextInput
          label={q('apn')}
          description={t`As the device asks for it: meter.example`}
          value={draft.apn}
          onChange={(e) => set({ apn: e.currentTarget.value })}
        />
        <Textarea
          label={q('addresses')}
          description={t`One a line, with protocol and ports where you know them: 192.0.2.0/24 tcp 8883`}
          value={draft.addresses}
          autosize
          minRows={2}
          onChange={(e) => set({ addresses: e.currentTarget.value })}
        />
        <Textarea
          label={q('domains')}
          description={t`One a line: platform.example, or *.platform.example`}
          value={draft.domains}
          autosize
          minRows={2}
          onChange={(e) => set({ domains: e.currentTarget.value })}
        />
        <TextInput label={q('kbps')} inputMode="numeric" value={draft.kbps} onChange={(e) => set({ kbps: e.currentTarget.value })} />
        <OneOf id="rhythm" options={['always', 'hourly', 'daily', 'weekly']} draft={draft} set={set} />
      </div>
    </Panel>
  )
}

function BearerQuestions({ draft, set, onSign }: Part & { onSign: (bearer: Bearer) => void }) {
  const { t, i18n } = useLingui()
  return (
    <Panel title={<Trans>Calls and messages</Trans>}>
      <div className="form">
        <YesNo id="voice" draft={draft} set={set} />
        <YesNo id="sms" draft={draft} set={set} />
        <YesNo id="ussd" draft={draft} set={set} />
        {(draft.sms || draft.ussd) && (
          <div className="note">
            <p>
              <Trans>Weak by design: a person of the provider signs that they know, before the profile is made.</Trans>
            </p>
            <div className="btns">
              {draft.sms && (
                <Button small onClick={() => onSign('sms')}>
                  <Trans>Acknowledge SMS…</Trans>
                </Button>
              )}
              {draft.ussd && (
                <Button small onClick={() => onSign('ussd')}>
                  <Trans>Acknowledge USSD…</Trans>
                </Button>
              )}
            </div>
          </div>
        )}
        {(draft.voice || draft.sms) && (
          <Textarea
            label={word(i18n, questionWords, 'question.numbers')}
            description={t`One a line: +999700123 Control centre, with voice or sms at the end where it is for one only`}
            value={draft.numbers}
            autosize
            minRows={2}
            onChange={(e) => set({ numbers: e.currentTarget.value })}
          />
        )}
      </div>
    </Panel>
  )
}

function PlaceQuestions({ draft, set }: Part) {
  const { i18n } = useLingui()
  const networks = useQuery(queries.roamingNetworks()).data?.items ?? []
  return (
    <Panel title={<Trans>Where it is</Trans>}>
      <div className="form">
        <OneOf id="roaming" options={['home', 'partners', 'anywhere']} draft={draft} set={set} />
        {draft.roaming === 'partners' && (
          <MultiSelect
            label={word(i18n, questionWords, 'question.partnerIds')}
            data={networks.map((one) => ({ value: one.id, label: one.name }))}
            value={draft.partnerIds}
            onChange={(partnerIds) => set({ partnerIds })}
          />
        )}
        <OneOf id="mobility" options={['fixed', 'nomadic', 'moving']} draft={draft} set={set} />
        <OneOf id="radio" options={['any', 'lte', 'lte-m', 'nb-iot', 'lpwa']} draft={draft} set={set} />
      </div>
    </Panel>
  )
}
