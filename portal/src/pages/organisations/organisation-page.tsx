import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { peopleQueries } from '../../api/people-queries.ts'
import type { ProviderDetail } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { cappedCount, count, dayOf } from '../../logic/format.ts'
import { Ago, Answer, Button, Identifier, Panel, StateIcon } from '../../parts/basics.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { personRoleWords } from '../../words/person-roles.ts'
import { word } from '../../words/say.ts'
import { intendedWords } from '../../words/sims.ts'
import { classWords } from '../../words/verdicts.ts'
import { GroupTree } from '../groups/tree.tsx'
import { InviteDialog } from '../people/invite.tsx'
import { Factors, personState, usePeopleLock } from '../people/page.tsx'
import { type Asking, OrganisationDialog } from './dialogs.tsx'
import { useOrganisationLock } from './lock.ts'
import { organisationState } from './page.tsx'

export function OrganisationPage() {
  const { t } = useLingui()
  const { id = '' } = useParams()
  const query = useQuery(peopleQueries.provider(id))
  const [asking, setAsking] = useState<Asking | null>(null)
  const mayPeople = useMay('people:read')
  return (
    <Page title={query.data?.name ?? id} parent={{ title: t`Organisations`, to: '/organisations' }}>
      <Loaded query={query} what={t`this organisation`}>
        {(provider) => (
          <>
            <OrganisationAnswer provider={provider} onAsk={setAsking} />
            <div className="grid two">
              <div className="stack">
                {mayPeople && <PeopleOf provider={provider} />}
                <Facts provider={provider} onAsk={setAsking} />
              </div>
              <div className="stack">
                <Figures provider={provider} />
              </div>
            </div>
            <div className="grid one">
              <GroupTree providerId={provider.id} />
            </div>
            {asking !== null && <OrganisationDialog provider={provider} asking={asking} onClose={() => setAsking(null)} />}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function OrganisationAnswer({ provider, onAsk }: { provider: ProviderDetail; onAsk: (asking: Asking) => void }) {
  const { t, i18n } = useLingui()
  const lock = useOrganisationLock()
  const { name, suspended, legal, verified, figures } = provider
  const title =
    suspended !== null
      ? t`${name} is kept out`
      : legal === null
        ? t`Who ${name} is in law is not on record`
        : verified === null
          ? t`Nobody has verified yet who ${name} is`
          : t`${name} is who it says it is`
  const sims = cappedCount(figures.sims, i18n.locale)
  const people = plural(figures.people.value, { one: '# person', other: '# people' })
  return (
    <Answer
      state={organisationState(provider)}
      title={title}
      text={
        suspended !== null ? (
          <Trans>
            Since <Ago at={suspended.at} />: “{suspended.reason}”. Its {sims} SIMs go on.
          </Trans>
        ) : (
          <Trans>
            {sims} SIMs, {people}.
          </Trans>
        )
      }
    >
      <div className="btns">
        {legal === null ? (
          <Button primary because={lock} onClick={() => onAsk('change')}>
            <Trans>Put it on record…</Trans>
          </Button>
        ) : (
          verified === null && (
            <Button primary because={lock} onClick={() => onAsk('verify')}>
              <Trans>Verify…</Trans>
            </Button>
          )
        )}
        <Button because={lock} onClick={() => onAsk(suspended === null ? 'suspend' : 'resume')}>
          {suspended === null ? <Trans>Keep out…</Trans> : <Trans>Let in again…</Trans>}
        </Button>
      </div>
    </Answer>
  )
}

function Facts({ provider, onAsk }: { provider: ProviderDetail; onAsk: (asking: Asking) => void }) {
  const { i18n } = useLingui()
  const lock = useOrganisationLock()
  const { legal, verified, agreement, contact } = provider
  const none = <span className="dim3">–</span>
  const signedOn = agreement === null ? '' : dayOf(agreement.signedAt, i18n.locale)
  return (
    <Panel title={<Trans>On record</Trans>}>
      <dl className="facts wide-facts">
        <dt>
          <Trans>In law</Trans>
        </dt>
        <dd className="wraps">{legal?.name ?? none}</dd>
        <dt>
          <Trans>Registered</Trans>
        </dt>
        <dd>{legal === null ? none : <Identifier value={`${legal.country} ${legal.registrationNumber}`} />}</dd>
        <dt>
          <Trans>Verified</Trans>
        </dt>
        <dd className="wraps">
          {verified === null ? (
            <span className="att">
              <Trans>not verified</Trans>
            </span>
          ) : (
            <span>
              {dayOf(verified.at, i18n.locale)}, {verified.evidence}
            </span>
          )}
        </dd>
        <dt>
          <Trans>Agreement</Trans>
        </dt>
        <dd className="wraps">
          {agreement === null ? (
            <span className="att">
              <Trans>no data-processing agreement</Trans>
            </span>
          ) : (
            <span>
              {agreement.reference}, {signedOn}
            </span>
          )}
        </dd>
        <dt>
          <Trans>Contact</Trans>
        </dt>
        <dd className="wraps">
          {contact === null ? none : [contact.name, contact.email, contact.phone].filter((part) => part !== null).join(', ')}
        </dd>
        <dt>
          <Trans>On record since</Trans>
        </dt>
        <dd>
          <Ago at={provider.createdAt} />
        </dd>
        <dt>
          <Trans>Id</Trans>
        </dt>
        <dd>
          <Identifier value={provider.id} />
        </dd>
      </dl>
      <div className="panel-foot btns">
        <Button because={lock} onClick={() => onAsk('change')}>
          <Trans>Change…</Trans>
        </Button>
        {agreement === null ? (
          <Button because={lock} onClick={() => onAsk('sign')}>
            <Trans>Record the agreement…</Trans>
          </Button>
        ) : (
          <Button because={lock} onClick={() => onAsk('end')}>
            <Trans>End the agreement…</Trans>
          </Button>
        )}
      </div>
    </Panel>
  )
}

function Figures({ provider: { id, figures } }: { provider: ProviderDetail }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const to = (term: string): string => `/sims?filter=${encodeURIComponent(`provider:${id} ${term}`.trim())}`
  if (figures.sims.value === 0) {
    return (
      <Panel title={<Trans>SIMs</Trans>}>
        <Blank
          title={<Trans>No SIMs yet</Trans>}
          text={t`They come by an import: a job reads them from a file, and says first what it would do.`}
        >
          <Link className="btn" to="/jobs/new">
            <Trans>Import SIMs…</Trans>
          </Link>
        </Blank>
      </Panel>
    )
  }
  const states = figures.byState.map(({ state, sims }) => ({ name: word(i18n, intendedWords, state), sims, to: to(`intended:${state}`) }))
  const classes = figures.byClass.map((row) => ({ name: word(i18n, classWords, row.class), sims: row.sims, to: to(`class:${row.class}`) }))
  return (
    <Panel
      title={<Trans>SIMs</Trans>}
      meta={
        <Link className="link" to={to('')}>
          {cappedCount(figures.sims, locale)}
        </Link>
      }
    >
      {[
        { label: t`State`, rows: states },
        { label: t`Class`, rows: classes },
      ].map(({ label, rows }) => (
        <SmallTable
          key={label}
          label={label}
          rows={rows}
          rowId={(row) => row.name}
          columns={[
            {
              id: 'name',
              head: label,
              cell: (row) => (row.sims.value === 0 ? <span className="dim3">{row.name}</span> : <Link to={row.to}>{row.name}</Link>),
            },
            {
              id: 'sims',
              head: t`SIMs`,
              number: true,
              cell: ({ sims }) => (sims.value === 0 ? <span className="dim3">{count(0, locale)}</span> : cappedCount(sims, locale)),
            },
          ]}
        />
      ))}
    </Panel>
  )
}

/** The first of its people; the page of people has them all. */
function PeopleOf({ provider }: { provider: ProviderDetail }) {
  const { t, i18n } = useLingui()
  const lock = usePeopleLock()
  const [inviting, setInviting] = useState(false)
  const filter = `provider:${provider.id}`
  const query = useInfiniteQuery(peopleQueries.people(filter))
  const rows = query.data?.pages[0]?.items.slice(0, 10) ?? []
  const invite = (
    <Button primary={rows.length === 0} because={lock} onClick={() => setInviting(true)}>
      <Trans>Invite…</Trans>
    </Button>
  )
  return (
    <Panel
      title={<Trans>People</Trans>}
      meta={
        <Link className="link" to={`/people?filter=${encodeURIComponent(filter)}`}>
          {cappedCount(provider.figures.people, i18n.locale)}
        </Link>
      }
    >
      <Loaded query={query} what={t`the people`}>
        {() =>
          rows.length === 0 ? (
            <Blank
              title={<Trans>Nobody yet</Trans>}
              text={t`Invite its administrator first: they invite their own people, and manage their own SIMs.`}
            >
              {invite}
            </Blank>
          ) : (
            <>
              <SmallTable
                label={t`People`}
                rows={rows}
                rowId={({ id }) => id}
                columns={[
                  {
                    id: 'name',
                    head: t`Name`,
                    cell: (person) => (
                      <span className="with-icon">
                        <StateIcon state={personState(person)} />
                        <Link to={`/people/${person.id}`}>{person.name}</Link>
                      </span>
                    ),
                  },
                  {
                    id: 'roles',
                    head: t`Roles`,
                    cell: ({ roles }) => roles.map((role) => word(i18n, personRoleWords, role)).join(', '),
                  },
                  { id: 'factors', head: t`Signs in with`, cell: (person) => <Factors person={person} /> },
                ]}
              />
              <div className="panel-foot">{invite}</div>
            </>
          )
        }
      </Loaded>
      {inviting && <InviteDialog provider={{ id: provider.id, name: provider.name }} onClose={() => setInviting(false)} />}
    </Panel>
  )
}
