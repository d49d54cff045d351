import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Menu } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useNavigate } from 'react-router'
import type { Count } from '../../api/types.ts'
import { useMay } from '../../app/session.tsx'
import { cappedCount } from '../../logic/format.ts'
import { chosenPage, headState, jobAddress, namedAtMost, nothing, type Selection } from '../../logic/selection.ts'
import { Button } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'

interface Props {
  selection: Selection
  onSelect: (selection: Selection) => void
  loaded: readonly string[]
  total: Count | undefined
}

/** The checkbox above the column: nothing, what is loaded, or all that match the filter. */
export function SelectHead({ selection, onSelect, loaded, total }: Props) {
  const { t, i18n } = useLingui()
  const state = headState(selection, loaded)
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = state === 'some'
  }, [state])
  const all = total === undefined ? '' : cappedCount(total, i18n.locale)
  return (
    <span className="pick">
      <input
        ref={box}
        type="checkbox"
        aria-label={state === 'none' ? t`Select what is loaded` : t`Select nothing`}
        checked={state === 'all'}
        onChange={() => onSelect(state === 'none' ? chosenPage(loaded) : nothing)}
      />
      <Menu classNames={{ dropdown: 'pop' }} position="bottom-start" width={240}>
        <Menu.Target>
          <button type="button" aria-label={t`How many to select`}>
            <Icon name="down" size={12} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onSelect(nothing)}>
            <Trans>None</Trans>
          </Menu.Item>
          <Menu.Item onClick={() => onSelect(chosenPage(loaded))}>
            <Trans>The {loaded.length} loaded here</Trans>
          </Menu.Item>
          <Menu.Item onClick={() => onSelect({ kind: 'all' })}>
            <Trans>All {all} that match</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </span>
  )
}

/** What can be done to those that are chosen: a job, which previews, asks and says how far it came. */
export function BulkBar({ selection, onSelect, loaded, total, filter }: Props & { filter: string }) {
  const { t, i18n } = useLingui()
  const navigate = useNavigate()
  const may = useMay('jobs:write')
  if (selection.kind === 'some' && selection.ids.size === 0) return null
  const all = total === undefined ? '' : cappedCount(total, i18n.locale)
  const n = selection.kind === 'some' ? selection.ids.size : 0
  const address = jobAddress(selection, filter)
  const because = !may
    ? t`Your role does not change SIMs in bulk`
    : address === null
      ? t`More than ${namedAtMost} are named by a filter: choose all that match`
      : null
  const isPage = selection.kind === 'some' && headState(selection, loaded) === 'all'
  return (
    <section className="bulk" aria-label={t`Selected SIMs`}>
      <b role="status">
        {selection.kind === 'all' ? (
          <Trans>All {all} SIMs that match</Trans>
        ) : (
          <Plural value={n} one="# SIM selected" other="# SIMs selected" />
        )}
      </b>
      {isPage && (
        <button type="button" className="link" onClick={() => onSelect({ kind: 'all' })}>
          <Trans>Select all {all} that match</Trans>
        </button>
      )}
      <span className="gap" />
      <Button onClick={() => onSelect(nothing)}>
        <Trans>Select nothing</Trans>
      </Button>
      <Button primary because={because} onClick={() => address !== null && void navigate(address)}>
        <Trans>Change them…</Trans>
      </Button>
    </section>
  )
}
