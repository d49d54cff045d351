import { Trans, useLingui } from '@lingui/react/macro'
import { PasswordInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { passkeyFailure, provePasskey } from '../../app/passkey.ts'
import { Button } from '../../parts/basics.tsx'
import { useFailure } from '../../parts/loaded.tsx'
import { EntryFrame } from './frame.tsx'

export function SignInPage() {
  const { t } = useLingui()
  const [search] = useSearchParams()
  const failure = useFailure()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [byPassword, setByPassword] = useState(false)
  const [typed, setTyped] = useState({ name: '', password: '', code: '' })
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.title = `${t`Sign in`} · Simward`
  }, [t])
  // Only a place of this portal: an address elsewhere would make this page a springboard.
  const asked = search.get('back') ?? '/'
  const back = asked.startsWith('/') && !asked.startsWith('//') && !asked.includes('\\') ? asked : '/'
  const attempt = async (run: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      await run()
      // All that was read as nobody: the next page would send whoever has just signed in back here.
      client.clear()
      await navigate(back, { replace: true })
    } catch (problem) {
      setError(passkeyFailure(problem) ? t`No passkey was given: the browser or the person declined.` : failure(problem))
    } finally {
      setBusy(false)
    }
  }
  const passkey = (): Promise<void> =>
    attempt(async () => {
      const options = answerOf(await api.POST('/api/v1/sign-in/passkey/options'))
      const response = await provePasskey(options)
      answerOf(await api.POST('/api/v1/sign-in/passkey/verify', { body: { response } }))
    })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!byPassword) return void passkey()
    void attempt(async () => void answerOf(await api.POST('/api/v1/sign-in/password', { body: typed })))
  }
  const set = (change: Partial<typeof typed>): void => setTyped((now) => ({ ...now, ...change }))
  return (
    <EntryFrame title={<Trans>Sign in</Trans>}>
      <form className="entry-form" onSubmit={submit}>
        {byPassword && (
          <>
            <TextInput
              label={t`Name`}
              autoComplete="username"
              value={typed.name}
              onChange={(e) => set({ name: e.currentTarget.value })}
              required
            />
            <PasswordInput
              label={t`Password`}
              autoComplete="current-password"
              value={typed.password}
              onChange={(e) => set({ password: e.currentTarget.value })}
              required
            />
            <TextInput
              label={t`Six digits`}
              description={t`From your authenticator app`}
              inputMode="numeric"
              autoComplete="one-time-code"
              pattern="[0-9]{6}"
              maxLength={6}
              value={typed.code}
              onChange={(e) => set({ code: e.currentTarget.value })}
              required
            />
          </>
        )}
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
        <Button primary type="submit" busy={busy}>
          {byPassword ? <Trans>Sign in</Trans> : <Trans>Sign in with a passkey</Trans>}
        </Button>
        <button type="button" className="link" onClick={() => setByPassword(!byPassword)}>
          {byPassword ? <Trans>Use a passkey instead</Trans> : <Trans>Use a password and an authenticator app instead</Trans>}
        </button>
      </form>
    </EntryFrame>
  )
}
