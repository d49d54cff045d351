import { Trans, useLingui } from '@lingui/react/macro'
import { Menu } from '@mantine/core'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import type { SimChangeAnswer, SimDetail } from '../../api/types.ts'
import { useMay, useSession } from '../../app/session.tsx'
import { Button } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { word } from '../../words/say.ts'
import { imposedWords } from '../../words/sims.ts'
import { ChangeDialog, type Intent } from './change-dialog.tsx'
import { EditDialog } from './edit-dialog.tsx'

/** The means: what helps most as a button, what else may be done in a menu; each opens a dialog that says what will happen. */
export function Means({ sim, onDone }: { sim: SimDetail; onDone: (answer: SimChangeAnswer) => void }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const may = useMay('sims:write')
  const [intent, setIntent] = useState<Intent | null>(null)
  const [editing, setEditing] = useState(false)
  const because = may ? null : t`Your role reads SIMs and does not change them`
  const { first, rest } = useIntents(sim)
  const asked = useAsked([...first, ...rest])
  const shown = intent ?? (may ? asked.intent : null)
  const close = (): void => {
    setIntent(null)
    asked.forget()
  }
  // What cuts off is never the first thing to press.
  const helps = first[0] !== undefined && first[0].danger !== true
  const signalling = (): void => void navigate(`/signalling?filter=${encodeURIComponent(`imsi:${sim.imsi}`)}`)
  return (
    <div className="btns">
      {!helps && (
        <Button primary onClick={signalling}>
          <Trans>See its signalling</Trans>
        </Button>
      )}
      {first.map((one, i) => (
        <Button
          key={one.title}
          primary={helps && i === 0}
          because={because}
          className={i > 0 || !helps ? 'wide' : ''}
          onClick={() => setIntent(one)}
        >
          {one.action}…
        </Button>
      ))}
      <Menu classNames={{ dropdown: 'pop' }} position="bottom-end" width={240}>
        <Menu.Target>
          <button type="button" className="btn" aria-label={t`More to do`}>
            <Trans context="menu">More</Trans>
            <Icon name="down" size={12} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {helps && (
            <Menu.Item onClick={signalling}>
              <Trans>See its signalling</Trans>
            </Menu.Item>
          )}
          <Menu.Item disabled={!may} onClick={() => setEditing(true)}>
            <Trans>Edit…</Trans>
          </Menu.Item>
          {rest.map((one) => (
            <Menu.Item key={one.title} disabled={!may} onClick={() => setIntent(one)}>
              {one.action}…
            </Menu.Item>
          ))}
          {!may && <Menu.Label>{because}</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      {shown !== null && <ChangeDialog sim={sim} intent={shown} onDone={onDone} onClose={close} />}
      {editing && <EditDialog sim={sim} onDone={onDone} onClose={() => setEditing(false)} />}
    </div>
  )
}

/** The step that the address asks for (`?do=suspended`), where the SIM can take it: the palette leads here. */
function useAsked(intents: readonly Intent[]): { intent: Intent | null; forget: () => void } {
  const [search, setSearch] = useSearchParams()
  const to = search.get('do')
  return {
    intent: intents.find(({ ask }) => ask.kind === 'state' && ask.to === to) ?? null,
    forget() {
      if (to === null) return
      search.delete('do')
      setSearch(search, { replace: true })
    },
  }
}

/** First what lifts whatever stops it; then the steps of its life. */
function useIntents(sim: SimDetail): { first: Intent[]; rest: Intent[] } {
  const { t, i18n } = useLingui()
  const isOperator = useSession()?.person?.providerId == null
  const { imsi } = sim
  const release: Intent = { ask: { kind: 'release' }, title: t`Let ${imsi} attach`, action: t`Release` }
  const releaseLock: Intent = {
    ask: { kind: 'imei-lock', imei: null },
    title: t`Release the IMEI lock of ${imsi}`,
    action: t`Release lock`,
  }
  const moveLock: Intent = {
    ask: { kind: 'imei-lock', imei: sim.imei },
    title: t`Bind ${imsi} to another device`,
    action: t`Move lock to new IMEI`,
    needsImei: true,
  }
  const steps = stepsOf(sim, {
    active: { ask: { kind: 'state', to: 'active' }, title: t`Activate ${imsi}`, action: t`Activate` },
    test: { ask: { kind: 'state', to: 'test' }, title: t`Put ${imsi} into test`, action: t`Put into test` },
    suspended: { ask: { kind: 'state', to: 'suspended' }, title: t`Suspend ${imsi}`, action: t`Suspend`, danger: true },
    inventory: {
      ask: { kind: 'state', to: 'inventory' },
      title: t`Put ${imsi} back into stock`,
      action: t`Put back into stock`,
      danger: true,
    },
    retired: { ask: { kind: 'state', to: 'retired' }, title: t`Retire ${imsi} for good`, action: t`Retire for good`, danger: true },
  })
  const lifts = sim.imposed.flatMap(({ reason }): Intent[] => {
    if (reason !== 'quota' && reason !== 'abuse' && (reason !== 'operator-barring' || !isOperator)) return []
    const what = word(i18n, imposedWords, reason)
    return [{ ask: { kind: 'lift', what: reason }, title: t`Lift from ${imsi}: ${what}`, action: t`Lift: ${what}` }]
  })
  const isLockHit = sim.canConnect.because?.key === 'imei-lock' || sim.imposed.some(({ reason }) => reason === 'imei-lock')
  const first = [
    ...(sim.held ? [release] : []),
    ...(isLockHit ? [releaseLock, moveLock] : []),
    ...lifts,
    ...steps.filter(
      ({ ask }) => ask.kind === 'state' && ask.to === (sim.intended === 'active' || sim.intended === 'test' ? 'suspended' : 'active'),
    ),
  ].slice(0, 3)
  const hold: Intent = { ask: { kind: 'hold' }, title: t`Hold the next attach of ${imsi}`, action: t`Hold next attach`, danger: true }
  const bar: Intent = { ask: { kind: 'bar' }, title: t`Bar ${imsi}`, action: t`Bar`, danger: true }
  const isLive = sim.intended !== 'retired'
  const all = [
    ...steps,
    ...(isLive && !sim.held ? [hold] : []),
    ...(isLive && sim.lockedImei !== null ? [releaseLock] : []),
    ...(isLive ? [moveLock] : []),
    ...(isLive && isOperator && !sim.imposed.some(({ reason }) => reason === 'operator-barring') ? [bar] : []),
  ]
  return { first, rest: all.filter((one) => !first.some(({ title }) => title === one.title)) }
}

function stepsOf(sim: SimDetail, intents: Readonly<Record<SimDetail['intended'], Intent>>): Intent[] {
  return sim.nextStates.map((state) => intents[state])
}
