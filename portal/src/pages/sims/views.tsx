import { Trans, useLingui } from '@lingui/react/macro'
import { Menu, Modal, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import { Button } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useFailure } from '../../parts/loaded.tsx'

/** Filters, sorting and columns that one keeps under a name; the address itself can be sent to others. */
export function Views() {
  const { t } = useLingui()
  const client = useQueryClient()
  const [search, setSearch] = useSearchParams()
  const [naming, setNaming] = useState(false)
  const query = useQuery(queries.savedViews())
  const items = query.data?.items ?? []
  const now = search.toString()
  const current = items.find((view) => view.query === now)
  const forget = async (id: string): Promise<void> => {
    await api.DELETE('/api/v1/saved-views/{id}', { params: { path: { id } } })
    await client.invalidateQueries({ queryKey: ['saved-views'] })
  }
  return (
    <>
      <Menu classNames={{ dropdown: 'pop' }} position="bottom-end" width={240}>
        <Menu.Target>
          <button type="button" className="tool">
            <span className="hidden-text">{t`Saved views`}: </span>
            {current?.name ?? <Trans>Views</Trans>}
            <Icon name="down" size={12} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {items.map((view) => (
            <Menu.Item key={view.id} onClick={() => setSearch(new URLSearchParams(view.query))}>
              {view.name}
            </Menu.Item>
          ))}
          {items.length === 0 && (
            <Menu.Label>
              <Trans>Keep a filter and its columns under a name</Trans>
            </Menu.Label>
          )}
          <Menu.Divider />
          <Menu.Item onClick={() => setNaming(true)}>
            <Trans>Save this view…</Trans>
          </Menu.Item>
          {current !== undefined && (
            <Menu.Item onClick={() => void forget(current.id)}>
              <Trans>Forget “{current.name}”</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {naming && <NameView query={now} onClose={() => setNaming(false)} />}
    </>
  )
}

function NameView({ query, onClose }: { query: string; onClose: () => void }) {
  const { t } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [error, setError] = useState<string | null>(null)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (name.trim() === '') return
    try {
      answerOf(await api.POST('/api/v1/saved-views', { body: { page: 'sims', name: name.trim(), query } }))
      await client.invalidateQueries({ queryKey: ['saved-views'] })
      onClose()
    } catch (problem) {
      setError(failure(problem))
    }
  }
  return (
    <Modal opened onClose={onClose} title={t`Save this view`} closeButtonProps={{ 'aria-label': t`Close` }} classNames={{ content: 'pop' }}>
      <form className="ask" onSubmit={(event) => void submit(event)}>
        <TextInput
          data-autofocus
          label={t`Name`}
          description={t`Only you see it; a view of the same name is replaced.`}
          value={name}
          maxLength={60}
          error={error}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div className="btns end">
          <Button onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button primary type="submit" because={name.trim() === '' ? t`Write a name first` : null}>
            <Trans>Save</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  )
}
