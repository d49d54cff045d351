import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { Approval } from '../../api/types.ts'
import { useNow } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { when } from '../../logic/format.ts'
import { Ago, Answer, Button, Choice, Panel, StateIcon } from '../../parts/basics.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { approvalStateWords } from '../../words/approvals.ts'
import { word } from '../../words/say.ts'
import { said } from '../../words/server.ts'
import { agreed, Decide, stateOf, Who } from './parts.tsx'

/** What waits for a person, and what became of what did. */
export function ApprovalsPage() {
  const { t } = useLingui()
  const [search, setSearch] = useSearchParams()
  const state = search.get('state') === 'decided' ? 'decided' : 'waiting'
  const query = useInfiniteQuery(queries.approvals(state))
  return (
    <Page title={t`Approvals`}>
      <Loaded query={query} what={t`the approvals`}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          const found = pages[0]?.count.value ?? 0
          return (
            <>
              <Answer
                state={state === 'waiting' && found > 0 ? 'attention' : 'ok'}
                title={
                  state === 'decided'
                    ? t`What was decided`
                    : found === 0
                      ? t`Nothing waits for a person`
                      : plural(found, { one: '# command waits for a person', other: '# commands wait for a person' })
                }
                text={<Trans>Nothing of it is done before enough other persons agreed; each decision is signed with a passkey.</Trans>}
              >
                <Choice
                  label={t`Shown`}
                  value={state}
                  onChange={(value) => setSearch(value === 'waiting' ? {} : { state: value }, { replace: true })}
                  options={[
                    { value: 'waiting', label: t({ message: 'Waiting', context: 'approvals' }) },
                    { value: 'decided', label: t({ message: 'Decided', context: 'approvals' }) },
                  ]}
                />
              </Answer>
              <div className="grid one">
                <Panel title={state === 'waiting' ? <Trans>Waiting</Trans> : <Trans>History</Trans>}>
                  {items.length === 0 ? (
                    <Blank
                      title={state === 'waiting' ? <Trans>Nothing waits</Trans> : <Trans>Nothing was decided yet</Trans>}
                      text={t`Stopping critical SIMs, changing many at once and letting a held device in ask another person.`}
                    />
                  ) : (
                    <ul className="alarms">
                      {items.map((approval) => (
                        <Item key={approval.id} approval={approval} />
                      ))}
                    </ul>
                  )}
                  {query.hasNextPage && (
                    <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                      <Trans>Show more</Trans>
                    </Button>
                  )}
                </Panel>
              </div>
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

function Item({ approval }: { approval: Approval }) {
  const { i18n } = useLingui()
  const until = when(approval.expiresAt, useNow(60_000), i18n.locale)
  const [has, needed] = [agreed(approval), approval.needed]
  const isOpen = approval.state === 'waiting'
  const { closedAt } = approval
  return (
    <li>
      <StateIcon state={stateOf(approval)} size={16} />
      <div>
        <h3>
          <Link to={`/approvals/${approval.id}`}>{said(i18n, approval.summary)}</Link>
        </h3>
        <p className="quote">“{approval.reason}”</p>
        <p className="dim3">
          <Trans>
            asked by <Who who={approval.requestedBy} /> <Ago at={approval.requestedAt} />
          </Trans>
          {approval.provider !== null && <>, {approval.provider.name}</>},{' '}
          <Trans>
            {has} of {needed} agreed
          </Trans>
          {isOpen && (
            <>
              , <Trans>until {until}</Trans>
            </>
          )}
        </p>
      </div>
      <div className="alarm-side">
        <span className="dim">{word(i18n, approvalStateWords, approval.state)}</span>
        {closedAt !== null && (
          <span className="dim3">
            <Ago at={closedAt} />
          </span>
        )}
        {isOpen && <Decide approval={approval} />}
      </div>
    </li>
  )
}
