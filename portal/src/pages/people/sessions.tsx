import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import { peopleQueries } from '../../api/people-queries.ts'
import type { Person, PersonSession } from '../../api/types.ts'
import { Ago, Button, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded, useFailure } from '../../parts/loaded.tsx'
import { factorWords } from '../../words/factors.ts'
import { word } from '../../words/say.ts'

/** Where somebody is signed in, for whoever may manage them. */
export function PersonSessions({ person, lock }: { person: Person; lock: string | null }) {
  const { t } = useLingui()
  const query = useQuery(peopleQueries.personSessions(person.id))
  const [asking, setAsking] = useState<PersonSession | 'all' | null>(null)
  const count = query.data?.items.length ?? 0
  return (
    <Panel title={<Trans>Where they are signed in</Trans>}>
      <Loaded query={query} what={t`their sessions`}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">
              <Trans>Nowhere now.</Trans>
            </p>
          ) : (
            <ul className="own">
              {items.map((session) => (
                <SessionItem key={session.id} session={session} lock={lock} onEnd={() => setAsking(session)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {count > 0 && (
        <div className="panel-foot">
          <Button because={lock} onClick={() => setAsking('all')}>
            <Trans>End all…</Trans>
          </Button>
        </div>
      )}
      {asking !== null && <EndDialog person={person} session={asking} count={count} onClose={() => setAsking(null)} />}
    </Panel>
  )
}

function SessionItem({ session, lock, onEnd }: { session: PersonSession; lock: string | null; onEnd: () => void }) {
  const { t, i18n } = useLingui()
  const { browser, system } = session.device
  const device = [browser, system].filter((part) => part !== null).join(', ') || t`unknown program`
  const factors = new Intl.ListFormat(i18n.locale).format(session.factors.map((factor) => word(i18n, factorWords, factor)))
  return (
    <li>
      <Icon name="net" tone="dim3" />
      <div>
        <h3>{device}</h3>
        <p>
          <span className="mono">{session.address ?? '–'}</span>, {factors}
        </p>
        <p>
          <Trans>
            since <Ago at={session.createdAt} />, last seen <Ago at={session.seenAt} />
          </Trans>
        </p>
      </div>
      <Button small because={lock} onClick={onEnd}>
        <Trans>End…</Trans>
      </Button>
    </li>
  )
}

function EndDialog({
  person,
  session,
  count,
  onClose,
}: {
  person: Person
  session: PersonSession | 'all'
  count: number
  onClose: () => void
}) {
  const { t } = useLingui()
  const client = useQueryClient()
  const failure = useFailure()
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const end = async (): Promise<void> => {
    setBusy(true)
    try {
      const { id } = person
      if (session === 'all') answerOf(await api.DELETE('/api/v1/people/{id}/sessions', { params: { path: { id } } }))
      else answerOf(await api.DELETE('/api/v1/people/{id}/sessions/{session}', { params: { path: { id, session: session.id } } }))
      await client.invalidateQueries({ queryKey: ['person', id] })
      onClose()
    } catch (problem) {
      setError(failure(problem))
      setBusy(false)
    }
  }
  const action = session === 'all' ? plural(count, { one: 'End # session', other: 'End # sessions' }) : t`End the session`
  const { name } = person
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Sign ${name} out?`}
      closeButtonProps={{ 'aria-label': t`Close` }}
      classNames={{ content: 'pop' }}
    >
      <div className="ask">
        <p className="ask-text">
          <Trans>They are signed out at their next step, and may sign in again. To keep somebody out, shut them out.</Trans>
        </p>
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
        <div className="btns end">
          <Button onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button primary busy={busy} onClick={() => void end()}>
            {action}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
