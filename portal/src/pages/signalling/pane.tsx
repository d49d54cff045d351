import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { SignalDetail } from '../../api/types.ts'
import { useSession } from '../../app/session.tsx'
import { clock, clockMillis, fineMs } from '../../logic/format.ts'
import { decidingAvp, flatten } from '../../logic/octets.ts'
import { isAttack } from '../../logic/verdict.ts'
import { Button, Copy, VerdictTag } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { AvpTable, commandName, Judgement, Octets } from '../../parts/message-view.tsx'
import { RuleModeDialog } from '../controls/rule-mode.tsx'
import { useClaim } from './claim.ts'

/** One message: what happened, why, on which facts, and the octets that say so. */
export function SignalPane({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useLingui()
  const query = useQuery(queries.signal(id))
  const pane = useRef<HTMLElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && document.querySelector('[role=dialog]') === null) onClose()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [onClose])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <aside className="pane" ref={pane} tabIndex={0} aria-label={t`Message`}>
      <Loaded query={query} what={t`the message`}>
        {(detail) => <PaneBody key={detail.id} detail={detail} onClose={onClose} />}
      </Loaded>
      {query.data === undefined && (
        <button type="button" className="pane-close" aria-label={t`Close`} onClick={onClose}>
          <Icon name="x" />
        </button>
      )}
    </aside>
  )
}

function PaneBody({ detail, onClose }: { detail: SignalDetail; onClose: () => void }) {
  const { t, i18n } = useLingui()
  const claim = useClaim(detail)
  const [side, setSide] = useState<'request' | 'answer'>('request')
  const message = side === 'request' ? detail.request : detail.answer
  const code = detail.resultCode
  const avps = message === null ? 0 : flatten(message.tree).length
  const octets = message === null ? 0 : message.hex.length / 2
  const latency = fineMs(detail.latencyMs, i18n.locale)
  return (
    <>
      <section>
        <div className="bar-top">
          <VerdictTag action={detail.action} reason={detail.reason} />
          <span>
            {detail.operation}, {detail.interface}, {clock(detail.at)}
            {clockMillis(detail.at)}
          </span>
          <span className="x">
            <Copy text={plainText(detail, claim.title)} size={16} />
            <button type="button" aria-label={t`Close`} onClick={onClose}>
              <Icon name="x" />
            </button>
          </span>
        </div>
        <h2>{claim.title}</h2>
        <p>
          {claim.would}{' '}
          {code === null ? (
            detail.action === 'drop' ? (
              <Trans>It got no answer.</Trans>
            ) : null
          ) : isAttack(detail.action, detail.reason) ? (
            <Trans>This one answered {code}.</Trans>
          ) : (
            <Trans>
              Answered {code} in {latency} ms.
            </Trans>
          )}
        </p>
      </section>
      <section>
        <Judgement detail={detail} />
      </section>
      {message === null ? (
        <section>
          <h4>
            <Trans>Octets</Trans>
          </h4>
          <p>
            <Trans>The octets of this message were not kept: they are, for messages of note and for a sample of the others.</Trans>
          </p>
        </section>
      ) : (
        <>
          <section>
            <h4>
              {commandName(message.name)}
              <span>
                <Trans>
                  {avps} AVPs, {octets} octets
                </Trans>
                {detail.answer !== null && detail.request !== null && (
                  <button type="button" className="link" onClick={() => setSide(side === 'request' ? 'answer' : 'request')}>
                    {side === 'request' ? <Trans>Show the answer</Trans> : <Trans>Show the request</Trans>}
                  </button>
                )}
              </span>
            </h4>
            <AvpTable
              tree={message.tree}
              deciding={side === 'request' ? decidingAvp(message.tree, detail.reason, detail.facts) : undefined}
            />
          </section>
          <section>
            <Octets message={message} reason={side === 'request' ? detail.reason : 'ok'} facts={detail.facts} />
          </section>
        </>
      )}
      <Acts detail={detail} />
    </>
  )
}

function Acts({ detail }: { detail: SignalDetail }) {
  const { t } = useLingui()
  const session = useSession()
  const [asking, setAsking] = useState(false)
  const { rule } = detail
  const may = session?.permissions.includes('rules:write') ?? false
  return (
    <section className="acts">
      {detail.imsi !== null && (
        <Link className="btn" to={`/sims/${encodeURIComponent(detail.imsi)}`}>
          <Trans>Open SIM</Trans>
        </Link>
      )}
      {rule !== null && rule.id !== 'default' && (
        <Button
          onClick={() => setAsking(true)}
          because={may ? null : t`Changing a rule needs the permission rules:write; your role does not have it.`}
        >
          <Trans>Change rule mode…</Trans>
        </Button>
      )}
      {detail.request !== null && (
        <Button onClick={() => saveCapture(detail)}>
          <Trans>Save as capture</Trans>
        </Button>
      )}
      {asking && rule !== null && <RuleModeDialog ruleId={rule.id} mode={rule.mode} onClose={() => setAsking(false)} />}
    </section>
  )
}

function plainText(detail: SignalDetail, title: string): string {
  const facts = detail.facts.map((fact) => `${fact.name}: ${fact.value} (${fact.source})`)
  return [
    `${new Date(detail.at).toISOString()} ${detail.operation} ${detail.imsi ?? ''}`,
    title,
    `${detail.action} ${detail.reason} by ${detail.ruleId}`,
    ...facts,
  ].join('\n')
}

/** Hex as `text2pcap` and Wireshark's import read it. */
function saveCapture(detail: SignalDetail): void {
  const dump = [detail.request, detail.answer].flatMap((message) => (message === null ? [] : [hexDump(message.hex)])).join('\n\n')
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([`${dump}\n`], { type: 'text/plain' }))
  link.download = `simward-${detail.operation}-${detail.id}.txt`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

function hexDump(hex: string): string {
  return (hex.match(/.{1,32}/g) ?? [])
    .map((line, i) => `${(i * 16).toString(16).padStart(6, '0')} ${line.replaceAll(/(..)/g, '$1 ').trim()}`)
    .join('\n')
}
