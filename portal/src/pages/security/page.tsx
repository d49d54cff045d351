import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../api/queries.ts'
import type { OwnSecurity } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { Answer } from '../../parts/basics.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { PasskeysPanel } from './passkeys.tsx'
import { PasswordPanel } from './password.tsx'
import { RecoveryPanel } from './recovery.tsx'
import { SessionsPanel } from './sessions.tsx'

/** One's own ways in: how safe they are, what they are, and where one is signed in. */
export function SecurityPage() {
  const { t } = useLingui()
  const may = useMay('self')
  const query = useQuery({ ...queries.self(), enabled: may })
  if (!may) {
    return (
      <Page title={t`My security`}>
        <Blank
          title={<Trans>Nobody signs in here</Trans>}
          text={t`The demo answers to this machine only and has no accounts. ./simward start has: there, this page keeps your passkeys, your password and your sessions.`}
        />
      </Page>
    )
  }
  return (
    <Page title={t`My security`}>
      <Loaded query={query} what={t`your security`}>
        {(own) => (
          <>
            <SecurityAnswer own={own} />
            <div className="grid two">
              <div className="stack">
                <PasskeysPanel own={own} />
                <PasswordPanel own={own} />
                <RecoveryPanel own={own} />
              </div>
              <SessionsPanel />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function SecurityAnswer({ own }: { own: OwnSecurity }) {
  const passkeys = own.passkeys.length
  if (own.needsPasskey && passkeys === 0)
    return (
      <Answer
        state="refused"
        title={<Trans>Add a passkey now</Trans>}
        text={<Trans>Your role may do everything here. From your next sign-in on it takes a proof that no false page can pass on.</Trans>}
      />
    )
  if (own.recoveryCodes === null || own.recoveryCodes.left < 3)
    return (
      <Answer
        state="attention"
        title={own.recoveryCodes === null ? <Trans>You have no recovery codes</Trans> : <Trans>Few recovery codes are left</Trans>}
        text={<Trans>If you lose the device that holds your way in, only an administrator could let you start anew.</Trans>}
      />
    )
  if (passkeys === 0)
    return (
      <Answer
        state="attention"
        title={<Trans>A passkey would be safer</Trans>}
        text={<Trans>A password and a code can be typed into a false page; a passkey cannot.</Trans>}
      />
    )
  return (
    <Answer
      state="ok"
      title={<Trans>You sign in with what no false page can pass on</Trans>}
      text={
        passkeys === 1 ? (
          <Trans>A second passkey, on another device or a security key, spares you the recovery codes.</Trans>
        ) : (
          <Trans>Changing any of it ends your other sessions.</Trans>
        )
      }
    />
  )
}
