import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { Approval } from '../../api/types.ts'
import { useNow } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { useSession } from '../../app/session.tsx'
import { when } from '../../logic/format.ts'
import { Ago, Answer, Identifier, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { approvalStateWords, obstacleWords } from '../../words/approvals.ts'
import { word } from '../../words/say.ts'
import { said } from '../../words/server.ts'
import { agreed, Decide, stateOf, Who } from './parts.tsx'

/** One command: what it will do, who asked, who agreed, and its proof. */
export function ApprovalPage() {
  const { t } = useLingui()
  const { id = '' } = useParams()
  const query = useQuery(queries.approval(id))
  return (
    <Page title={t`Approval`} parent={{ title: t`Approvals`, to: '/approvals' }}>
      <Loaded query={query} what={t`the approval`}>
        {(approval) => <Shown approval={approval} />}
      </Loaded>
    </Page>
  )
}

function Shown({ approval }: { approval: Approval }) {
  const { i18n } = useLingui()
  const isOpen = approval.state === 'waiting'
  const { obstacle, id, failure } = approval
  const own = useSession()?.person?.providerId ?? null
  // What is the operator's own may be read by the provider, not carried away.
  const mayCarry = own === null || own === approval.provider?.id
  return (
    <>
      <Answer
        state={stateOf(approval)}
        question={word(i18n, approvalStateWords, approval.state)}
        title={said(i18n, approval.summary)}
        text={isOpen && obstacle !== null ? word(i18n, obstacleWords, obstacle) : (failure ?? undefined)}
      >
        <Decide approval={approval}>
          {mayCarry && (
            <a className="btn" href={`/api/v1/approvals/${id}/receipt`} download={`approval-${id}.json`}>
              <Trans>Receipt</Trans>
            </a>
          )}
        </Decide>
      </Answer>
      <div className="grid two">
        <div className="stack">
          <Facts approval={approval} />
          <Decisions approval={approval} />
        </div>
        <Panel title={<Trans>The command</Trans>} meta={<Trans>exactly this is done, and nothing else</Trans>}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways */}
          <pre className="compiled mono" tabIndex={0}>
            {JSON.stringify(approval.command, null, 2)}
          </pre>
          <dl className="facts wide-facts">
            <dt>SHA-256</dt>
            <dd>
              <Identifier value={approval.commandHash} />
            </dd>
          </dl>
        </Panel>
      </div>
    </>
  )
}

function Facts({ approval }: { approval: Approval }) {
  const { i18n } = useLingui()
  const until = when(approval.expiresAt, useNow(60_000), i18n.locale)
  const [has, needed] = [agreed(approval), approval.needed]
  return (
    <Panel title={<Trans>What is asked</Trans>}>
      <dl className="facts wide-facts">
        <dt>
          <Trans>Asked by</Trans>
        </dt>
        <dd>
          <Who who={approval.requestedBy} />
          <span className="why">
            <Ago at={approval.requestedAt} />
          </span>
        </dd>
        <dt>
          <Trans>Reason</Trans>
        </dt>
        <dd className="wraps">{approval.reason}</dd>
        <dt>
          <Trans>Agreed</Trans>
        </dt>
        <dd>
          <Trans>
            {has} of {needed}
          </Trans>
        </dd>
        <dt>
          <Trans>Until</Trans>
        </dt>
        <dd>{until}</dd>
        {approval.provider !== null && (
          <>
            <dt>
              <Trans>Provider</Trans>
            </dt>
            <dd>{approval.provider.name}</dd>
          </>
        )}
        {approval.imsi !== null && (
          <>
            <dt>SIM</dt>
            <dd>
              <Link className="link mono" to={`/sims/${approval.imsi}`}>
                {approval.imsi}
              </Link>
            </dd>
          </>
        )}
      </dl>
    </Panel>
  )
}

function Decisions({ approval: { decisions } }: { approval: Approval }) {
  return (
    <Panel title={<Trans>Decisions</Trans>}>
      {decisions.length === 0 ? (
        <p className="quiet">
          <Trans>Nobody has decided yet.</Trans>
        </p>
      ) : (
        <ul className="own">
          {decisions.map(({ person, decision, reason, at, signed }) => (
            <li key={person.id}>
              <Icon name={decision === 'approve' ? 'ok' : 'ref'} tone={decision === 'approve' ? 'ok' : 'ref'} />
              <div>
                <h3>
                  <Who who={person} />: {decision === 'approve' ? <Trans>approved</Trans> : <Trans>refused</Trans>}
                </h3>
                <p>“{reason}”</p>
                <p>
                  <Ago at={at} />, {signed ? <Trans>signed with a passkey</Trans> : <Trans>unsigned: the demo knows no passkeys</Trans>}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
