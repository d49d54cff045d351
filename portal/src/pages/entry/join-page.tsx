import { Trans, useLingui } from '@lingui/react/macro'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { chosenLanguage, languageKey, switchLanguage } from '../../app/language.ts'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { RecoveryCodes } from '../../parts/recovery-codes.tsx'
import { personRoleWords } from '../../words/person-roles.ts'
import { word } from '../../words/say.ts'
import { Enrol } from './enrol.tsx'
import { EntryFrame } from './frame.tsx'
import { useLink } from './link.ts'

/** By the link of an invitation or a recovery: what it is for, one's factors, and the codes for when they are lost. */
export function JoinPage() {
  const { t } = useLingui()
  const { token, query } = useLink()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const language = query.data?.person?.language ?? null
  useEffect(() => {
    document.title = `${t`Set up your sign-in`} · Simward`
  }, [t])
  useEffect(() => {
    // What the invitation says counts until the person has chosen here.
    if (language !== null && !hasChosen()) void switchLanguage(chosenLanguage([language]))
  }, [language])
  const enter = async (): Promise<void> => {
    client.clear()
    await navigate('/')
  }
  const enrolled = async (): Promise<void> => setCodes(answerOf(await api.POST('/api/v1/self/recovery-codes')).codes)
  if (codes !== null) {
    return (
      <EntryFrame title={<Trans>Keep your recovery codes</Trans>}>
        <RecoveryCodes codes={codes} onKept={() => void enter()} />
      </EntryFrame>
    )
  }
  return (
    <Loaded query={query} what={t`the link`}>
      {({ valid, purpose, person, installation }) =>
        valid && person !== null ? (
          <EntryFrame
            title={purpose === 'recover' ? <Trans>Set up your sign-in anew</Trans> : <Trans>Welcome, {person.name}</Trans>}
            text={<Greeting isRecovery={purpose === 'recover'} organisation={person.organisation ?? installation} roles={person.roles} />}
          >
            <Enrol
              token={token}
              asksName={false}
              byPasskey={<Trans>Set up a passkey</Trans>}
              finish={<Trans>Finish</Trans>}
              onDone={enrolled}
            />
          </EntryFrame>
        ) : (
          <EntryFrame title={<Trans>Set up your sign-in</Trans>}>
            <Blank
              state="failed"
              title={<Trans>This link is no longer good</Trans>}
              text={t`It was used, it expired, or a newer one was made. Ask whoever sent it for another.`}
            />
          </EntryFrame>
        )
      }
    </Loaded>
  )
}

function Greeting({ isRecovery, organisation, roles }: { isRecovery: boolean; organisation: string; roles: readonly string[] }) {
  const { i18n } = useLingui()
  const as = new Intl.ListFormat(i18n.locale).format(roles.map((role) => word(i18n, personRoleWords, role)))
  return isRecovery ? (
    <Trans>What you set up now takes the place of every passkey, password and code that you had at {organisation}.</Trans>
  ) : (
    <Trans>
      {organisation} invites you as {as}. Choose how you will sign in; this link works once.
    </Trans>
  )
}

function hasChosen(): boolean {
  try {
    return localStorage.getItem(languageKey) !== null
  } catch {
    return false
  }
}
