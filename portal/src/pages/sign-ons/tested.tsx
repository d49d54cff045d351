import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { Icon } from '../../parts/icon.tsx'
import { type Words, word } from '../../words/say.ts'

export interface Tested {
  ok: boolean
  problem: string | null
  checks: readonly { what: string; ok: boolean }[]
}

const checkWords: Words = {
  issuer: msg`names itself as it is named here`,
  pkce: msg`takes PKCE with S256`,
  'issuer-in-answer': msg`names itself in its answers, so that answers cannot be mixed up (RFC 9207)`,
  'client-auth': msg`takes this way of proving the client`,
  acr: msg`knows one of the levels of assurance asked for`,
}

/** What the provider's own description says of whether it fits. Nobody was signed in by it. */
export function TestOutcome({ tested }: { tested: Tested }) {
  const { i18n } = useLingui()
  if (tested.problem !== null) {
    return (
      <p className="ref" role="alert">
        {tested.problem}
      </p>
    )
  }
  return (
    <div role="status">
      <p>{tested.ok ? <Trans>The provider answers, and fits.</Trans> : <Trans>The provider answers, but does not fit.</Trans>}</p>
      <ul className="check-list">
        {tested.checks.map(({ what, ok }) => (
          <li key={what}>
            <Icon name={ok ? 'ok' : 'att'} tone={ok ? 'ok' : 'att'} size={12} />
            {word(i18n, checkWords, what)}
          </li>
        ))}
      </ul>
    </div>
  )
}
