import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { passkeyFailure } from '../../app/passkey.ts'
import { Button } from '../../parts/basics.tsx'
import { useFailure } from '../../parts/loaded.tsx'

/** A dialog with one thing to do. Stays open, with what was typed, when it is refused. */
export function Ask({
  title,
  action,
  stays = false,
  onDone,
  onClose,
  children,
}: {
  title: string
  action: ReactNode
  /** Another step follows in the same dialog. */
  stays?: boolean
  onDone: () => Promise<void>
  onClose: () => void
  children: ReactNode
}) {
  const { t } = useLingui()
  const failure = useFailure()
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await onDone()
      if (!stays) onClose()
    } catch (problem) {
      setError(passkeyFailure(problem) ? t`The passkey was not made: the browser or the person declined.` : failure(problem))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t`Close` }} classNames={{ content: 'pop' }}>
      <form className="ask" onSubmit={(event) => void submit(event)}>
        {children}
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
        <div className="btns end">
          <Button onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button primary type="submit" busy={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
