import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import { useNavigate } from 'react-router'
import { queries } from '../api/queries.ts'
import type { Session } from '../api/types.ts'
import { Icon, type IconName } from '../parts/icon.tsx'

interface Target {
  id: string
  icon: IconName
  text: string
  beside: string
  mono: boolean
  to: string
}

const most = 12

/** One field that leads everywhere: a SIM by any of its numbers, a peer, a partner, a rule, a page. */
export function JumpDialog({ onClose, session }: { onClose: () => void; session: Session }) {
  const { t } = useLingui()
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const navigate = useNavigate()
  const targets = useTargets(typed, session)
  const index = Math.min(chosen, Math.max(targets.length - 1, 0))
  const go = (target: Target | undefined): void => {
    if (target === undefined) return
    onClose()
    void navigate(target.to)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setChosen(Math.min(index + 1, targets.length - 1))
    else if (event.key === 'ArrowUp') setChosen(Math.max(index - 1, 0))
    else if (event.key === 'Enter') go(targets[index])
    else return
    event.preventDefault()
  }
  return (
    <Modal.Root opened onClose={onClose} padding={0} size={520} yOffset="12vh" lockScroll={false} transitionProps={{ duration: 120 }}>
      <Modal.Overlay backgroundOpacity={0.35} />
      <Modal.Content className="pop" aria-label={t`Jump`}>
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
            placeholder={t`IMSI, ICCID, MSISDN, peer, partner, rule or page`}
            aria-label={t`Jump to`}
            role="combobox"
            aria-expanded={targets.length > 0}
            aria-controls="jump-list"
            aria-activedescendant={targets[index] === undefined ? undefined : `jump-${targets[index].id}`}
            spellCheck={false}
            autoComplete="off"
          />
        </div>
        <div className="jump-list" id="jump-list" role="listbox" aria-label={t`Places`}>
          {targets.map((target, i) => (
            <div
              key={target.id}
              id={`jump-${target.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === index}
              onMouseEnter={() => setChosen(i)}
              onMouseDown={(event) => {
                event.preventDefault()
                go(target)
              }}
            >
              <Icon name={target.icon} tone="dim3" />
              <span className={target.mono ? 'mono' : undefined}>{target.text}</span>
              <small>{target.beside}</small>
            </div>
          ))}
        </div>
        {targets.length === 0 && (
          <p className="jump-none">
            <Trans>Nothing matches. A SIM is found by the first digits of its IMSI, ICCID or MSISDN.</Trans>
          </p>
        )}
      </Modal.Content>
    </Modal.Root>
  )
}

function useTargets(typed: string, session: Session): Target[] {
  const { t } = useLingui()
  const may = (permission: Session['permissions'][number]): boolean => session.permissions.includes(permission)
  const word = typed.trim().toLowerCase()
  const digits = word.replaceAll(/[\s+]/g, '')
  const [asked] = useDebouncedValue(digits, 120)
  const isNumber = /^\d{4,20}$/.test(asked)
  const sims = useQuery({ ...queries.simSearch(asked), enabled: isNumber && may('sims:read') }).data
  const peers = useQuery({ ...queries.peers(), enabled: may('network:read') }).data
  const partners = useQuery({ ...queries.partners(), enabled: may('network:read') }).data
  const rules = useQuery({ ...queries.rules(), enabled: may('network:read') }).data
  const page = (id: string, text: string, to: string, icon: IconName): Target => ({
    id: `page-${id}`,
    icon,
    text,
    beside: t`page`,
    mono: false,
    to,
  })
  const all: Target[] = [
    page('overview', t`Overview`, '/', 'gauge'),
    page('signalling', t`Signalling`, '/signalling', 'sig'),
    page('sims', t`SIMs`, '/sims', 'sim'),
    page('partners', t`Partners`, '/partners', 'net'),
    page('alarms', t`Alarms`, '/alarms', 'bell'),
    page('controls', t`Controls`, '/controls', 'check'),
    page('rules', t`Rules`, '/controls/rules', 'check'),
    ...(session.mode === 'demo' ? [page('demo', t`Demo`, '/demo', 'play')] : []),
    ...(partners?.items ?? []).map((one) => ({
      id: `partner-${one.id}`,
      icon: 'net' as const,
      text: one.name,
      beside: one.plmns.join(' '),
      mono: false,
      to: `/partners/${encodeURIComponent(one.id)}`,
    })),
    ...(peers?.items ?? []).map((one) => ({
      id: `peer-${one.id}`,
      icon: 'sig' as const,
      text: one.identity,
      beside: t`peer`,
      mono: true,
      to: `/peers/${encodeURIComponent(one.id)}`,
    })),
    ...(rules?.items ?? []).map((one) => ({
      id: `rule-${one.id}`,
      icon: 'check' as const,
      text: one.id,
      beside: t`rule`,
      mono: true,
      to: `/controls/rules?rule=${encodeURIComponent(one.id)}`,
    })),
  ]
  const found = isNumber
    ? (sims?.items ?? []).map((one) => ({
        id: `sim-${one.id}`,
        icon: 'sim' as const,
        text: one.imsi,
        beside: one.provider.name,
        mono: true,
        to: `/sims/${encodeURIComponent(one.imsi)}`,
      }))
    : []
  const named = all.filter(
    (target) => word === '' || target.text.toLowerCase().includes(word) || target.beside.toLowerCase().includes(word),
  )
  return [...found, ...named].slice(0, most)
}
