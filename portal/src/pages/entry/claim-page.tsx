import { Trans, useLingui } from '@lingui/react/macro'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { Enrol } from './enrol.tsx'
import { EntryFrame } from './frame.tsx'
import { useLink } from './link.ts'

/** The one-time link: whoever opens it first becomes the owner, with a passkey or with password and authenticator. */
export function ClaimPage() {
  const { t } = useLingui()
  const { token, query } = useLink()
  const client = useQueryClient()
  const navigate = useNavigate()
  const enter = async (): Promise<void> => {
    client.clear()
    await navigate('/')
  }
  return (
    <EntryFrame
      title={<Trans>Claim this installation</Trans>}
      text={<Trans>You become its first owner. There is no default password; this link works once.</Trans>}
    >
      <Loaded query={query} what={t`the link`}>
        {({ valid, purpose }) =>
          valid && purpose === 'claim' ? (
            <Enrol token={token} asksName byPasskey={<Trans>Claim with a passkey</Trans>} finish={<Trans>Claim</Trans>} onDone={enter} />
          ) : (
            <Blank
              state="failed"
              title={<Trans>This link is no longer good</Trans>}
              text={t`It was used, or it expired. A new start of ./simward start prints a new one while nobody owns the installation.`}
            />
          )
        }
      </Loaded>
    </EntryFrame>
  )
}
