import { Trans, useLingui } from '@lingui/react/macro'
import { PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { OwnSecurity } from '../../api/types.ts'
import { AuthenticatorSetup } from '../../parts/authenticator.tsx'
import { Ago, Button, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { NewPassword } from '../entry/enrol.tsx'
import { Ask } from './ask.tsx'
import { useRenew } from './renew.ts'

type Asking = 'choose' | 'change' | 'app' | 'remove'

/** The fallback: password and authenticator app, always both. */
export function PasswordPanel({ own }: { own: OwnSecurity }) {
  const { t } = useLingui()
  const [asking, setAsking] = useState<Asking | null>(null)
  const has = own.passwordSince !== null
  const isLast = own.passkeys.length === 0 && own.signOns === 0
  const close = (): void => setAsking(null)
  return (
    <Panel title={<Trans>Password and authenticator app</Trans>} meta={<Trans>the fallback, always both</Trans>}>
      {!has ? (
        <p className="quiet">
          <Trans>None, and none is needed: a passkey is enough.</Trans>
        </p>
      ) : (
        <ul className="own">
          <li>
            <Icon name="ok" tone="ok" />
            <div>
              <h3>
                <Trans>Password</Trans>
              </h3>
              <p>
                {own.passwordSince !== null && (
                  <Trans>
                    chosen <Ago at={own.passwordSince} />; it never has to be changed without a reason
                  </Trans>
                )}
              </p>
            </div>
            <Button small onClick={() => setAsking('change')}>
              <Trans>Change…</Trans>
            </Button>
          </li>
          <li>
            <Icon name={own.authenticatorSince === null ? 'ref' : 'ok'} tone={own.authenticatorSince === null ? 'ref' : 'ok'} />
            <div>
              <h3>
                <Trans>Authenticator app</Trans>
              </h3>
              <p>
                {own.authenticatorSince === null ? (
                  <Trans>missing: the password alone lets nobody in</Trans>
                ) : (
                  <Trans>
                    set up <Ago at={own.authenticatorSince} />
                  </Trans>
                )}
              </p>
            </div>
            <Button small onClick={() => setAsking('app')}>
              <Trans>Replace…</Trans>
            </Button>
          </li>
        </ul>
      )}
      <div className="panel-foot">
        {has ? (
          <Button because={isLast ? t`It is your last way in: add a passkey first` : null} onClick={() => setAsking('remove')}>
            <Trans>Remove both…</Trans>
          </Button>
        ) : (
          <Button onClick={() => setAsking('choose')}>
            <Trans>Set up a password…</Trans>
          </Button>
        )}
      </div>
      {(asking === 'choose' || asking === 'change') && <ChoosePassword hasOne={asking === 'change'} onClose={close} />}
      {asking === 'app' && <ReplaceApp onClose={close} />}
      {asking === 'remove' && <RemovePassword onClose={close} />}
    </Panel>
  )
}

function ChoosePassword({ hasOne, onClose }: { hasOne: boolean; onClose: () => void }) {
  const { t } = useLingui()
  const renew = useRenew()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [app, setApp] = useState<{ secret: string; otpauth: string } | null>(null)
  const [code, setCode] = useState('')
  const go = async (): Promise<void> => {
    if (app !== null) {
      answerOf(await api.POST('/api/v1/self/authenticator', { body: { code } }))
    } else {
      const { authenticator } = answerOf(await api.PUT('/api/v1/self/password', { body: { password, ...(hasOne ? { current } : {}) } }))
      if (authenticator !== null) return setApp(authenticator)
    }
    await renew()
    onClose()
  }
  return (
    <Ask
      title={hasOne ? t`Change the password` : t`Set up a password`}
      action={app === null && !hasOne ? <Trans>Go on</Trans> : hasOne ? <Trans>Change it</Trans> : <Trans>Finish</Trans>}
      stays
      onDone={go}
      onClose={onClose}
    >
      {app === null ? (
        <>
          {hasOne && (
            <PasswordInput
              data-autofocus
              label={t`Present password`}
              autoComplete="current-password"
              value={current}
              onChange={(e) => setCurrent(e.currentTarget.value)}
              required
            />
          )}
          <NewPassword label={t`New password`} value={password} onChange={setPassword} />
        </>
      ) : (
        <AuthenticatorSetup {...app} code={code} onCode={setCode} />
      )}
    </Ask>
  )
}

function ReplaceApp({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const renew = useRenew()
  const [app, setApp] = useState<{ secret: string; otpauth: string } | null>(null)
  const [code, setCode] = useState('')
  const go = async (): Promise<void> => {
    if (app === null) return setApp(answerOf(await api.POST('/api/v1/self/authenticator/options')))
    answerOf(await api.POST('/api/v1/self/authenticator', { body: { code } }))
    await renew()
    onClose()
  }
  return (
    <Ask
      title={t`Replace the authenticator app`}
      action={app === null ? <Trans>Go on</Trans> : <Trans>Finish</Trans>}
      stays
      onDone={go}
      onClose={onClose}
    >
      {app === null ? (
        <p>
          <Trans>You get a new secret. The present app goes on working until the first code of the new one.</Trans>
        </p>
      ) : (
        <AuthenticatorSetup {...app} code={code} onCode={setCode} />
      )}
    </Ask>
  )
}

function RemovePassword({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const renew = useRenew()
  const remove = async (): Promise<void> => {
    answerOf(await api.DELETE('/api/v1/self/password'))
    await renew()
  }
  return (
    <Ask title={t`Remove password and app?`} action={t`Remove both`} onDone={remove} onClose={onClose}>
      <p>
        <Trans>From then on only your passkeys let you in, and your other sessions end.</Trans>
      </p>
    </Ask>
  )
}
