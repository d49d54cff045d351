import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, PasswordInput, Select, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { SignOn } from '../../api/types.ts'
import { useSession } from '../../app/session.tsx'
import { AskReason } from '../../parts/ask-reason.tsx'
import { personRoleWords } from '../../words/person-roles.ts'
import { word } from '../../words/say.ts'

const ofOperator = ['operator-admin', 'operator-engineer', 'operator-security', 'auditor']
const ofProvider = ['provider-admin', 'provider-manager', 'provider-viewer']

type Draft = Omit<SignOn, 'id' | 'organisation' | 'own' | 'publicJwk' | 'version' | 'scopes' | 'acrValues' | 'domains' | 'roleMap'> & {
  scopes: string
  acrValues: string
  domains: string
  claim: string
  groups: string
  secret: string
}

function draftOf(signOn: SignOn | null, role: string): Draft {
  return {
    name: signOn?.name ?? '',
    profile: signOn?.profile ?? 'openid-connect',
    issuer: signOn?.issuer ?? '',
    clientId: signOn?.clientId ?? '',
    clientAuth: signOn?.clientAuth ?? 'client_secret_basic',
    scopes: signOn?.scopes.join(' ') ?? 'openid email profile',
    acrValues: signOn?.acrValues.join(' ') ?? '',
    domains: signOn?.domains.join(' ') ?? '',
    autoCreate: signOn?.autoCreate ?? false,
    defaultRole: signOn?.defaultRole ?? role,
    enabled: signOn?.enabled ?? true,
    claim: signOn?.roleMap?.claim ?? 'groups',
    groups: Object.entries(signOn?.roleMap?.roles ?? {})
      .map(([group, to]) => `${group} = ${to}`)
      .join('\n'),
    secret: '',
  }
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter((one) => one !== '')

/** "group = role", one a line. */
function mapOf({ claim, groups }: Draft): SignOn['roleMap'] {
  const pairs = groups.split('\n').flatMap((line) => {
    const at = line.lastIndexOf('=')
    return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const]
  })
  return pairs.length === 0 ? null : { claim: claim.trim(), roles: Object.fromEntries(pairs) }
}

export function SignOnForm({ signOn, onClose }: { signOn: SignOn | null; onClose: () => void }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const isOperator = (useSession()?.person?.providerId ?? null) === null
  const roles = isOperator ? ofOperator : ofProvider
  const [draft, setDraft] = useState(() => draftOf(signOn, roles.at(-1) ?? ''))
  const save = async (reason: string): Promise<void> => {
    const { claim: _claim, groups: _groups, secret, ...plain } = draft
    const body = {
      ...plain,
      scopes: words(draft.scopes),
      acrValues: words(draft.acrValues),
      domains: words(draft.domains),
      roleMap: mapOf(draft),
      reason,
      ...(secret === '' ? {} : { secret }),
    }
    if (signOn === null) answerOf(await api.POST('/api/v1/sign-ons', { body }))
    else {
      const headers = { 'If-Match': `"${signOn.version}"` }
      answerOf(await api.PUT('/api/v1/sign-ons/{id}', { params: { path: { id: signOn.id } }, body, headers }))
    }
    await client.invalidateQueries({ queryKey: ['sign-ons'] })
  }
  return (
    <AskReason
      title={signOn === null ? t`Add an identity provider` : t`Change ${signOn.name}`}
      action={signOn === null ? t`Add the provider` : t`Change it`}
      text={
        <Fields draft={draft} roles={roles} isNew={signOn === null} onChange={(change) => setDraft((now) => ({ ...now, ...change }))} />
      }
      onDone={save}
      onClose={onClose}
    />
  )
}

interface FieldsProps {
  draft: Draft
  roles: readonly string[]
  isNew: boolean
  onChange: (change: Partial<Draft>) => void
}

function Fields(props: FieldsProps) {
  return (
    <div className="settings">
      <ProviderFields {...props} />
      <PeopleFields {...props} />
    </div>
  )
}

function ProviderFields({ draft, isNew, onChange }: FieldsProps) {
  const { t } = useLingui()
  const isMobile = draft.profile === 'mobile-connect'
  const choose = (profile: string | null): void => {
    if (profile === 'mobile-connect') onChange({ profile, scopes: 'openid mc_authn', acrValues: '3 2' })
    else onChange({ profile: 'openid-connect', scopes: 'openid email profile', acrValues: '' })
  }
  return (
    <>
      <div className="pair">
        <TextInput label={t`Name`} value={draft.name} maxLength={64} onChange={(e) => onChange({ name: e.currentTarget.value })} required />
        <Select
          label={t`Kind`}
          data={[
            { value: 'openid-connect', label: 'OpenID Connect' },
            { value: 'mobile-connect', label: 'Mobile Connect' },
          ]}
          value={draft.profile}
          onChange={choose}
          allowDeselect={false}
        />
      </div>
      <TextInput
        label={t`Issuer`}
        description={t`As the provider writes it in its tokens, for example https://login.meadow.example`}
        value={draft.issuer}
        onChange={(e) => onChange({ issuer: e.currentTarget.value.trim() })}
        required
      />
      <div className="pair">
        <TextInput label={t`Client id`} value={draft.clientId} onChange={(e) => onChange({ clientId: e.currentTarget.value })} required />
        <Select
          label={t`The client proves itself by`}
          data={['client_secret_basic', 'client_secret_post', 'private_key_jwt']}
          value={draft.clientAuth}
          onChange={(value) => onChange({ clientAuth: (value ?? 'client_secret_basic') as Draft['clientAuth'] })}
          allowDeselect={false}
        />
      </div>
      {draft.clientAuth === 'private_key_jwt' ? (
        <p className="dim">
          <Trans>A key is made here and stays here; its public half is shown in the list, for the provider.</Trans>
        </p>
      ) : (
        <PasswordInput
          label={t`Client secret`}
          description={isNew ? t`It is kept sealed and never shown again.` : t`Leave it empty to keep the present one.`}
          value={draft.secret}
          autoComplete="off"
          onChange={(e) => onChange({ secret: e.currentTarget.value })}
          required={isNew}
        />
      )}
      <div className="pair">
        <TextInput label={t`Scopes`} value={draft.scopes} onChange={(e) => onChange({ scopes: e.currentTarget.value })} required />
        <TextInput
          label={t`Levels of assurance`}
          placeholder={isMobile ? '3 2' : 'phr'}
          value={draft.acrValues}
          onChange={(e) => onChange({ acrValues: e.currentTarget.value })}
        />
      </div>
    </>
  )
}

function PeopleFields({ draft, roles, onChange }: FieldsProps) {
  const { t, i18n } = useLingui()
  return (
    <>
      <TextInput
        label={t`Domains of e-mail addresses`}
        description={t`Whoever types an address of one of them is sent to this provider`}
        placeholder="meadow.example"
        value={draft.domains}
        onChange={(e) => onChange({ domains: e.currentTarget.value })}
        required
      />
      <Checkbox
        label={t`Whoever the provider vouches for comes in, invited or not`}
        checked={draft.autoCreate}
        onChange={(e) => onChange({ autoCreate: e.currentTarget.checked })}
      />
      <div className="pair">
        <Select
          label={t`Role of whoever comes in uninvited`}
          data={roles.map((value) => ({ value, label: word(i18n, personRoleWords, value) }))}
          value={draft.defaultRole}
          onChange={(value) => onChange({ defaultRole: value ?? draft.defaultRole })}
          allowDeselect={false}
        />
        <TextInput label={t`Claim that names groups`} value={draft.claim} onChange={(e) => onChange({ claim: e.currentTarget.value })} />
      </div>
      <Textarea
        label={t`Groups that give a role`}
        description={t`One a line, for example: iot-admins = provider-admin`}
        value={draft.groups}
        minRows={2}
        autosize
        onChange={(e) => onChange({ groups: e.currentTarget.value })}
      />
      <Checkbox label={t`Switched on`} checked={draft.enabled} onChange={(e) => onChange({ enabled: e.currentTarget.checked })} />
    </>
  )
}
