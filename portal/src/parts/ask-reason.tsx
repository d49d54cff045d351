import { Trans, useLingui } from '@lingui/react/macro'
import { Modal, Textarea } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Button } from './basics.tsx'
import { useFailure } from './loaded.tsx'

/**
 * Before a change: says what it will do and to how many, and asks why. The reason goes into the ledger. Stays open
 * with what was typed when the server refuses.
 */
export function AskReason({
  title,
  text,
  action,
  least = 3,
  optional = false,
  because = null,
  onDone,
  onClose,
  onCancel = onClose,
}: {
  title: string
  text: ReactNode
  action: string
  least?: number
  optional?: boolean
  /** What is still missing in the fields of `text`; null: nothing. */
  because?: string | null
  onDone: (reason: string) => Promise<unknown>
  /** After it is done, and, unless `onCancel` says else, when the person thinks better of it. */
  onClose: () => void
  onCancel?: () => void
}) {
  const { t } = useLingui()
  const failure = useFailure()
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const tooShort = !optional && reason.trim().length < least
  const missing = because ?? (tooShort ? t`Write the reason first` : null)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (missing !== null || busy) return
    setBusy(true)
    try {
      await onDone(reason.trim())
      onClose()
    } catch (problem) {
      setError(failure(problem))
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={onCancel} title={title} closeButtonProps={{ 'aria-label': t`Close` }} classNames={{ content: 'pop' }}>
      <form className="ask" onSubmit={(event) => void submit(event)}>
        <div className="ask-text">{text}</div>
        <Textarea
          data-autofocus
          label={optional ? t`Note` : t`Reason`}
          description={t`It is kept in the ledger.`}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={error}
          minRows={3}
          maxLength={500}
          autosize
        />
        <div className="btns end">
          <span className="still-missing">{missing}</span>
          <Button onClick={onCancel}>
            <Trans>Cancel</Trans>
          </Button>
          <Button primary type="submit" busy={busy} because={missing}>
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
