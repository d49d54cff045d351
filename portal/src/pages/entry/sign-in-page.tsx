import { Trans, useLingui } from '@lingui/react/macro'
import { PasswordInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { forgetPerson } from '../../app/leaving.ts'
import { passkeyFailure, provePasskey } from '../../app/passkey.ts'
import { SixDigits } from '../../parts/authenticator.tsx'
import { Button } from '../../parts/basics.tsx'
import { useFailure } from '../../parts/loaded.tsx'
import { EntryFrame } from './frame.tsx'
import { goToOrganisation, safePlace } from './organisation.ts'

type Way = 'passkey' | 'password' | 'recovery' | 'organisation'

const nothing = { name: '', password: '', code: '', organisation: '', msisdn: '' }
type Typed = typeof nothing

export function SignInPage() {
  const { t } = useLingui()
  const [search] = useSearchParams()
  const failure = useFailure()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [way, setWay] = useState<Way>('passkey')
  const [typed, setTyped] = useState(nothing)
  const [needsPhone, setNeedsPhone] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.title = `${t`Sign in`} · Simward`
  }, [t])
  // A session that ended by itself leaves as little behind as one that was signed out.
  useEffect(() => forgetPerson(client, sessionStorage), [client])
  const back = safePlace(search.get('back'))
  const hasEnded = search.get('ended') !== null
  const enter = async (): Promise<void> => {
    // All that was read as nobody: the next page would send whoever has just signed in back here.
    client.clear()
    await navigate(back, { replace: true })
  }
  const run: Record<Way, () => Promise<void>> = {
    passkey: async () => {
      const options = answerOf(await api.POST('/api/v1/sign-in/passkey/options'))
      const response = await provePasskey(options)
      answerOf(await api.POST('/api/v1/sign-in/passkey/verify', { body: { response } }))
      await enter()
    },
    password: async () => {
      const { name, password, code } = typed
      answerOf(await api.POST('/api/v1/sign-in/password', { body: { name, password, code } }))
      await enter()
    },
    recovery: () => run.password(),
    organisation: async () => {
      const phone = typed.msisdn === '' ? {} : { msisdn: typed.msisdn }
      const fresh = search.get('fresh') === null ? {} : { fresh: true }
      if (!(await goToOrganisation(typed.organisation, back, { ...phone, ...fresh }))) setNeedsPhone(true)
    },
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await run[way]()
    } catch (problem) {
      setError(passkeyFailure(problem) ? t`No passkey was given: the browser or the person declined.` : failure(problem))
    } finally {
      setBusy(false)
    }
  }
  const choose = (next: Way): void => {
    setWay(next)
    setError(null)
    setTyped((now) => ({ ...now, code: '' }))
  }
  return (
    <EntryFrame
      title={<Trans>Sign in</Trans>}
      text={hasEnded ? <Trans>Your session is over: it was idle or too old, or was ended. Sign in again.</Trans> : undefined}
    >
      <form className="entry-form" onSubmit={(event) => void submit(event)}>
        <Fields way={way} typed={typed} needsPhone={needsPhone} onType={(change) => setTyped((now) => ({ ...now, ...change }))} />
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
        <Button primary type="submit" busy={busy}>
          {way === 'passkey' ? (
            <Trans>Sign in with a passkey</Trans>
          ) : way === 'organisation' ? (
            <Trans>Continue at your organisation</Trans>
          ) : (
            <Trans>Sign in</Trans>
          )}
        </Button>
        <Ways way={way} onChoose={choose} />
      </form>
    </EntryFrame>
  )
}

function Ways({ way, onChoose }: { way: Way; onChoose: (way: Way) => void }) {
  const { t } = useLingui()
  const ways: readonly (readonly [Way, string])[] = [
    ['passkey', t`Use a passkey instead`],
    ['organisation', t`Use your organisation’s sign-on instead`],
    ['password', t`Use a password and an authenticator app instead`],
    ['recovery', t`Use a recovery code instead`],
  ]
  return (
    <div className="ways">
      {ways
        .filter(([id]) => id !== way)
        .map(([id, text]) => (
          <button key={id} type="button" className="link" onClick={() => onChoose(id)}>
            {text}
          </button>
        ))}
    </div>
  )
}

function Fields({
  way,
  typed,
  needsPhone,
  onType,
}: {
  way: Way
  typed: Typed
  needsPhone: boolean
  onType: (change: Partial<Typed>) => void
}) {
  const { t } = useLingui()
  if (way === 'passkey') return null
  if (way === 'organisation') {
    return (
      <>
        <TextInput
          label={t`E-mail address, or your organisation’s domain`}
          autoComplete="email"
          value={typed.organisation}
          onChange={(e) => onType({ organisation: e.currentTarget.value })}
          required
        />
        {needsPhone && (
          <TextInput
            label={t`Telephone number`}
            description={t`Your operator asks on this phone`}
            autoComplete="tel"
            inputMode="tel"
            value={typed.msisdn}
            onChange={(e) => onType({ msisdn: e.currentTarget.value })}
            required
          />
        )}
      </>
    )
  }
  const isRecovery = way === 'recovery'
  return (
    <>
      <TextInput
        label={t`Name`}
        autoComplete="username"
        value={typed.name}
        onChange={(e) => onType({ name: e.currentTarget.value })}
        required
      />
      <PasswordInput
        label={t`Password`}
        description={isRecovery ? t`Leave it empty if you have none` : undefined}
        autoComplete="current-password"
        value={typed.password}
        onChange={(e) => onType({ password: e.currentTarget.value })}
        required={!isRecovery}
      />
      {isRecovery ? (
        <TextInput
          label={t`Recovery code`}
          autoComplete="off"
          value={typed.code}
          maxLength={64}
          onChange={(e) => onType({ code: e.currentTarget.value })}
          required
        />
      ) : (
        <SixDigits value={typed.code} onChange={(code) => onType({ code })} description={t`From your authenticator app`} />
      )}
    </>
  )
}
