import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useEffect } from 'react'

export interface ListKeys {
  move(by: 1 | -1): void
  select(): void
  open(): void
  help(): void
}

/** j and k move, x selects, Enter opens, ? helps: wherever no field has the keyboard. `/` is the filter's. */
export function useListKeys(keys: ListKeys): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof HTMLElement ? event.target : null
      if (event.ctrlKey || event.metaKey || event.altKey || target?.closest('input,textarea,select,[role=dialog],[role=menu]')) return
      if (event.key === 'Enter' && target?.closest('a,button')) return
      const action = { j: () => keys.move(1), k: () => keys.move(-1), x: keys.select, Enter: keys.open, '?': keys.help }[event.key]
      if (action === undefined) return
      event.preventDefault()
      action()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [keys])
}

export function KeysHelp({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const lines = [
    ['/', t`to the filter`],
    ['j', t`one row down`],
    ['k', t`one row up`],
    ['x', t`select the row, or not`],
    ['Enter', t`open the row`],
    ['Ctrl K', t`jump to anything`],
    ['?', t`this help`],
  ] as const
  return (
    <Modal opened onClose={onClose} title={t`Keyboard`} closeButtonProps={{ 'aria-label': t`Close` }} classNames={{ content: 'pop' }}>
      <dl className="keys">
        {lines.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p className="dim">
        <Trans>On this page, while no field has the keyboard.</Trans>
      </p>
    </Modal>
  )
}
