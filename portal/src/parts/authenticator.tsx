import { Trans, useLingui } from '@lingui/react/macro'
import { TextInput } from '@mantine/core'
import { Copy } from './basics.tsx'

/** What an authenticator app is given, and the first code that proves that it took it. */
export function AuthenticatorSetup({
  secret,
  otpauth,
  code,
  onCode,
}: {
  secret: string
  otpauth: string
  code: string
  onCode: (code: string) => void
}) {
  return (
    <>
      <p>
        <Trans>Enter this secret in an authenticator app, then the six digits that it shows.</Trans>
      </p>
      <dl className="facts">
        <dt>
          <Trans>Secret</Trans>
        </dt>
        <dd className="wraps">
          <span className="mono">{secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</span>
          <Copy text={secret} />
        </dd>
        <dt>
          <Trans>Link</Trans>
        </dt>
        <dd>
          <a className="link clip" href={otpauth}>
            {otpauth}
          </a>
          <Copy text={otpauth} />
        </dd>
      </dl>
      <SixDigits value={code} onChange={onCode} />
    </>
  )
}

export function SixDigits({ value, onChange, description }: { value: string; onChange: (code: string) => void; description?: string }) {
  const { t } = useLingui()
  return (
    <TextInput
      label={t`Six digits`}
      description={description}
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9]{6}"
      maxLength={6}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
      required
    />
  )
}
