import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, Radio, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { ApiClient, ClientList } from '../../api/types.ts'
import { useNow } from '../../app/now.tsx'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Ago, Button, Panel, StateIcon } from '../../parts/basics.tsx'
import { Blank } from '../../parts/loaded.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { clientStateWords } from '../../words/developers.ts'
import { word } from '../../words/say.ts'
import { durationText } from '../../words/units.ts'
import { firstCall, type Shown } from './secret.tsx'

export function ClientsPanel({ list, because, onSecret }: { list: ClientList; because: string | null; onSecret: (shown: Shown) => void }) {
  const { t } = useLingui()
  return (
    <Panel title={<Trans>Keys and clients</Trans>} meta={list.items.length > 0 && <Trans>{list.items.length}, newest first</Trans>}>
      {list.items.length === 0 ? (
        <Blank
          title={<Trans>No key yet</Trans>}
          text={t`Make a key for one program with the permissions that it needs; then these three lines work:`}
        >
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens */}
          <pre className="mono" tabIndex={0}>
            {firstCall('swk_…')}
          </pre>
        </Blank>
      ) : (
        <ClientTable items={list.items} because={because} onSecret={onSecret} />
      )}
    </Panel>
  )
}

function ClientTable({
  items,
  because,
  onSecret,
}: {
  items: readonly ApiClient[]
  because: string | null
  onSecret: (shown: Shown) => void
}) {
  const { t, i18n } = useLingui()
  const now = useNow()
  const [asking, setAsking] = useState<{ client: ApiClient; what: 'rotate' | 'revoke' } | null>(null)
  return (
    <>
      <SmallTable
        label={t`Keys and clients`}
        rows={items}
        rowId={({ id }) => id}
        columns={[
          {
            id: 'name',
            head: <Trans>Name</Trans>,
            cell: (client) => (
              <span className="with-icon" title={client.id}>
                <StateIcon state={client.state === 'active' ? 'ok' : 'unknown'} />
                <span className="strong">{client.name}</span>
              </span>
            ),
          },
          {
            id: 'kind',
            head: <Trans>Kind</Trans>,
            cell: ({ authentication }) =>
              authentication === 'key' ? (
                <Trans>API key</Trans>
              ) : authentication === 'secret' ? (
                <Trans>OAuth, secret</Trans>
              ) : (
                <Trans>OAuth, own keys</Trans>
              ),
          },
          { id: 'scopes', head: <Trans>May</Trans>, cell: ({ scopes }) => <span className="mono dim">{scopes.join(' ')}</span> },
          {
            id: 'sources',
            head: <Trans>From</Trans>,
            cell: ({ sources }) =>
              sources.length === 0 ? <span className="dim3">{t`anywhere`}</span> : <span className="mono">{sources.join(' ')}</span>,
          },
          {
            id: 'used',
            head: <Trans>Last used</Trans>,
            cell: ({ usedAt, usedFrom }) =>
              usedAt === null ? (
                <span className="dim3">{t`never`}</span>
              ) : (
                <span title={usedFrom ?? undefined}>
                  <Ago at={usedAt} />
                </span>
              ),
          },
          {
            id: 'ends',
            head: <Trans>Ends in</Trans>,
            cell: ({ state, expiresAt }) =>
              state === 'active' ? (
                durationText(i18n, expiresAt - now)
              ) : (
                <span className="dim3">{word(i18n, clientStateWords, state)}</span>
              ),
          },
          {
            id: 'do',
            head: '',
            cell: (client) =>
              client.state === 'active' && (
                <span className="btns end">
                  {client.authentication !== 'private-key' && (
                    <Button small because={because} onClick={() => setAsking({ client, what: 'rotate' })}>
                      <Trans>Rotate…</Trans>
                    </Button>
                  )}
                  <Button small because={because} onClick={() => setAsking({ client, what: 'revoke' })}>
                    <Trans>Revoke…</Trans>
                  </Button>
                </span>
              ),
          },
        ]}
      />
      {asking !== null && <AskClient {...asking} onSecret={onSecret} onClose={() => setAsking(null)} />}
    </>
  )
}

function AskClient({
  client,
  what,
  onSecret,
  onClose,
}: {
  client: ApiClient
  what: 'rotate' | 'revoke'
  onSecret: (shown: Shown) => void
  onClose: () => void
}) {
  const { t } = useLingui()
  const cache = useQueryClient()
  const { name } = client
  const done = async (reason: string): Promise<void> => {
    const at = { params: { path: { id: client.id } }, body: { reason } }
    if (what === 'revoke') answerOf(await api.POST('/api/v1/clients/{id}/revoke', at))
    else {
      const { secret } = answerOf(await api.POST('/api/v1/clients/{id}/rotate', at))
      if (secret !== null) onSecret({ secret, kind: client.kind, clientId: client.id })
    }
    await cache.invalidateQueries({ queryKey: ['clients'] })
  }
  return what === 'revoke' ? (
    <AskReason
      title={t`Revoke ${name}`}
      text={<Trans>Its next request is refused, for good. Whatever uses it stops working.</Trans>}
      action={t`Revoke the key`}
      onDone={done}
      onClose={onClose}
    />
  ) : (
    <AskReason
      title={t`Rotate ${name}`}
      text={<Trans>You get a new secret. The former one works for one more day.</Trans>}
      action={t`Make a new secret`}
      onDone={done}
      onClose={onClose}
    />
  )
}

export function NewClient({
  grantable,
  onSecret,
  onClose,
}: {
  grantable: ClientList['grantable']
  onSecret: (shown: Shown) => void
  onClose: () => void
}) {
  const { t } = useLingui()
  const cache = useQueryClient()
  const [draft, setDraft] = useState({ kind: 'key', name: '', scopes: ['sims:read'] as string[], sources: '' })
  const because =
    draft.name.trim() === '' ? t`Name the program first` : draft.scopes.length === 0 ? t`Choose at least one thing that it may do` : null
  const create = async (reason: string): Promise<void> => {
    const kind = draft.kind === 'oauth' ? 'oauth' : 'key'
    const scopes = grantable.filter((scope) => draft.scopes.includes(scope))
    const sources = draft.sources.split(/[\s,]+/).filter((source) => source !== '')
    const { client, secret } = answerOf(
      await api.POST('/api/v1/clients', { body: { kind, name: draft.name.trim(), scopes, sources, reason } }),
    )
    await cache.invalidateQueries({ queryKey: ['clients'] })
    if (secret !== null) onSecret({ secret, kind, clientId: client.id })
  }
  return (
    <AskReason
      title={t`New key`}
      action={t`Make it`}
      because={because}
      onDone={create}
      onClose={onClose}
      text={
        <div className="codes">
          <TextInput
            label={t`Which program is it for?`}
            value={draft.name}
            maxLength={120}
            required
            onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
          />
          <Radio.Group label={t`How it proves itself`} value={draft.kind} onChange={(kind) => setDraft({ ...draft, kind })}>
            <div className="scopes one-a-row">
              <Radio value="key" label={t`API key: sent with each request`} />
              <Radio value="oauth" label={t`OAuth client: gets tokens of ten minutes for its secret`} />
            </div>
          </Radio.Group>
          <Checkbox.Group label={t`What it may do`} value={draft.scopes} onChange={(scopes) => setDraft({ ...draft, scopes })}>
            <div className="scopes">
              {grantable.map((scope) => (
                <Checkbox key={scope} value={scope} label={<span className="mono">{scope}</span>} />
              ))}
            </div>
          </Checkbox.Group>
          <TextInput
            label={t`From which addresses`}
            description={t`Such as 192.0.2.0/24; empty: from anywhere`}
            value={draft.sources}
            onChange={(event) => setDraft({ ...draft, sources: event.currentTarget.value })}
          />
        </div>
      }
    />
  )
}
