import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queries } from '../../api/queries.ts'
import { Page } from '../../app/page.tsx'
import { useMay, useSession } from '../../app/session.tsx'
import { Answer, Button } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { ClientsPanel, NewClient } from './clients.tsx'
import { SecretDialog, type Shown } from './secret.tsx'
import { NewWebhook, WebhooksPanel } from './webhooks.tsx'

/** Programs that act for the organisation, and where it is told what happened. */
export function DevelopersPage() {
  const { t } = useLingui()
  const clients = useQuery(queries.clients())
  const webhooks = useQuery(queries.webhooks())
  const demo = useSession()?.mode === 'demo'
  const may = useMay('clients:write')
  const [adding, setAdding] = useState<'client' | 'webhook' | null>(null)
  const [shown, setShown] = useState<Shown | null>(null)
  const because = demo
    ? t`The demo has no keys: it answers to this machine without one.`
    : may
      ? null
      : t`This needs the permission clients:write; your role does not have it.`
  return (
    <Page title={t`API and webhooks`}>
      <Loaded query={clients} what={t`the keys`}>
        {(list) => {
          const active = list.items.filter(({ state }) => state === 'active').length
          return (
            <>
              <Answer
                state={active > 0 ? 'ok' : 'unknown'}
                title={active > 0 ? <Trans>{active} programs may call the API</Trans> : <Trans>No program calls the API yet</Trans>}
                text={
                  demo ? (
                    because
                  ) : (
                    <Trans>Each has the permissions that it needs, expires, and is refused at its next request once it is revoked.</Trans>
                  )
                }
              >
                <div className="btns">
                  <Button primary because={because} onClick={() => setAdding('client')}>
                    <Trans>New key…</Trans>
                  </Button>
                  <Button because={because} onClick={() => setAdding('webhook')}>
                    <Trans>New webhook…</Trans>
                  </Button>
                </div>
              </Answer>
              <div className="grid one">
                <ClientsPanel list={list} because={because} onSecret={setShown} />
                <Loaded query={webhooks} what={t`the webhooks`}>
                  {({ items }) => <WebhooksPanel items={items} because={because} onSecret={setShown} />}
                </Loaded>
              </div>
              {adding === 'client' && <NewClient grantable={list.grantable} onSecret={setShown} onClose={() => setAdding(null)} />}
            </>
          )
        }}
      </Loaded>
      {adding === 'webhook' && <NewWebhook onSecret={setShown} onClose={() => setAdding(null)} />}
      {shown !== null && <SecretDialog shown={shown} onClose={() => setShown(null)} />}
    </Page>
  )
}
