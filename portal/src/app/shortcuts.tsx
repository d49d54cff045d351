import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, Modal, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import type { Session } from '../api/types.ts'
import { createKeyboard, hasSingleKeys, isPressed, isTaken, type Stroke, singleKeysKey } from './keyboard.ts'
import { sectionsFor } from './navigation.tsx'
import type { PageKey } from './page-keys.tsx'
import type { Item } from './palette-items.ts'

export type Over = 'palette' | 'help' | null

/** What lies over the page, and the keys that bring it there. */
export function useShortcuts(session: Session) {
  const [over, setOver] = useState<Over>(null)
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const pageKeys = useRef<readonly PageKey[]>([])
  useEffect(() => {
    const places = new Map(
      sectionsFor(session).flatMap(({ entries }) => entries.flatMap(({ go, to }) => (go === undefined ? [] : [[go, to] as const]))),
    )
    const read = createKeyboard({ now: () => performance.now(), single: () => hasSingleKeys(localStorage) })
    /** False where it means nothing here: the key is the browser's then. */
    const act = (stroke: Stroke, target: EventTarget | null): boolean => {
      switch (stroke.kind) {
        case 'palette':
          setOver((now) => (now === 'palette' ? null : 'palette'))
          return true
        case 'help':
          setOver('help')
          return true
        case 'filter':
          return focusFilter()
        case 'go': {
          const to = places.get(stroke.letter)
          if (to !== undefined) void navigate(to)
          return to !== undefined
        }
        case 'page': {
          const known = isPressed(stroke.key, target) ? undefined : pageKeys.current.find(({ key }) => key === stroke.key)
          known?.run()
          return known !== undefined
        }
      }
    }
    const onKey = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey, isComposing, repeat, target } = event
      const stroke = read({ key, ctrlKey, metaKey, altKey, isComposing, repeat, taken: isTaken(target, document) })
      if (stroke !== null && act(stroke, target)) event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [session, navigate])
  const run = (what: NonNullable<Item['run']>): void => {
    if (what === 'help') setOver('help')
    else setColorScheme(scheme === 'dark' ? 'light' : 'dark')
  }
  return { over, setOver, run, pageKeys }
}

/** The page's filter, where it has one. */
function focusFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>('main .filter input, main [role="search"] input, main input[type="search"]')
  field?.focus()
  return field !== null
}

/** Every key, and the switch that turns single ones off. */
export function HelpDialog({ session, pageKeys, onClose }: { session: Session; pageKeys: readonly PageKey[]; onClose: () => void }) {
  const { t, i18n } = useLingui()
  const [single, setSingle] = useState(() => hasSingleKeys(localStorage))
  const keep = (on: boolean): void => {
    setSingle(on)
    try {
      localStorage.setItem(singleKeysKey, on ? 'on' : 'off')
    } catch {
      // Not kept then.
    }
  }
  const places = sectionsFor(session).flatMap(({ entries }) => entries.filter(({ go }) => go !== undefined))
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Keyboard shortcuts`}
      size={560}
      closeButtonProps={{ 'aria-label': t`Close` }}
      classNames={{ content: 'pop' }}
    >
      <div className="shortcuts">
        <dl>
          <Row keys={['Ctrl', 'K']}>
            <Trans>Jump anywhere, or begin something</Trans>
          </Row>
          <Row keys={['?']} off={!single}>
            <Trans>This list</Trans>
          </Row>
          <Row keys={['/']} off={!single}>
            <Trans>To the filter of the page</Trans>
          </Row>
          <Row keys={['↑', '↓']}>
            <Trans>The next row of a table</Trans>
          </Row>
          {pageKeys.map(({ key, label }) => (
            <Row key={key} keys={[key]} off={!single}>
              {label}
            </Row>
          ))}
          <Row keys={['Esc']}>
            <Trans>Close what lies over the page</Trans>
          </Row>
        </dl>
        <dl>
          {places.map(({ id, go = '', label }) => (
            <Row key={id} keys={['g', go]} off={!single}>
              {i18n._(label)}
            </Row>
          ))}
        </dl>
      </div>
      <Checkbox
        label={t`Shortcuts of single keys`}
        description={t`They never act while you type. Switch them off where speech or another program sends keys by itself.`}
        checked={single}
        onChange={(event) => keep(event.currentTarget.checked)}
      />
    </Modal>
  )
}

function Row({ keys, off = false, children }: { keys: readonly string[]; off?: boolean; children: ReactNode }) {
  return (
    <div className={off ? 'off' : undefined}>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{children}</dd>
    </div>
  )
}
