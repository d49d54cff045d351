import { Trans, useLingui } from '@lingui/react/macro'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { Blank, useFailure } from '../../parts/loaded.tsx'
import { EntryFrame } from './frame.tsx'
import { safePlace, takeKept } from './organisation.ts'

/** Where the identity provider sends the browser back: hands its answer to the server, and goes on. */
export function SsoPage() {
  const { t } = useLingui()
  const [search] = useSearchParams()
  const failure = useFailure()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [error, setError] = useState<string | null>(null)
  const begun = useRef(false)
  useEffect(() => {
    // The answer works once; an effect may run twice.
    if (begun.current) return
    begun.current = true
    const answer = Object.fromEntries(search)
    // The code must not stay in the history of the browser.
    window.history.replaceState(null, '', '/sign-in/sso')
    const { binding, back } = takeKept()
    api
      .POST('/api/v1/sign-in/sso/finish', { body: { answer, binding } })
      .then(answerOf)
      .then(() => {
        client.clear()
        return navigate(safePlace(back), { replace: true })
      })
      .catch((problem: unknown) => setError(failure(problem)))
  })
  return (
    <EntryFrame title={<Trans>Sign in</Trans>}>
      {error === null ? (
        <p role="status">
          <Trans>Asking your organisation…</Trans>
        </p>
      ) : (
        <Blank state="failed" title={<Trans>Your organisation did not let you in</Trans>} text={error}>
          <Link className="btn primary" to="/sign-in">{t`Begin again`}</Link>
        </Blank>
      )}
    </EntryFrame>
  )
}
