import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Copy } from './basics.tsx'

/** The codes, this once. Whoever goes on says that they are kept. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useLingui()
  const text = `${codes.join('\n')}\n`
  const save = (): void => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    link.download = 'simward-recovery-codes.txt'
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <div className="codes">
      <p>
        <Trans>
          Each of these lets you in once when everything else is lost. They are shown now and never again: print them, or keep them where
          you keep your passwords.
        </Trans>
      </p>
      <ul aria-label={t`Recovery codes`}>
        {codes.map((code) => (
          <li key={code} className="mono">
            {code}
          </li>
        ))}
      </ul>
      <div className="btns end">
        <Copy text={text} size={16} />
        <Button onClick={save}>
          <Trans>Save as a file</Trans>
        </Button>
        <Button primary onClick={onKept}>
          <Trans>I have kept them</Trans>
        </Button>
      </div>
    </div>
  )
}
