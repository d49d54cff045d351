import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, Modal, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { NoticeType, Webhook } from '../../api/types.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Ago, Button, Panel, StateIcon } from '../../parts/basics.tsx'
import { Blank, Loaded, useFailure } from '../../parts/loaded.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { deliveryStateWords, webhookStateWords } from '../../words/developers.ts'
import { word } from '../../words/say.ts'
import type { Shown } from './secret.tsx'

const offered: readonly NoticeType[] = [
  'sim.state-changed',
  'sim.changed',
  'sim.imposed',
  'sim.released',
  'sim.confirmed',
  'sim.imei-changed',
  'sim.refused',
  'profile.changed',
  'job.started',
  'job.finished',
  'approval.requested',
  'approval.decided',
  'usage.alert',
  'usage.cut-off',
  'alarm.raised',
  'alarm.cleared',
  'client.changed',
]

export function WebhooksPanel({
  items,
  because,
  onSecret,
}: {
  items: readonly Webhook[]
  because: string | null
  onSecret: (shown: Shown) => void
}) {
  const { t } = useLingui()
  return (
    <Panel title={<Trans>Webhooks</Trans>} meta={<Trans>what happens, sent to your systems</Trans>}>
      {items.length === 0 ? (
        <Blank
          title={<Trans>No webhook yet</Trans>}
          text={t`A webhook tells your systems when a SIM changes, a job ends or an alarm rings: signed, and tried again for a day.`}
        />
      ) : (
        <ul className="own">
          {items.map((webhook) => (
            <WebhookItem key={webhook.id} webhook={webhook} because={because} onSecret={onSecret} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function WebhookItem({ webhook, because, onSecret }: { webhook: Webhook; because: string | null; onSecret: (shown: Shown) => void }) {
  const { t, i18n } = useLingui()
  const cache = useQueryClient()
  const failure = useFailure()
  const [asking, setAsking] = useState<'switch' | 'rotate' | 'remove' | null>(null)
  const [open, setOpen] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const at = { path: { id: webhook.id } }
  const { url, state } = webhook
  const renew = () => cache.invalidateQueries({ queryKey: ['webhooks'] })
  const test = async (): Promise<void> => {
    try {
      answerOf(await api.POST('/api/v1/webhooks/{id}/test', { params: at }))
      setError(null)
      setOpen(true)
    } catch (problem) {
      setError(failure(problem))
    }
    await renew()
  }
  const change = async (reason: string): Promise<void> => {
    if (asking === 'remove') answerOf(await api.DELETE('/api/v1/webhooks/{id}', { params: { ...at, query: { reason } } }))
    else if (asking === 'rotate') {
      const { secret } = answerOf(await api.POST('/api/v1/webhooks/{id}/rotate', { params: at, body: { reason } }))
      onSecret({ secret, kind: 'webhook', clientId: webhook.id })
    } else {
      const headers = { 'if-match': `"${webhook.version}"` }
      const body = { state: state === 'active' ? 'paused' : 'active', reason } as const
      answerOf(await api.PATCH('/api/v1/webhooks/{id}', { params: at, headers, body }))
    }
    await renew()
  }
  return (
    <li>
      <StateIcon
        state={
          state === 'active'
            ? webhook.failedAt !== null && webhook.failedAt > (webhook.succeededAt ?? 0)
              ? 'attention'
              : 'ok'
            : state === 'disabled'
              ? 'refused'
              : 'unknown'
        }
      />
      <div>
        <h3 className="mono">{url}</h3>
        <p>
          {word(i18n, webhookStateWords, state)}
          {webhook.disabledBecause !== null && <>: {webhook.disabledBecause}</>}
          {webhook.succeededAt !== null && (
            <>
              ,{' '}
              <Trans>
                taken <Ago at={webhook.succeededAt} />
              </Trans>
            </>
          )}
          {webhook.waiting > 0 && (
            <>
              , <Trans>{webhook.waiting} waiting</Trans>
            </>
          )}
        </p>
        <p className="mono dim">{webhook.types.join(' ')}</p>
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
      </div>
      <div className="btns">
        <Button small onClick={() => setOpen(true)}>
          <Trans>Deliveries</Trans>
        </Button>
        <Button small because={because} onClick={() => void test()}>
          <Trans>Test</Trans>
        </Button>
        <Button small because={because} onClick={() => setAsking('switch')}>
          {state === 'active' ? <Trans>Pause…</Trans> : <Trans>Resume…</Trans>}
        </Button>
        <Button small because={because} onClick={() => setAsking('rotate')}>
          <Trans>Rotate…</Trans>
        </Button>
        <Button small because={because} onClick={() => setAsking('remove')}>
          <Trans>Remove…</Trans>
        </Button>
      </div>
      {open && <Deliveries webhook={webhook} because={because} onClose={() => setOpen(false)} />}
      {asking !== null && (
        <AskReason
          title={
            asking === 'remove'
              ? t`Remove the webhook to ${url}`
              : asking === 'rotate'
                ? t`New secret for ${url}`
                : state === 'active'
                  ? t`Pause ${url}`
                  : t`Resume ${url}`
          }
          text={
            asking === 'remove' ? (
              <Trans>Its log goes with it, and what still waits is not sent.</Trans>
            ) : asking === 'rotate' ? (
              <Trans>For a day both secrets sign; then only the new one.</Trans>
            ) : state === 'active' ? (
              <Trans>Notices wait until it is resumed; they are kept for 30 days.</Trans>
            ) : (
              <Trans>It goes on where it stopped: what happened meanwhile is sent now.</Trans>
            )
          }
          action={asking === 'remove' ? t`Remove` : asking === 'rotate' ? t`Make a new secret` : state === 'active' ? t`Pause` : t`Resume`}
          onDone={change}
          onClose={() => setAsking(null)}
        />
      )}
    </li>
  )
}

function Deliveries({ webhook, because, onClose }: { webhook: Webhook; because: string | null; onClose: () => void }) {
  const { t, i18n } = useLingui()
  const query = useQuery(queries.deliveries(webhook.id))
  const again = async (deliveryId: string): Promise<void> => {
    await api.POST('/api/v1/webhooks/{id}/replay', { params: { path: { id: webhook.id } }, body: { deliveryId } })
    await query.refetch()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t`Deliveries`}
      closeButtonProps={{ 'aria-label': t`Close` }}
      classNames={{ content: 'pop' }}
    >
      <Loaded query={query} what={t`the deliveries`}>
        {({ items }) =>
          items.length === 0 ? (
            <Blank title={<Trans>Nothing was sent yet</Trans>} text={t`Test it: the notice and what was answered will stand here.`} />
          ) : (
            <SmallTable
              label={t`Deliveries`}
              rows={items}
              rowId={({ id }) => id}
              columns={[
                { id: 'at', head: <Trans>When</Trans>, cell: ({ createdAt }) => <Ago at={createdAt} /> },
                { id: 'type', head: <Trans>Notice</Trans>, cell: ({ type }) => <span className="mono">{type}</span> },
                {
                  id: 'state',
                  head: <Trans>State</Trans>,
                  cell: ({ state, attempts }) => (
                    <>
                      <StateIcon state={state === 'delivered' ? 'ok' : state === 'failed' ? 'refused' : 'attention'} />{' '}
                      {word(i18n, deliveryStateWords, state)}
                      {attempts > 1 && <span className="dim"> ×{attempts}</span>}
                    </>
                  ),
                },
                {
                  id: 'answer',
                  head: <Trans>Answer</Trans>,
                  cell: ({ status, tookMs, answer, problem }) => (
                    <span className="dim" title={answer ?? undefined}>
                      {problem ?? status ?? '–'}
                      {tookMs !== null && <> {tookMs} ms</>}
                    </span>
                  ),
                },
                {
                  id: 'again',
                  head: '',
                  cell: ({ id }) => (
                    <Button small because={because} onClick={() => void again(id)}>
                      <Trans>Send again</Trans>
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Modal>
  )
}

export function NewWebhook({ onSecret, onClose }: { onSecret: (shown: Shown) => void; onClose: () => void }) {
  const { t } = useLingui()
  const cache = useQueryClient()
  const [url, setUrl] = useState('')
  const [types, setTypes] = useState<string[]>(['sim.state-changed'])
  const create = async (reason: string): Promise<void> => {
    const body = { url: url.trim(), types: offered.filter((type) => types.includes(type)), reason }
    const { webhook, secret } = answerOf(await api.POST('/api/v1/webhooks', { body }))
    await cache.invalidateQueries({ queryKey: ['webhooks'] })
    onSecret({ secret, kind: 'webhook', clientId: webhook.id })
  }
  return (
    <AskReason
      title={t`New webhook`}
      action={t`Make it`}
      onDone={create}
      onClose={onClose}
      text={
        <div className="codes">
          <TextInput
            label={t`URL`}
            description={t`https, and an address of the Internet`}
            value={url}
            maxLength={2048}
            required
            onChange={(event) => setUrl(event.currentTarget.value)}
          />
          <Checkbox.Group label={t`What it tells`} value={types} onChange={setTypes}>
            <div className="scopes">
              {offered.map((type) => (
                <Checkbox key={type} value={type} label={<span className="mono">{type}</span>} />
              ))}
            </div>
          </Checkbox.Group>
        </div>
      }
    />
  )
}
