import { Trans, useLingui } from '@lingui/react/macro'
import { Select, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { peopleQueries } from '../../api/people-queries.ts'
import type { EnrolmentLink, Person } from '../../api/types.ts'
import { languages } from '../../app/language.ts'
import { useNow } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Ago, Answer, Button, Identifier, Panel } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { personRoleWords, roleTexts } from '../../words/person-roles.ts'
import { word } from '../../words/say.ts'
import { agoText } from '../../words/units.ts'
import { LinkShown } from './invite.tsx'
import { Factors, personState, usePeopleLock } from './page.tsx'
import { RoleChoice } from './roles.tsx'
import { PersonSessions } from './sessions.tsx'

export function PersonPage() {
  const { t } = useLingui()
  const { id = '' } = useParams()
  const query = useQuery(peopleQueries.person(id))
  return (
    <Page title={query.data?.name ?? id} parent={{ title: t`People`, to: '/people' }}>
      <Loaded query={query} what={t`this person`}>
        {(person) => (
          <>
            <PersonAnswer person={person} />
            <PersonPanels person={person} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function PersonPanels({ person }: { person: Person }) {
  const lock = useLockText(person)
  return (
    <div className="grid two">
      <PersonFacts person={person} />
      <PersonSessions person={person} lock={lock} />
    </div>
  )
}

/** Why this person cannot be managed by the reader; null where they can. */
function useLockText(person: Person): string | null {
  const { t } = useLingui()
  const lock = usePeopleLock()
  if (lock !== null) return lock
  if (person.lock === 'own-account')
    return t`This is you: your own sign-in is under My security, and your rights are for another administrator.`
  return person.lock === 'more-rights' ? t`This person may do what your own roles may not.` : null
}

type Asking = 'roles' | 'recover' | 'invite' | 'disable' | 'enable'

function PersonAnswer({ person }: { person: Person }) {
  const { t, i18n } = useLingui()
  const now = useNow()
  const client = useQueryClient()
  const lock = useLockText(person)
  const [asking, setAsking] = useState<Asking | null>(null)
  const [link, setLink] = useState<EnrolmentLink | null>(null)
  const { name, state, signedInAt } = person
  const ago = signedInAt === null ? '' : agoText(i18n, now - signedInAt)
  const refresh = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['person', person.id] })
    await client.invalidateQueries({ queryKey: ['people'] })
  }
  const title =
    state === 'disabled'
      ? t`${name} is shut out`
      : state === 'invited'
        ? t`${name} is invited and has not come in yet`
        : signedInAt === null
          ? t`${name} can come in`
          : t`${name} can come in, last ${ago}`
  const open = (what: Asking) => () => setAsking(what)
  return (
    <>
      <Answer state={personState(person)} title={title} text={<RolesLine person={person} />}>
        <div className="btns">
          <Button because={lock} onClick={open('roles')}>
            <Trans>Change roles…</Trans>
          </Button>
          {state === 'invited' && (
            <Button primary because={lock} onClick={open('invite')}>
              <Trans>New link…</Trans>
            </Button>
          )}
          {state === 'active' && !person.ssoOnly && (
            <Button because={lock} onClick={open('recover')}>
              <Trans>Recover sign-in…</Trans>
            </Button>
          )}
          {state === 'disabled' ? (
            <Button because={lock} onClick={open('enable')}>
              <Trans>Let in again…</Trans>
            </Button>
          ) : (
            <Button because={lock} onClick={open('disable')}>
              <Trans>Shut out…</Trans>
            </Button>
          )}
        </div>
      </Answer>
      {asking !== null && (
        <PersonDialog
          person={person}
          asking={asking}
          onLink={setLink}
          onClose={() => {
            setAsking(null)
            void refresh()
          }}
        />
      )}
      {link !== null && <LinkShown name={name} link={link} onClose={() => setLink(null)} />}
    </>
  )
}

function RolesLine({ person }: { person: Person }) {
  const { i18n } = useLingui()
  return person.roles.map((role) => (
    <span key={role} className="role-line">
      {word(i18n, personRoleWords, role)}: {word(i18n, roleTexts, role)}{' '}
    </span>
  ))
}

function PersonDialog({
  person,
  asking,
  onLink,
  onClose,
}: {
  person: Person
  asking: Asking
  onLink: (link: EnrolmentLink) => void
  onClose: () => void
}) {
  const { t } = useLingui()
  const { id, name } = person
  const params = { path: { id } }
  const seen = { 'if-match': `"${person.version}"` }
  const [roles, setRoles] = useState(person.roles)
  switch (asking) {
    case 'roles':
      return (
        <AskReason
          title={t`Change the roles of ${name}`}
          action={t`Change roles`}
          because={roles.length === 0 ? t`Choose a role first` : null}
          text={
            <>
              <p>{t`They hold from the next request on.`}</p>
              <RoleChoice
                organisation={person.provider === null ? 'operator' : 'provider'}
                value={roles}
                onChange={(value) => setRoles([...value])}
              />
            </>
          }
          onDone={async (reason) =>
            answerOf(await api.PUT('/api/v1/people/{id}/roles', { params, headers: seen, body: { roles: [...roles], reason } }))
          }
          onClose={onClose}
        />
      )
    case 'invite':
      return (
        <AskReason
          title={t`A new link for ${name}`}
          action={t`Make a link`}
          text={<p>{t`The former link stops working.`}</p>}
          onDone={async (reason) => onLink(answerOf(await api.POST('/api/v1/people/{id}/invite', { params, body: { reason } })))}
          onClose={onClose}
        />
      )
    case 'recover':
      return (
        <AskReason
          title={t`Recover the sign-in of ${name}`}
          action={t`Make a link`}
          text={
            <p>{t`Make sure by another way that it is them who ask. All their sessions end; by the link they set up new factors, which replace the old ones.`}</p>
          }
          onDone={async (reason) => onLink(answerOf(await api.POST('/api/v1/people/{id}/recover', { params, body: { reason } })))}
          onClose={onClose}
        />
      )
    case 'disable':
      return (
        <AskReason
          title={t`Shut ${name} out`}
          action={t`Shut out`}
          text={<p>{t`All their sessions end at once, and they cannot sign in until somebody lets them in again.`}</p>}
          onDone={async (reason) => answerOf(await api.POST('/api/v1/people/{id}/disable', { params, body: { reason } }))}
          onClose={onClose}
        />
      )
    case 'enable':
      return (
        <AskReason
          title={t`Let ${name} in again`}
          action={t`Let in`}
          text={<p>{t`They sign in with the factors that they had, and may do what their roles say.`}</p>}
          onDone={async (reason) => answerOf(await api.POST('/api/v1/people/{id}/enable', { params, body: { reason } }))}
          onClose={onClose}
        />
      )
  }
}

function FactsDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useLingui()
  const [draft, setDraft] = useState({ name: person.name, email: person.email ?? '', language: person.language ?? '' })
  const set = (change: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...change }))
  const save = async (reason: string): Promise<unknown> =>
    answerOf(
      await api.PATCH('/api/v1/people/{id}', {
        params: { path: { id: person.id } },
        headers: { 'if-match': `"${person.version}"` },
        body: {
          name: draft.name.trim(),
          email: draft.email.trim() === '' ? null : draft.email.trim(),
          language: draft.language === '' ? null : (draft.language as Person['language']),
          reason,
        },
      }),
    )
  return (
    <AskReason
      title={t`Change ${person.name}`}
      action={t`Save`}
      because={draft.name.trim() === '' ? t`Give a name first` : null}
      text={
        <>
          <TextInput label={t`Name`} value={draft.name} maxLength={80} onChange={(event) => set({ name: event.currentTarget.value })} />
          <TextInput label={t`E-mail`} type="email" value={draft.email} onChange={(event) => set({ email: event.currentTarget.value })} />
          <Select
            label={t`Language`}
            data={[{ value: '', label: t`that of their browser` }, ...languages.map((one) => ({ value: one.id, label: one.name }))]}
            value={draft.language}
            allowDeselect={false}
            onChange={(language) => set({ language: language ?? '' })}
          />
        </>
      }
      onDone={save}
      onClose={onClose}
    />
  )
}

function PersonFacts({ person }: { person: Person }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const lock = usePeopleLock()
  const [editing, setEditing] = useState(false)
  const language = languages.find(({ id }) => id === person.language)?.name ?? t`that of their browser`
  return (
    <Panel title={<Trans>On record</Trans>}>
      <dl className="facts wide-facts">
        <dt>
          <Trans>Organisation</Trans>
        </dt>
        <dd>
          {person.provider === null ? (
            <Trans>the operator</Trans>
          ) : (
            <Link className="link" to={`/organisations/${person.provider.id}`}>
              {person.provider.name}
            </Link>
          )}
        </dd>
        <dt>
          <Trans>E-mail</Trans>
        </dt>
        <dd>{person.email === null ? <span className="dim3">–</span> : <Identifier value={person.email} />}</dd>
        <dt>
          <Trans>Language</Trans>
        </dt>
        <dd>{language}</dd>
        <dt>
          <Trans>Signs in with</Trans>
        </dt>
        <dd>
          <Factors person={person} />
        </dd>
        <dt>
          <Trans>On record since</Trans>
        </dt>
        <dd>
          <Ago at={person.createdAt} />
        </dd>
        <dt>
          <Trans>Id</Trans>
        </dt>
        <dd>
          <Identifier value={person.id} />
        </dd>
      </dl>
      <div className="panel-foot">
        <Button because={lock} onClick={() => setEditing(true)}>
          <Trans>Change…</Trans>
        </Button>
      </div>
      {editing && (
        <FactsDialog
          person={person}
          onClose={() => {
            setEditing(false)
            void client.invalidateQueries({ queryKey: ['person', person.id] })
            void client.invalidateQueries({ queryKey: ['people'] })
          }}
        />
      )}
    </Panel>
  )
}
