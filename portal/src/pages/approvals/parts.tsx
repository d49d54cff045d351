import { Trans, useLingui } from '@lingui/react/macro'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { Approval, State } from '../../api/types.ts'
import { provePasskey } from '../../app/passkey.ts'
import { useSession } from '../../app/session.tsx'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Button } from '../../parts/basics.tsx'
import { obstacleWords } from '../../words/approvals.ts'
import { word } from '../../words/say.ts'
import { said } from '../../words/server.ts'

export function stateOf({ state }: Approval): State {
  if (state === 'executed') return 'ok'
  if (state === 'failed' || state === 'refused') return 'refused'
  return state === 'waiting' || state === 'approved' ? 'attention' : 'unknown'
}

/** The name, or the id of a person whom the reader may not know. */
export function Who({ who }: { who: Approval['requestedBy'] }) {
  if (who === null) return <Trans>a control</Trans>
  return who.name === null ? <span className="mono">{who.id}</span> : who.name
}

export function agreed({ decisions }: Approval): number {
  return decisions.filter(({ decision }) => decision === 'approve').length
}

/** The buttons of a decision; each says why it cannot be pressed. */
export function Decide({ approval, children }: { approval: Approval; children?: ReactNode }) {
  const { t, i18n } = useLingui()
  const client = useQueryClient()
  const demo = useSession()?.mode === 'demo'
  const [asking, setAsking] = useState<'approve' | 'refuse' | 'withdraw' | null>(null)
  const { id, obstacle } = approval
  const isOpen = approval.state === 'waiting'
  const because = obstacle === null ? null : word(i18n, obstacleWords, obstacle)
  const done = async (reason: string): Promise<void> => {
    const at = { params: { path: { id } } }
    if (asking === 'withdraw') answerOf(await api.POST('/api/v1/approvals/{id}/withdraw', { ...at, body: { reason } }))
    else if (asking !== null) await decide(approval, asking, reason)
    await Promise.all([['approvals'], ['approval'], ['sim'], ['job']].map((queryKey) => client.invalidateQueries({ queryKey })))
  }
  const sentence = said(i18n, approval.summary)
  return (
    <>
      <div className="btns">
        {isOpen && (
          <>
            <Button primary because={because} onClick={() => setAsking('approve')}>
              <Trans>Approve…</Trans>
            </Button>
            <Button because={because} onClick={() => setAsking('refuse')}>
              <Trans>Refuse…</Trans>
            </Button>
          </>
        )}
        {approval.mayWithdraw && (
          <Button onClick={() => setAsking('withdraw')}>
            <Trans>Withdraw…</Trans>
          </Button>
        )}
        {children}
      </div>
      {asking !== null && (
        <AskReason
          title={asking === 'approve' ? t`Approve it?` : asking === 'refuse' ? t`Refuse it?` : t`Withdraw it?`}
          action={asking === 'approve' ? t`Approve` : asking === 'refuse' ? t`Refuse` : t`Withdraw`}
          text={
            <>
              <p>{sentence}</p>
              <p className="dim">
                {asking === 'withdraw' ? (
                  <Trans>Nobody can approve it any more, and nothing is done.</Trans>
                ) : demo ? (
                  <Trans>The demo knows no passkeys: the decision is kept unsigned, and says so.</Trans>
                ) : (
                  <Trans>Your passkey signs the hash of exactly this command.</Trans>
                )}
              </p>
            </>
          }
          onDone={done}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  )
}

/** The passkey signs what the server made of the command’s hash, the decision and the person. */
async function decide({ id, commandHash }: Approval, decision: 'approve' | 'refuse', reason: string): Promise<void> {
  const path = { id }
  const signing = answerOf(await api.GET('/api/v1/approvals/{id}/signing', { params: { path, query: { decision } } }))
  if (signing.commandHash !== commandHash) throw new Error('the command is not the one that was shown')
  const response = signing.options === null ? {} : { response: await provePasskey(signing.options) }
  answerOf(await api.POST('/api/v1/approvals/{id}/decision', { params: { path }, body: { decision, reason, ...response } }))
}
