import { Trans, useLingui } from '@lingui/react/macro'
import { PasswordInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { makePasskey, passkeyFailure } from '../../app/passkey.ts'
import { Button, Copy } from '../../parts/basics.tsx'
import { Blank, Loaded, useFailure } from '../../parts/loaded.tsx'
import { EntryFrame } from './frame.tsx'

/** The one-time link: whoever opens it first becomes the owner, with a passkey or with password and authenticator. */
export function ClaimPage() {
  const { t } = useLingui()
  const [search] = useSearchParams()
  const token = search.get('token') ?? ''
  const query = useQuery({
    queryKey: ['claim', token],
    queryFn: async () => answerOf(await api.GET('/api/v1/claim', { params: { query: { token } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <EntryFrame
      title={<Trans>Claim this installation</Trans>}
      text={<Trans>You become its first owner. There is no default password; this link works once.</Trans>}
    >
      <Loaded query={query} what={t`the link`}>
        {({ valid, purpose }) =>
          valid && purpose === 'claim' ? (
            <Claim token={token} />
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

function Claim({ token }: { token: string }) {
  const { t } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [secret, setSecret] = useState<{ secret: string; otpauth: string } | null>(null)
  const [code, setCode] = useState('')
  const [byPassword, setByPassword] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const enter = async (): Promise<void> => {
    client.clear()
    await navigate('/')
  }
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
  const passkey = (): Promise<void> =>
    attempt(async () => {
      const options = answerOf(await api.POST('/api/v1/claim/passkey/options', { body: { token, name } }))
      const response = await makePasskey(options)
      answerOf(await api.POST('/api/v1/claim/passkey/verify', { body: { token, response } }))
      await enter()
    })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!byPassword) return void passkey()
    void attempt(async () => {
      if (secret === null) setSecret(answerOf(await api.POST('/api/v1/claim/password', { body: { token, name, password } })))
      else {
        answerOf(await api.POST('/api/v1/claim/totp', { body: { token, code } }))
        await enter()
      }
    })
  }
  return (
    <form className="entry-form" onSubmit={submit}>
      {secret === null ? (
        <>
          <TextInput
            label={t`Your name`}
            description={t`It stands in the ledger beside what you change.`}
            value={name}
            autoComplete="username"
            onChange={(e) => setName(e.currentTarget.value)}
            required
            data-autofocus
          />
          {byPassword && (
            <PasswordInput
              label={t`Password`}
              description={t`At least 15 characters; several words are easier to keep than signs`}
              value={password}
              autoComplete="new-password"
              minLength={15}
              onChange={(e) => setPassword(e.currentTarget.value)}
              required
            />
          )}
        </>
      ) : (
        <>
          <p>
            <Trans>Enter this secret in an authenticator app, then the six digits that it shows.</Trans>
          </p>
          <dl className="facts">
            <dt>
              <Trans>Secret</Trans>
            </dt>
            <dd>
              <span className="mono">{secret.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</span>
              <Copy text={secret.secret} />
            </dd>
            <dt>
              <Trans>Link</Trans>
            </dt>
            <dd>
              <a className="link clip" href={secret.otpauth}>
                {secret.otpauth}
              </a>
              <Copy text={secret.otpauth} />
            </dd>
          </dl>
          <TextInput
            label={t`Six digits`}
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9]{6}"
            maxLength={6}
            value={code}
            onChange={(e) => setCode(e.currentTarget.value)}
            required
          />
        </>
      )}
      {error !== null && (
        <p className="ref" role="alert">
          {error}
        </p>
      )}
      <Button primary type="submit" busy={busy} because={name.trim() === '' ? t`Give your name first` : null}>
        {!byPassword ? <Trans>Claim with a passkey</Trans> : secret === null ? <Trans>Go on</Trans> : <Trans>Claim</Trans>}
      </Button>
      {secret === null && (
        <button type="button" className="link" onClick={() => setByPassword(!byPassword)}>
          {byPassword ? <Trans>Use a passkey instead</Trans> : <Trans>Use a password and an authenticator app instead</Trans>}
        </button>
      )}
    </form>
  )
}
