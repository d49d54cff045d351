import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { OwnSession } from '../../api/types.ts'
import { Ago, Button, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { factorWords } from '../../words/factors.ts'
import { word } from '../../words/say.ts'
import { Ask } from './ask.tsx'
import { useRenew } from './renew.ts'

export function SessionsPanel() {
  const { t } = useLingui()
  const renew = useRenew()
  const query = useQuery(queries.ownSessions())
  const [asking, setAsking] = useState(false)
  const others = (query.data?.items.length ?? 1) - 1
  const end = async (): Promise<void> => {
    answerOf(await api.DELETE('/api/v1/self/sessions'))
    await renew()
  }
  return (
    <Panel title={<Trans>Where you are signed in</Trans>}>
      <Loaded query={query} what={t`your sessions`}>
        {({ items }) => (
          <ul className="own">
            {items.map((session) => (
              <SessionItem key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Loaded>
      <div className="panel-foot">
        <Button because={others === 0 ? t`There is no other session` : null} onClick={() => setAsking(true)}>
          <Trans>End all others…</Trans>
        </Button>
      </div>
      {asking && (
        <Ask
          title={t`End the other sessions?`}
          action={plural(others, { one: 'End # session', other: 'End # sessions' })}
          onDone={end}
          onClose={() => setAsking(false)}
        >
          <p>
            <Trans>Whoever uses them is signed out at their next step. This one goes on.</Trans>
          </p>
        </Ask>
      )}
    </Panel>
  )
}

function SessionItem({ session }: { session: OwnSession }) {
  const { t, i18n } = useLingui()
  const renew = useRenew()
  const [asking, setAsking] = useState(false)
  const { browser, system } = session.device
  const device = [browser, system].filter((part) => part !== null).join(', ') || t`unknown program`
  const factors = new Intl.ListFormat(i18n.locale).format(session.factors.map((factor) => word(i18n, factorWords, factor)))
  const address = session.address ?? '–'
  const end = async (): Promise<void> => {
    answerOf(await api.DELETE('/api/v1/self/sessions/{id}', { params: { path: { id: session.id } } }))
    await renew()
  }
  return (
    <li aria-current={session.current || undefined}>
      <Icon name={session.current ? 'ok' : 'net'} tone={session.current ? 'ok' : 'dim3'} />
      <div>
        <h3>
          {device}
          {session.current && (
            <span className="dim">
              {' '}
              <Trans>(this one)</Trans>
            </span>
          )}
        </h3>
        <p>
          <span className="mono">{address}</span>, {factors}
        </p>
        <p>
          <Trans>
            since <Ago at={session.createdAt} />, last seen <Ago at={session.seenAt} />
          </Trans>
        </p>
      </div>
      {!session.current && (
        <Button small onClick={() => setAsking(true)}>
          <Trans>End…</Trans>
        </Button>
      )}
      {asking && (
        <Ask title={t`End this session?`} action={t`End the session`} onDone={end} onClose={() => setAsking(false)}>
          <p>
            <Trans>
              {device} at {address}. If you do not know it, change your password and remove passkeys that are not yours, too.
            </Trans>
          </p>
        </Ask>
      )}
    </li>
  )
}
