import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, MultiSelect, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { ProfileDetail } from '../../api/types.ts'
import { useMay } from '../../app/session.tsx'
import { type ApnDraft, draftOfProfile, isSameProfile, type ProfileDraft, profileBodyOf } from '../../logic/profile-draft.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Button, Panel } from '../../parts/basics.tsx'
import { answerWords, permissionWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'

interface Part {
  draft: ProfileDraft
  set: (part: Partial<ProfileDraft>) => void
  off: boolean
}

/** Every save is a new version, which waits; nothing here changes a SIM. */
export function ProfileEditor({ profile }: { profile: ProfileDetail }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const may = useMay('profiles:write')
  const [draft, setDraft] = useState(() => draftOfProfile(profile.body))
  const [asking, setAsking] = useState(false)
  const set = (part: Partial<ProfileDraft>): void => setDraft((now) => ({ ...now, ...part }))
  const body = profileBodyOf(draft, profile.body)
  const because = !may
    ? t`Changing profiles needs the permission profiles:write; your role does not have it.`
    : isSameProfile(body, profile.body)
      ? t`Nothing was changed`
      : null
  const save = async (reason: string): Promise<void> => {
    answerOf(
      await api.POST('/api/v1/profiles/{id}/versions', {
        params: { path: { id: profile.id } },
        headers: { 'if-match': `"${profile.version}.${profile.latest}"` },
        body: { body, reason },
      }),
    )
    await client.invalidateQueries({ queryKey: ['profile', profile.id] })
    await client.invalidateQueries({ queryKey: ['profiles'] })
  }
  const part = { draft, set, off: !may }
  return (
    <Panel title={<Trans>Edit</Trans>} meta={<Trans>saved as version {profile.latest + 1}, which waits</Trans>}>
      <fieldset className="form" disabled={!may}>
        {draft.apns.map((apn, index) => (
          <ApnFields
            key={apn.key}
            apn={apn}
            isOnly={draft.apns.length === 1}
            set={(change) => set({ apns: draft.apns.map((one, i) => (i === index ? { ...one, ...change } : one)) })}
            remove={() => set({ apns: draft.apns.filter((_, i) => i !== index) })}
          />
        ))}
        <div className="btns">
          <Button small onClick={() => set({ apns: [...draft.apns, anotherApn(draft.apns)] })}>
            <Trans>Add an access point</Trans>
          </Button>
        </div>
        <BearerFields {...part} />
        <PlaceFields {...part} />
        <ListFields {...part} />
        <div className="btns end">
          <Button onClick={() => setDraft(draftOfProfile(profile.body))}>
            <Trans>Undo</Trans>
          </Button>
          <Button primary because={because} onClick={() => setAsking(true)}>
            <Trans>Save as a new version…</Trans>
          </Button>
        </div>
      </fieldset>
      {asking && (
        <AskReason
          title={t`Save version ${profile.latest + 1} of ${profile.name}`}
          action={t`Save`}
          text={
            <p>
              <Trans>It is kept beside the others and changes no SIM. Bringing it into force is a step of its own.</Trans>
            </p>
          }
          onDone={save}
          onClose={() => setAsking(false)}
        />
      )}
    </Panel>
  )
}

function anotherApn(apns: readonly ApnDraft[]): ApnDraft {
  const key = 1 + Math.max(...apns.map((apn) => apn.key))
  return { key, name: '', pdn: 'IPv4', qci: '9', arpPriority: '12', localBreakout: false, maxUplinkKbps: '64', maxDownlinkKbps: '64' }
}

function ApnFields({
  apn,
  isOnly,
  set,
  remove,
}: {
  apn: ApnDraft
  isOnly: boolean
  set: (change: Partial<ApnDraft>) => void
  remove: () => void
}) {
  const { t } = useLingui()
  const figure = (label: string, id: 'qci' | 'arpPriority' | 'maxUplinkKbps' | 'maxDownlinkKbps') => (
    <TextInput label={label} inputMode="numeric" value={apn[id]} onChange={(event) => set({ [id]: event.currentTarget.value })} />
  )
  return (
    <fieldset className="apn">
      <legend>{apn.name === '' ? t`New access point` : apn.name}</legend>
      <div className="row-fields wide-first">
        <TextInput label={t`Access point`} value={apn.name} onChange={(event) => set({ name: event.currentTarget.value })} />
        <NativeSelect
          label={t`Addresses`}
          value={apn.pdn}
          data={['IPv4', 'IPv6', 'IPv4v6', 'Non-IP']}
          onChange={(event) => set({ pdn: event.currentTarget.value as ApnDraft['pdn'] })}
        />
      </div>
      <div className="row-fields">
        {figure('QCI', 'qci')}
        {figure(t`Priority`, 'arpPriority')}
        {figure(t`Up, kbit/s`, 'maxUplinkKbps')}
        {figure(t`Down, kbit/s`, 'maxDownlinkKbps')}
      </div>
      <div className="btns">
        <Checkbox
          label={t`Local breakout: traffic leaves abroad, no gateway of ours sees it`}
          checked={apn.localBreakout}
          onChange={(event) => set({ localBreakout: event.currentTarget.checked })}
        />
        {!isOnly && (
          <Button small onClick={remove}>
            <Trans>Remove</Trans>
          </Button>
        )}
      </div>
    </fieldset>
  )
}

function BearerFields({ draft, set }: Part) {
  const { t, i18n } = useLingui()
  const box = (id: 'voice' | 'sms' | 'otaSms' | 'ussd' | 'imeiLock', label: string) => (
    <Checkbox label={label} checked={draft[id]} onChange={(event) => set({ [id]: event.currentTarget.checked })} />
  )
  return (
    <fieldset className="checks">
      <legend>
        <Trans>What it carries</Trans>
      </legend>
      {box('voice', word(i18n, permissionWords, 'voice'))}
      {box('sms', t`SMS of the subscriber; needs a signed acknowledgement`)}
      {box('ussd', t`USSD; needs a signed acknowledgement, and opens 2G and 3G`)}
      {box('otaSms', t`SMS from our OTA centre; without it steering lists and repairs do not reach the card`)}
      {box('imeiLock', t`The card is locked to its device`)}
    </fieldset>
  )
}

function PlaceFields({ draft, set, off }: Part) {
  const { t, i18n } = useLingui()
  const networks = useQuery(queries.roamingNetworks()).data?.items ?? []
  const answer = (key: string): string => word(i18n, answerWords, key)
  return (
    <>
      <div className="row-fields wide-first">
        <NativeSelect
          label={t`Roams`}
          value={draft.roaming}
          onChange={(event) => set({ roaming: event.currentTarget.value as ProfileDraft['roaming'] })}
          data={[
            { value: 'home-only', label: answer('roaming.home') },
            { value: 'partners', label: answer('roaming.partners') },
            { value: 'anywhere', label: answer('roaming.anywhere') },
          ]}
        />
        <NativeSelect
          label={t`Radio`}
          value={draft.radio}
          onChange={(event) => set({ radio: event.currentTarget.value as ProfileDraft['radio'] })}
          data={(['any', 'lte', 'lte-m', 'nb-iot', 'lpwa'] as const).map((value) => ({ value, label: answer(`radio.${value}`) }))}
        />
        <NativeSelect
          label={t`Cards for`}
          value={draft.cardUse}
          onChange={(event) => set({ cardUse: event.currentTarget.value as ProfileDraft['cardUse'] })}
          data={(['iot', 'handset'] as const).map((value) => ({ value, label: answer(`cardUse.${value}`) }))}
        />
      </div>
      {draft.roaming === 'partners' && (
        <MultiSelect
          label={t`Networks`}
          data={networks.map((one) => ({ value: one.id, label: one.name }))}
          value={draft.partnerIds}
          onChange={(partnerIds) => set({ partnerIds })}
          disabled={off}
        />
      )}
      <div className="row-fields">
        <TextInput
          label={t`Up, kbit/s`}
          inputMode="numeric"
          value={draft.maxUplinkKbps}
          onChange={(event) => set({ maxUplinkKbps: event.currentTarget.value })}
        />
        <TextInput
          label={t`Down, kbit/s`}
          inputMode="numeric"
          value={draft.maxDownlinkKbps}
          onChange={(event) => set({ maxDownlinkKbps: event.currentTarget.value })}
        />
        <TextInput
          label={t`Silent for, s`}
          inputMode="numeric"
          value={draft.periodicTauSeconds}
          onChange={(event) => set({ periodicTauSeconds: event.currentTarget.value })}
        />
      </div>
    </>
  )
}

function ListFields({ draft, set }: Part) {
  const { t } = useLingui()
  return (
    <>
      <Textarea
        label={t`Allowed addresses`}
        description={t`One a line: 192.0.2.0/24 tcp 443,8883 (meter.example). Computed for the gateway, not enforced by this version.`}
        value={draft.addresses}
        autosize
        minRows={2}
        onChange={(event) => set({ addresses: event.currentTarget.value })}
      />
      <Textarea
        label={t`Allowed names`}
        description={t`One a line: platform.example, or *.platform.example`}
        value={draft.domains}
        autosize
        minRows={2}
        onChange={(event) => set({ domains: event.currentTarget.value })}
      />
      <Textarea
        label={t`Fixed dialling list`}
        description={t`One a line: +999700123 Control centre, with voice or sms at the end where it is for one only`}
        value={draft.numbers}
        autosize
        minRows={2}
        onChange={(event) => set({ numbers: event.currentTarget.value })}
      />
    </>
  )
}
