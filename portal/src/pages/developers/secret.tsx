import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { Button, Copy } from '../../parts/basics.tsx'

export interface Shown {
  secret: string
  /** What to do with it. */
  kind: 'key' | 'oauth' | 'webhook'
  clientId: string
}

/** The only time that a secret is seen: it stands here until the reader says that it is kept. */
export function SecretDialog({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const { t } = useLingui()
  const { kind, secret, clientId } = shown
  const first = firstCall(secret)
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      withCloseButton={false}
      title={kind === 'webhook' ? t`The secret of this webhook` : kind === 'key' ? t`The new key` : t`The new client`}
      classNames={{ content: 'pop' }}
      size="lg"
    >
      <div className="ask codes">
        <p>
          <Trans>It is shown now and never again. Put it where your program finds it, and nowhere else.</Trans>
        </p>
        {kind === 'oauth' && (
          <p>
            <Trans>Client id</Trans> <span className="mono">{clientId}</span> <Copy text={clientId} />
          </p>
        )}
        <p className="wraps">
          <span className="mono">{secret}</span> <Copy text={secret} />
        </p>
        {kind === 'key' && (
          <div>
            <p className="dim">
              <Trans>The first call:</Trans>
            </p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens */}
            <pre className="mono" tabIndex={0}>
              {first}
            </pre>
          </div>
        )}
        {kind === 'webhook' && (
          <p className="dim">
            <Trans>Check with it the header webhook-signature of what arrives.</Trans>
          </p>
        )}
        <div className="btns end">
          <Button primary onClick={onClose}>
            <Trans>I have kept it</Trans>
          </Button>
        </div>
      </div>
    </Modal>
  )
}

/** Three lines of shell, as docs/api.md has them. */
export function firstCall(key: string): string {
  return [
    `export SIMWARD_API_URL=${window.location.origin} SIMWARD_API_KEY=${key}`,
    'curl -s "$SIMWARD_API_URL/api/v1/sims?limit=5" -H "Authorization: Bearer $SIMWARD_API_KEY"',
    './simward api listSims --filter intended:suspended --all',
  ].join('\n')
}
