import { Trans, useLingui } from '@lingui/react/macro'
import { TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { answerOf, api } from '../api/client.ts'
import { queries } from '../api/queries.ts'
import { EntryFrame } from '../pages/entry/frame.tsx'
import { Button } from '../parts/basics.tsx'
import { useFailure } from '../parts/loaded.tsx'
import { makePasskey, passkeyFailure } from './passkey.ts'
import { StepUp } from './step-up.tsx'

/** Whoever may do everything, and whoever came in by a recovery code, adds a passkey before anything else. */
export function MustEnrol() {
  const { t } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const navigate = useNavigate()
  const own = useQuery(queries.self()).data
  const [name, setName] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.title = `${t`Add a passkey`} · Simward`
  }, [t])
  const leave = async (): Promise<void> => {
    await api.POST('/api/v1/sign-out')
    client.clear()
    await navigate('/sign-in')
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      const options = answerOf(await api.POST('/api/v1/self/passkeys/options'))
      const response = await makePasskey(options)
      const session = answerOf(await api.POST('/api/v1/self/passkeys', { body: { name, response } }))
      // The same person with all their permissions: the pages come.
      client.setQueryData(['session'], session)
    } catch (problem) {
      setError(passkeyFailure(problem) ? t`The passkey was not made: the browser or the person declined.` : failure(problem))
      setBusy(false)
    }
  }
  const hasPasskey = own !== undefined && own.passkeys.length > 0 && !own.factors.includes('recovery')
  return (
    <EntryFrame
      title={hasPasskey ? <Trans>Use your passkey</Trans> : <Trans>Add a passkey</Trans>}
      text={
        hasPasskey ? (
          <Trans>
            Your role may do everything here, so it takes a proof that no false page can pass on. You have a passkey: sign in with it.
          </Trans>
        ) : (
          <Trans>
            You are in, but not far yet: this account needs a passkey, a proof that no false page can pass on. It takes a minute, once.
          </Trans>
        )
      }
    >
      <form className="entry-form" onSubmit={(event) => void submit(event)}>
        {!hasPasskey && (
          <>
            <TextInput
              label={t`Name of the passkey`}
              description={t`By which you will know it again, for example the device that keeps it`}
              value={name}
              maxLength={64}
              onChange={(e) => setName(e.currentTarget.value)}
              required
              data-autofocus
            />
            {error !== null && (
              <p className="ref" role="alert">
                {error}
              </p>
            )}
            <Button primary type="submit" busy={busy} because={name.trim() === '' ? t`Give it a name first` : null}>
              <Trans>Add a passkey</Trans>
            </Button>
          </>
        )}
        <button type="button" className="link" onClick={() => void leave()}>
          <Trans>Sign out</Trans>
        </button>
      </form>
      <StepUp />
    </EntryFrame>
  )
}
