import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { peopleQueries } from '../../api/people-queries.ts'
import type { Count, Person, State } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay, useSession } from '../../app/session.tsx'
import { toggleValue, valuesOf, withValues } from '../../logic/filter.ts'
import { cappedCount, count } from '../../logic/format.ts'
import { Ago, Answer, Button, StateIcon } from '../../parts/basics.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Blank, Loaded, useFailure } from '../../parts/loaded.tsx'
import { factorWords } from '../../words/factors.ts'
import { personRoleWords } from '../../words/person-roles.ts'
import { word } from '../../words/say.ts'
import { InviteDialog } from './invite.tsx'

/** Why people cannot be changed here and now; null where they can. */
export function usePeopleLock(): string | null {
  const { t } = useLingui()
  const demo = useSession()?.mode === 'demo'
  const may = useMay('people:write')
  if (demo) return t`The demo has no sign-in: its people are made up and stay as they are.`
  return may ? null : t`Changing people needs the permission people:write; your role does not have it.`
}

/** Out, waited for, or here. */
export function personState({ state }: Person): State {
  return state === 'disabled' ? 'refused' : state === 'invited' ? 'attention' : 'ok'
}

export function PeoplePage() {
  const { t } = useLingui()
  const [search, setSearch] = useSearchParams()
  const [inviting, setInviting] = useState(false)
  const lock = usePeopleLock()
  const filter = search.get('filter') ?? ''
  const setFilter = (value: string): void => setSearch(value === '' ? {} : { filter: value })
  const isOperator = useSession()?.person?.providerId == null
  const query = useInfiniteQuery(peopleQueries.people(filter))
  const people = query.data?.pages.flatMap((page) => page.items) ?? []
  const first = query.data?.pages[0]
  const invite = (
    <Button primary because={lock} onClick={() => setInviting(true)}>
      <Trans>Invite…</Trans>
    </Button>
  )
  return (
    <Page title={t`People`}>
      <PeopleAnswer>
        <div className="btns">{invite}</div>
      </PeopleAnswer>
      <div className="list-head">
        <FilterBar
          value={filter}
          onChange={setFilter}
          placeholder={isOperator ? t`role:auditor owner:name, or a part of a name` : t`role:provider-viewer, or a part of a name`}
          count={first === undefined ? '' : <PeopleCount total={first.count} />}
        />
        <FilterFault error={query.error} />
        <PeopleFacets filter={filter} onChange={setFilter} isOperator={isOperator} />
      </div>
      <Loaded query={query} what={t`the people`}>
        {() =>
          people.length === 0 ? (
            <Blank
              title={filter === '' ? <Trans>Nobody yet</Trans> : <Trans>Nobody matches</Trans>}
              text={
                filter === ''
                  ? t`Invite the first person: they set up their own passkey by a link that you hand over.`
                  : t`Another spelling, or fewer terms, may find them.`
              }
            >
              {filter === '' ? (
                invite
              ) : (
                <Button primary onClick={() => setFilter('')}>
                  <Trans>Show everybody</Trans>
                </Button>
              )}
            </Blank>
          ) : (
            <>
              <PeopleTable people={people} withOwner={isOperator} />
              {query.hasNextPage && (
                <div className="more">
                  <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    <Trans>Show more</Trans>
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
      {inviting && <InviteDialog provider={undefined} onClose={() => setInviting(false)} />}
    </Page>
  )
}

/** What is not right with the filter, where that is what the server says. */
export function FilterFault({ error }: { error: Error | null }) {
  const failure = useFailure()
  if (error === null || !('code' in error) || error.code !== 'filter-invalid') return null
  return (
    <p className="filter-error ref" role="alert">
      {failure(error)}
    </p>
  )
}

function PeopleCount({ total }: { total: Count }) {
  const { i18n } = useLingui()
  return <Trans>{cappedCount(total, i18n.locale)} people</Trans>
}

function PeopleAnswer({ children }: { children: React.ReactNode }) {
  const { t, i18n } = useLingui()
  const all = useQuery(peopleQueries.peopleCount('')).data
  const waiting = useQuery(peopleQueries.peopleCount('came:no disabled:no')).data
  const out = useQuery(peopleQueries.peopleCount('disabled:yes')).data
  if (all === undefined || waiting === undefined || out === undefined) return null
  const total = cappedCount(all, i18n.locale)
  const outside = count(out.value, i18n.locale)
  const title =
    waiting.value === 0
      ? t`${total} people; everybody who was invited has come in`
      : plural(waiting.value, {
          one: 'One person is invited and has not come in yet',
          other: '# people are invited and have not come in yet',
        })
  return (
    <Answer
      state={waiting.value === 0 ? 'ok' : 'attention'}
      title={title}
      text={
        out.value === 0 ? (
          <Trans>Nobody is shut out. What each may do is their role’s; nobody gives more than they have.</Trans>
        ) : (
          <Trans>{outside} are shut out. What each may do is their role’s; nobody gives more than they have.</Trans>
        )
      }
    >
      {children}
    </Answer>
  )
}

function PeopleFacets({ filter, onChange, isOperator }: { filter: string; onChange: (filter: string) => void; isOperator: boolean }) {
  const { t, i18n } = useLingui()
  const roles = valuesOf(filter, 'role')
  const roleNames = ['operator-admin', 'provider-admin', 'provider-manager', 'provider-viewer'].filter(
    (name) => isOperator || name.startsWith('provider'),
  )
  const flag = (field: string, value: string, label: React.ReactNode) => {
    const isOn = valuesOf(filter, field).includes(value)
    return (
      <button type="button" aria-pressed={isOn} onClick={() => onChange(withValues(filter, field, isOn ? [] : [value]))}>
        {label}
      </button>
    )
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex row in every browser
    <div className="facets" role="group" aria-label={t`Facets`}>
      <button type="button" aria-pressed={filter === ''} onClick={() => onChange('')}>
        <Trans>All</Trans>
      </button>
      {isOperator && flag('operator', 'yes', <Trans>of the operator</Trans>)}
      {flag('came', 'no', <Trans>not come in yet</Trans>)}
      {flag('disabled', 'yes', <Trans>shut out</Trans>)}
      {roleNames.map((name) => (
        <button key={name} type="button" aria-pressed={roles.includes(name)} onClick={() => onChange(toggleValue(filter, 'role', name))}>
          {word(i18n, personRoleWords, name)}
        </button>
      ))}
    </div>
  )
}

export function PeopleTable({ people, withOwner }: { people: readonly Person[]; withOwner: boolean }) {
  const { t, i18n } = useLingui()
  const list = new Intl.ListFormat(i18n.locale, { type: 'unit', style: 'short' })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
    <section className="scroll-x gutter" tabIndex={0} aria-label={t`People`}>
      <table className="tbl wide-table">
        <thead>
          <tr>
            <td className="w20" />
            <th>
              <Trans>Name</Trans>
            </th>
            {withOwner && (
              <th>
                <Trans>Organisation</Trans>
              </th>
            )}
            <th>
              <Trans>Roles</Trans>
            </th>
            <th>
              <Trans>Signs in with</Trans>
            </th>
            <th>
              <Trans>E-mail</Trans>
            </th>
            <th className="num">
              <Trans>Last signed in</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id}>
              <td className="ic">
                <StateIcon state={personState(person)} />
              </td>
              <td>
                <Link className="strong" to={`/people/${person.id}`}>
                  {person.name}
                </Link>
              </td>
              {withOwner && (
                <td className="dim">
                  {person.provider === null ? (
                    <Trans>the operator</Trans>
                  ) : (
                    <Link to={`/organisations/${person.provider.id}`}>{person.provider.name}</Link>
                  )}
                </td>
              )}
              <td>{list.format(person.roles.map((role) => word(i18n, personRoleWords, role)))}</td>
              <td>
                <Factors person={person} />
              </td>
              <td className="dim">{person.email ?? '–'}</td>
              <td className="num dim3">
                {person.signedInAt === null ? <Trans context="person">never</Trans> : <Ago at={person.signedInAt} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** With what they come in; what is missing is said. */
export function Factors({ person }: { person: Person }) {
  const { i18n } = useLingui()
  if (person.state === 'disabled') {
    return (
      <span className="ref">
        <Trans>shut out</Trans>
      </span>
    )
  }
  if (person.state === 'invited') {
    return (
      <span className="att">
        <Trans>nothing yet: invited</Trans>
      </span>
    )
  }
  const words = person.factors.map((factor) => word(i18n, factorWords, factor))
  if (words.length === 0) return person.ssoOnly ? <Trans>the organisation’s sign-on</Trans> : <span className="dim3">–</span>
  return <span className="dim">{new Intl.ListFormat(i18n.locale, { type: 'unit', style: 'short' }).format(words)}</span>
}
