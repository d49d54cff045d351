import { Trans, useLingui } from '@lingui/react/macro'
import { PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import { makePasskey, passkeyFailure } from '../../app/passkey.ts'
import { AuthenticatorSetup } from '../../parts/authenticator.tsx'
import { Button } from '../../parts/basics.tsx'
import { useFailure } from '../../parts/loaded.tsx'

/** Setting up one's sign-in by a one-time link: a passkey, or password and authenticator app. */
export function Enrol({
  token,
  asksName,
  byPasskey,
  finish,
  onDone,
}: {
  token: string
  /** Whoever claims the installation says who they are; others are known. */
  asksName: boolean
  byPasskey: ReactNode
  finish: ReactNode
  onDone: () => Promise<void>
}) {
  const { t } = useLingui()
  const failure = useFailure()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [secret, setSecret] = useState<{ secret: string; otpauth: string } | null>(null)
  const [code, setCode] = useState('')
  const [byPassword, setByPassword] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const named = asksName ? { name } : {}
  const attempt = async (run: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      await run()
    } catch (problem) {
      setError(passkeyFailure(problem) ? t`The passkey was not made: the browser or the person declined.` : failure(problem))
    } finally {
      setBusy(false)
    }
  }
  const passkey = async (): Promise<void> => {
    const options = answerOf(await api.POST('/api/v1/claim/passkey/options', { body: { token, ...named } }))
    const response = await makePasskey(options)
    answerOf(await api.POST('/api/v1/claim/passkey/verify', { body: { token, response } }))
    await onDone()
  }
  const passwordStep = async (): Promise<void> => {
    if (secret === null) return setSecret(answerOf(await api.POST('/api/v1/claim/password', { body: { token, ...named, password } })))
    answerOf(await api.POST('/api/v1/claim/totp', { body: { token, code } }))
    await onDone()
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void attempt(byPassword ? passwordStep : passkey)
  }
  return (
    <form className="entry-form" onSubmit={submit}>
      {secret === null ? (
        <>
          {asksName && (
            <TextInput
              label={t`Your name`}
              description={t`It stands in the ledger beside what you change.`}
              value={name}
              autoComplete="username"
              onChange={(e) => setName(e.currentTarget.value)}
              required
              data-autofocus
            />
          )}
          {byPassword && <NewPassword value={password} onChange={setPassword} />}
        </>
      ) : (
        <AuthenticatorSetup {...secret} code={code} onCode={setCode} />
      )}
      {error !== null && (
        <p className="ref" role="alert">
          {error}
        </p>
      )}
      <Button primary type="submit" busy={busy} because={asksName && name.trim() === '' ? t`Give your name first` : null}>
        {!byPassword ? byPasskey : secret === null ? <Trans>Go on</Trans> : finish}
      </Button>
      {secret === null && (
        <button type="button" className="link" onClick={() => setByPassword(!byPassword)}>
          {byPassword ? <Trans>Use a passkey instead</Trans> : <Trans>Use a password and an authenticator app instead</Trans>}
        </button>
      )}
    </form>
  )
}

export function NewPassword({ value, onChange, label }: { value: string; onChange: (password: string) => void; label?: string }) {
  const { t } = useLingui()
  return (
    <PasswordInput
      label={label ?? t`Password`}
      description={t`At least 15 characters; several words are easier to keep than signs`}
      value={value}
      autoComplete="new-password"
      minLength={15}
      onChange={(e) => onChange(e.currentTarget.value)}
      required
    />
  )
}
