import { Trans, useLingui } from '@lingui/react/macro'
import { Modal, PasswordInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useCallback, useEffect, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { answerOf, api, stepUpEvent } from '../api/client.ts'
import { Button } from '../parts/basics.tsx'
import { useFailure } from '../parts/loaded.tsx'
import { passkeyFailure, provePasskey } from './passkey.ts'

type Waiting = (proven: boolean) => void

/**
 * Before what is sensitive the server asks again who is there (403 `step-up-needed`). The client of the API keeps the
 * request, this dialog asks the person, and the request is sent once more. No page has to know.
 */
export function StepUp() {
  const [waiting, setWaiting] = useState<readonly Waiting[]>([])
  useEffect(() => {
    const onAsked = (event: Event): void => {
      event.preventDefault()
      const { detail } = event as CustomEvent<Waiting>
      setWaiting((now) => [...now, detail])
    }
    window.addEventListener(stepUpEvent, onAsked)
    return () => window.removeEventListener(stepUpEvent, onAsked)
  }, [])
  const finish = useCallback((proven: boolean): void => {
    setWaiting((now) => {
      for (const resolve of now) resolve(proven)
      return []
    })
  }, [])
  return waiting.length === 0 ? null : <StepUpDialog onDone={finish} />
}

function StepUpDialog({ onDone }: { onDone: (proven: boolean) => void }) {
  const { t } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const [typed, setTyped] = useState({ password: '', code: '' })
  const [byPassword, setByPassword] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const ways = useQuery({
    queryKey: ['step-up'],
    queryFn: async () => answerOf(await api.POST('/api/v1/self/step-up/options')),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const { passkey = null, password = false, again = false } = ways.data ?? {}
  const typing = password && (byPassword || passkey === null)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      const body = typing ? typed : { response: await provePasskey(passkey ?? {}) }
      client.setQueryData(['session'], answerOf(await api.POST('/api/v1/self/step-up', { body })))
      onDone(true)
    } catch (problem) {
      setError(passkeyFailure(problem) ? t`No passkey was given: the browser or the person declined.` : failure(problem))
      // A challenge is good for one try.
      void ways.refetch()
      setBusy(false)
    }
  }
  const signInAgain = async (): Promise<void> => {
    onDone(false)
    await api.POST('/api/v1/sign-out')
    client.clear()
    await navigate(`/sign-in?fresh=1&back=${encodeURIComponent(pathname + search)}`)
  }
  return (
    <Modal
      opened
      onClose={() => onDone(false)}
      title={t`Prove that it is you`}
      closeButtonProps={{ 'aria-label': t`Close` }}
      // Escape closes this dialog and not the one below it, which listens at the window.
      closeOnEscape={false}
      onFocus={(event) => event.target.setAttribute('data-mantine-stop-propagation', 'true')}
      onKeyDown={(event) => event.key === 'Escape' && onDone(false)}
      classNames={{ content: 'pop' }}
    >
      <form className="ask" onSubmit={(event) => void submit(event)}>
        <div className="ask-text">
          <Trans>What you are about to do is sensitive, and your last proof is some minutes old. Then it goes on by itself.</Trans>
        </div>
        {ways.isError && (
          <p className="ref" role="alert">
            {failure(ways.error)}
          </p>
        )}
        {typing && (
          <>
            <PasswordInput
              data-autofocus
              label={t`Password`}
              autoComplete="current-password"
              value={typed.password}
              onChange={(e) => setTyped({ ...typed, password: e.currentTarget.value })}
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
              onChange={(e) => setTyped({ ...typed, code: e.currentTarget.value })}
              required
            />
          </>
        )}
        {again && (
          <p>
            <Trans>You come in by your organisation’s sign-on: sign in again there, then repeat what you wanted to do.</Trans>
          </p>
        )}
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
        {passkey !== null && password && (
          <button type="button" className="link" onClick={() => setByPassword(!byPassword)}>
            {typing ? <Trans>Use a passkey instead</Trans> : <Trans>Use password and code instead</Trans>}
          </button>
        )}
        <div className="btns end">
          <Button onClick={() => onDone(false)}>
            <Trans>Cancel</Trans>
          </Button>
          {again ? (
            <Button primary onClick={() => void signInAgain()}>
              <Trans>Sign in again</Trans>
            </Button>
          ) : (
            <Button primary type="submit" busy={busy} because={ways.data === undefined ? t`Asking the server` : null}>
              {typing ? <Trans>Go on</Trans> : <Trans>Use a passkey</Trans>}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  )
}
