import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { ProfileRow, State } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { cappedCount, count } from '../../logic/format.ts'
import { Ago, Answer, Button, Panel, StateIcon } from '../../parts/basics.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { permissionWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'
import { AcknowledgementPanel } from './acknowledge.tsx'

/** What a person should look at first: weakness that nobody signed for, then more than was asked, then nobody asked. */
export function profileState({ unacknowledged, deviations }: Pick<ProfileRow, 'unacknowledged' | 'deviations'>): State {
  if (unacknowledged.length > 0) return 'refused'
  if (deviations === null) return 'unknown'
  return deviations > 0 ? 'attention' : 'ok'
}

const rank: Readonly<Record<State, number>> = { refused: 0, attention: 1, unknown: 2, ok: 3 }

export function ProfilesPage() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const query = useQuery(queries.profiles())
  const may = useMay('profiles:write')
  const lock = may ? null : t`Changing profiles needs the permission profiles:write; your role does not have it.`
  return (
    <Page title={t`Profiles`}>
      <Loaded query={query} what={t`the profiles`}>
        {({ items }) => (
          <>
            <ProfilesAnswer items={items}>
              <Button primary because={lock} onClick={() => void navigate('/profiles/new')}>
                <Trans>Assess a service…</Trans>
              </Button>
            </ProfilesAnswer>
            <div className="grid one">
              <Panel title={<Trans>Service profiles</Trans>} meta={<Trans>{items.length}, worst first</Trans>}>
                {items.length === 0 ? (
                  <Blank
                    title={<Trans>No profile yet</Trans>}
                    text={t`A profile says what the SIMs of a service may do. Answer a few questions, and the least that serves it is proposed.`}
                  />
                ) : (
                  <ProfileTable items={items} />
                )}
              </Panel>
              <AcknowledgementPanel />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function ProfilesAnswer({ items, children }: { items: readonly ProfileRow[]; children: React.ReactNode }) {
  const { t, i18n } = useLingui()
  const of = (state: State): number => items.filter((row) => profileState(row) === state).length
  const [open, beyond, unasked] = [of('refused'), of('attention'), of('unknown')]
  const total = count(items.length, i18n.locale)
  const state: State = open > 0 ? 'refused' : beyond > 0 ? 'attention' : unasked > 0 || items.length === 0 ? 'unknown' : 'ok'
  const title =
    open > 0
      ? t`${open} of ${total} profiles carry SMS or USSD that nobody signed for`
      : beyond > 0
        ? t`${beyond} of ${total} profiles permit more than their service was said to need`
        : items.length === 0
          ? t`No service has been assessed`
          : unasked > 0
            ? t`${unasked} of ${total} profiles have no assessment: what they need is not on record`
            : t`All ${total} profiles permit what their service was said to need, and nothing more`
  return (
    <Answer
      state={state}
      title={title}
      text={<Trans>A profile says what the SIMs of a service may do. Everything else is refused, or not provisioned at all.</Trans>}
    >
      <div className="btns">{children}</div>
    </Answer>
  )
}

function ProfileTable({ items }: { items: readonly ProfileRow[] }) {
  const { t, i18n } = useLingui()
  const sorted = items.toSorted((a, b) => rank[profileState(a)] - rank[profileState(b)])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
    <section className="scroll-x" tabIndex={0} aria-label={t`Service profiles`}>
      <table className="tbl wide-table">
        <thead>
          <tr>
            <td className="w20" />
            <th>
              <Trans>Profile</Trans>
            </th>
            <th>
              <Trans>Provider</Trans>
            </th>
            <th>
              <Trans>Access points</Trans>
            </th>
            <th>
              <Trans>Permits beyond data</Trans>
            </th>
            <th className="num">
              <Trans>Version</Trans>
            </th>
            <th className="num">
              <Trans>SIMs</Trans>
            </th>
            <th className="num">
              <Trans>Assessed</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={row.id}>
              <td className="ic">
                <StateIcon state={profileState(row)} />
              </td>
              <td>
                <Link className="strong" to={`/profiles/${row.id}`}>
                  {row.name}
                </Link>
              </td>
              <td className="dim">{row.provider.name}</td>
              <td className="mono dim">{row.apns.join(' ')}</td>
              <td title={row.permissions.map((id) => word(i18n, permissionWords, id)).join(', ')}>
                {row.permissions.length === 0 ? (
                  <span className="dim3">
                    <Trans>nothing</Trans>
                  </span>
                ) : (
                  row.permissions.map((id) => word(i18n, permissionWords, id)).join(', ')
                )}
              </td>
              <td className="num">
                {row.version}
                {row.latest > row.version && (
                  <span className="att">
                    {' '}
                    <Trans>({row.latest} waits)</Trans>
                  </span>
                )}
              </td>
              <td className="num">{cappedCount(row.sims, i18n.locale)}</td>
              <td className="num dim">
                {row.assessedAt === null ? (
                  <span className="dim3">
                    <Trans>never</Trans>
                  </span>
                ) : (
                  <Ago at={row.assessedAt} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
