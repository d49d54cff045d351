import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { queries } from '../api/queries.ts'
import type { Permission, Session } from '../api/types.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { groupWords } from '../words/palette.ts'
import { filled } from '../words/say.ts'
import { commands } from './commands.tsx'
import { sectionsFor } from './navigation.tsx'
import { type Item, inGroups, matching } from './palette-items.ts'
import { readRecent, remember } from './recent.ts'

interface Props {
  onClose: () => void
  session: Session
  /** What the palette does here instead of leading somewhere. */
  onRun: (run: NonNullable<Item['run']>) => void
}

/** One field that leads everywhere and begins anything: by keyboard alone, and only what the reader may do. */
export function JumpDialog({ onClose, session, onRun }: Props) {
  const { t, i18n } = useLingui()
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const navigate = useNavigate()
  const items = matching(useItems(typed, session), typed)
  const groups = inGroups(items)
  const flat = groups.flatMap((group) => group.items)
  const index = Math.min(chosen, Math.max(flat.length - 1, 0))
  const current = flat[index]
  const list = useRef<HTMLDivElement>(null)
  const currentId = current?.id
  useEffect(() => {
    if (currentId !== undefined) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [currentId])
  const go = (item: Item | undefined): void => {
    if (item === undefined) return
    onClose()
    if (item.run !== undefined) onRun(item.run)
    if (item.to === undefined) return
    const { id, to, icon, text, beside, mono } = item
    remember(sessionStorage, { id: id.replace(/^recent-/, ''), to, icon, text, beside, mono })
    void navigate(to)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + 8, PageUp: index - 8 }
    const to = moves[event.key]
    if (to !== undefined) setChosen(Math.max(0, Math.min(to, flat.length - 1)))
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) go(current)
    else return
    event.preventDefault()
  }
  return (
    <Modal.Root
      opened
      onClose={onClose}
      padding={0}
      size={560}
      yOffset="12vh"
      lockScroll={false}
      transitionProps={{ duration: 120 }}
      // On the content itself the class would also go to what centres it, and hide the page.
      classNames={{ content: 'pop' }}
    >
      <Modal.Overlay backgroundOpacity={0.35} />
      <Modal.Content aria-label={t`Jump`}>
        <div className="jump-field">
          <Icon name="find" />
          <input
            data-autofocus
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value)
              setChosen(0)
            }}
            onKeyDown={onKeyDown}
            placeholder={t`IMSI, ICCID, MSISDN, a page, or what you want to do`}
            aria-label={t`Jump to`}
            role="combobox"
            aria-expanded={flat.length > 0}
            aria-controls="jump-list"
            aria-activedescendant={current === undefined ? undefined : `jump-${current.id}`}
            spellCheck={false}
            autoComplete="off"
          />
        </div>
        <div className="jump-list" id="jump-list" role="listbox" aria-label={t`Places`} ref={list}>
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: a group of options in a listbox (ARIA 1.2)
            <div key={group.group} role="group" aria-label={i18n._(groupWords[group.group])}>
              <p aria-hidden="true">{i18n._(groupWords[group.group])}</p>
              {group.items.map((item) => (
                <Option
                  key={item.id}
                  item={item}
                  isChosen={item.id === currentId}
                  onChoose={() => go(item)}
                  onPoint={() => setChosen(flat.findIndex(({ id }) => id === item.id))}
                />
              ))}
            </div>
          ))}
        </div>
        {flat.length === 0 && (
          <p className="jump-none">
            <Trans>Nothing matches. A SIM is found by the first digits of its IMSI, ICCID or MSISDN.</Trans>
          </p>
        )}
        <p className="jump-foot" aria-hidden="true">
          <kbd>↑</kbd> <kbd>↓</kbd> <Trans>choose</Trans> <kbd>Enter</kbd> <Trans>open</Trans> <kbd>Esc</kbd> <Trans>close</Trans>
        </p>
      </Modal.Content>
    </Modal.Root>
  )
}

function Option({ item, isChosen, onChoose, onPoint }: { item: Item; isChosen: boolean; onChoose: () => void; onPoint: () => void }) {
  return (
    <div
      id={`jump-${item.id}`}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      onMouseMove={onPoint}
      onMouseDown={(event) => {
        event.preventDefault()
        onChoose()
      }}
    >
      <Icon name={item.icon} tone="dim3" />
      <span className={item.mono ? 'mono' : undefined}>{item.text}</span>
      <small>{item.beside}</small>
    </div>
  )
}

/** Everything that the reader may be led to; the server searches for SIMs. */
function useItems(typed: string, session: Session): readonly Item[] {
  const { t, i18n } = useLingui()
  const may = (permission: Permission): boolean => session.permissions.includes(permission)
  const entries = sectionsFor(session).flatMap((section) => section.entries)
  const pages: Item[] = entries.map(({ id, icon, label, to, go }) => ({
    ...{ id: `page-${id}`, group: 'pages', icon, text: i18n._(label), mono: false, to },
    beside: go === undefined ? t`page` : `g ${go}`,
  }))
  const actions: Item[] = commands
    .filter(({ needs, page }) => may(needs) && entries.some(({ id }) => id === page))
    .map(({ id, icon, label, to }) => ({ id: `do-${id}`, group: 'actions', icon, text: i18n._(label), beside: '', mono: false, to }))
  const here: Item[] = [
    { id: 'run-theme', group: 'actions', icon: 'moon', text: t`Light or dark theme`, beside: '', mono: false, run: 'theme' },
    { id: 'run-help', group: 'actions', icon: 'check', text: t`Keyboard shortcuts`, beside: '?', mono: false, run: 'help' },
  ]
  const recent: Item[] = readRecent(sessionStorage).map((place) => ({
    ...place,
    id: `recent-${place.id}`,
    group: 'recent',
    icon: place.icon as IconName,
  }))
  return [
    ...recent,
    ...useSims(typed, may('sims:read'), may('sims:write')),
    ...actions,
    ...here,
    ...pages,
    ...useProfiles(may('profiles:read')),
    ...useNetwork(may('network:read')),
  ]
}

/** What may be done to a SIM straight from here: the two steps that are asked for most. */
const steps = {
  active: { to: 'suspended', words: msg({ message: 'Suspend {imsi}…' }), icon: 'pause' },
  test: { to: 'suspended', words: msg({ message: 'Suspend {imsi}…' }), icon: 'pause' },
  suspended: { to: 'active', words: msg({ message: 'Activate {imsi}…' }), icon: 'play' },
  inventory: { to: 'active', words: msg({ message: 'Activate {imsi}…' }), icon: 'play' },
} as const

function useSims(typed: string, may: boolean, mayChange: boolean): readonly Item[] {
  const { i18n } = useLingui()
  const digits = typed.trim().replaceAll(/[\s+]/g, '')
  const [asked] = useDebouncedValue(digits, 120)
  // What was asked for before the last key is no answer to what stands there now.
  const isNumber = /^\d{4,20}$/.test(asked) && digits.startsWith(asked)
  const sims = useQuery({ ...queries.simSearch(asked), enabled: isNumber && may }).data
  if (!isNumber) return []
  const found = (sims?.items ?? []).map(
    (one): Item => ({
      ...{ id: `sim-${one.id}`, group: 'sims', icon: 'sim', text: one.imsi, beside: one.provider.name, mono: true },
      to: `/sims/${encodeURIComponent(one.imsi)}`,
    }),
  )
  const [first] = sims?.items ?? []
  const step = first === undefined || first.intended === 'retired' ? undefined : steps[first.intended]
  if (first === undefined || step === undefined || !mayChange) return found
  const action: Item = {
    ...{
      id: `do-${step.to}`,
      group: 'sims',
      icon: step.icon,
      text: filled(i18n, step.words, { imsi: first.imsi }),
      beside: '',
      mono: false,
    },
    to: `/sims/${encodeURIComponent(first.imsi)}?do=${step.to}`,
  }
  return [...found, action]
}

function useProfiles(may: boolean): readonly Item[] {
  const profiles = useQuery({ ...queries.profileChoice(), enabled: may }).data
  return (profiles ?? []).map((one) => ({
    ...{
      id: `profile-${one.id}`,
      group: 'profiles' as const,
      icon: 'profiles' as const,
      text: one.name,
      beside: `v${one.version}`,
      mono: false,
    },
    to: `/profiles/${encodeURIComponent(one.id)}`,
  }))
}

function useNetwork(may: boolean): readonly Item[] {
  const { t } = useLingui()
  const peers = useQuery({ ...queries.peers(), enabled: may }).data
  const partners = useQuery({ ...queries.partners(), enabled: may }).data
  const rules = useQuery({ ...queries.rules(), enabled: may }).data
  return [
    ...(partners?.items ?? []).map((one) => ({
      ...{
        id: `partner-${one.id}`,
        group: 'partners' as const,
        icon: 'net' as const,
        text: one.name,
        beside: one.plmns.join(' '),
        mono: false,
      },
      to: `/partners/${encodeURIComponent(one.id)}`,
    })),
    ...(peers?.items ?? []).map((one) => ({
      ...{ id: `peer-${one.id}`, group: 'peers' as const, icon: 'sig' as const, text: one.identity, beside: t`peer`, mono: true },
      to: `/peers/${encodeURIComponent(one.id)}`,
    })),
    ...(rules?.items ?? []).map((one) => ({
      ...{ id: `rule-${one.id}`, group: 'rules' as const, icon: 'check' as const, text: one.id, beside: t`rule`, mono: true },
      to: `/controls/rules?rule=${encodeURIComponent(one.id)}`,
    })),
  ]
}
