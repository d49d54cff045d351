import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { SignalRow, SimDetail, TimelineItem } from '../../api/types.ts'
import { useNow, useTopic } from '../../app/now.tsx'
import { clock, clockMillis, exactTime, rate } from '../../logic/format.ts'
import { decidingAvp } from '../../logic/octets.ts'
import { spacingMs, type TimelineLine, type TimelineView, timelineLines } from '../../logic/timeline.ts'
import { Button, Choice } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { AvpTable, commandName, Judgement } from '../../parts/message-view.tsx'
import { word } from '../../words/say.ts'
import { isSaid, said } from '../../words/server.ts'
import { outcomeWords } from '../../words/timeline.ts'
import { durationText } from '../../words/units.ts'
import { reasonWords } from '../../words/verdicts.ts'

/** One timeline in three lanes, newest first, what is expected next on top. */
export function Timeline({ sim }: { sim: SimDetail }) {
  const { t } = useLingui()
  const [view, setView] = useState<TimelineView>('all')
  const [openId, setOpenId] = useState<string | null>(null)
  const query = useInfiniteQuery(queries.timeline(sim.id))
  const client = useQueryClient()
  const onSignals = useCallback(
    (data: unknown) => {
      const { rows = [] } = (data ?? {}) as { rows?: SignalRow[] }
      if (!rows.some((row) => row.imsi === sim.imsi)) return
      void client.invalidateQueries({ queryKey: ['timeline', sim.id] }, { cancelRefetch: false })
      void client.invalidateQueries({ queryKey: ['sim'] }, { cancelRefetch: false })
    },
    [client, sim.id, sim.imsi],
  )
  useTopic('signals', onSignals)
  const items = query.data?.pages.flatMap((page) => page.items) ?? []
  const lines = timelineLines(items, view)
  return (
    <section className="tl" aria-label={t`Timeline`}>
      <div className="tl-head">
        <h2>
          <Trans>Timeline</Trans>
        </h2>
        <div className="lanes-key">
          <span>
            <Icon name="signalling" size={12} />
            <Trans>Signalling</Trans>
          </span>
          <span>
            <Icon name="policy" size={12} />
            <Trans>Policy</Trans>
          </span>
          <span>
            <Icon name="square" size={12} />
            <Trans>People</Trans>
          </span>
        </div>
        <Choice
          label={t`Shown`}
          value={view}
          onChange={setView}
          options={[
            { value: 'all', label: t`All` },
            { value: 'refused', label: t`Refused` },
            { value: 'changes', label: t`Changes` },
          ]}
        />
      </div>
      <Loaded query={query} what={t`the timeline`}>
        {() => (
          <ol>
            {sim.expectedNext !== null && view !== 'changes' && <Expected next={sim.expectedNext} />}
            {lines.map((line) => (
              <Event key={line.id} line={line} open={line.id === openId} onToggle={() => setOpenId(line.id === openId ? null : line.id)} />
            ))}
            {lines.length === 0 && (
              <li>
                <Blank
                  title={<Trans>Nothing yet</Trans>}
                  text={
                    view === 'all'
                      ? t`Signalling of this SIM, what policy did and what people changed stand here. The device has not been seen.`
                      : t`Nothing of this kind happened.`
                  }
                />
              </li>
            )}
          </ol>
        )}
      </Loaded>
      {query.hasNextPage && (
        <div className="more">
          <Button onClick={() => void query.fetchNextPage()} busy={query.isFetchingNextPage}>
            <Trans>Show older</Trans>
          </Button>
        </div>
      )}
    </section>
  )
}

function Lanes({ lane, icon }: { lane: TimelineItem['lane']; icon: 'signalling' | 'policy' | 'people' | 'next' }) {
  return (['signalling', 'policy', 'people'] as const).map((one) => (
    <span key={one} className={`ln${one === lane ? ' has' : ''}`}>
      {one === lane && <Icon name={icon === 'people' ? 'square' : icon} size={12} />}
    </span>
  ))
}

function Expected({ next }: { next: NonNullable<SimDetail['expectedNext']> }) {
  const { t, i18n } = useLingui()
  const now = useNow()
  const middle = (next.from + next.to) / 2
  const span = durationText(i18n, middle - now)
  const why = said(i18n, next.because)
  const from = clock(next.from)
  const to = clock(next.to)
  return (
    <li className="ev next">
      <Lanes lane="signalling" icon="next" />
      <time dateTime={new Date(middle).toISOString()} title={exactTime(middle)}>
        {clock(middle)}
      </time>
      <div className="what">
        <Trans>Next attempt expected</Trans>
        <small>
          <Trans>
            {why}: between {from} and {to}
          </Trans>
        </small>
      </div>
      <div className="side">
        <span>{middle > now ? t`in about ${span}` : t`due ${span} ago`}</span>
        <span className="i" />
      </div>
    </li>
  )
}

function Event({ line, open, onToggle }: { line: TimelineLine; open: boolean; onToggle: () => void }) {
  const { t } = useLingui()
  const [newest] = line.items
  if (newest === undefined) return null
  const { signal } = newest
  return (
    <li className={`ev${line.tone === '' ? '' : ` is-${line.tone}`}${open ? ' open' : ''}`}>
      <Lanes lane={line.lane} icon={line.lane} />
      <time dateTime={new Date(line.at).toISOString()} title={exactTime(line.at)}>
        {clock(line.at)}
        <small>{clockMillis(line.at)}</small>
      </time>
      <div className="what">{signal === null ? <ChangeText item={newest} /> : <SignalText signal={signal} line={line} />}</div>
      <div className="side">
        <span>{signal === null ? <By who={newest.by} name={newest.byName} /> : <SignalSide signal={signal} n={line.items.length} />}</span>
        {signal === null ? (
          <span className="i" />
        ) : (
          <button type="button" aria-expanded={open} aria-label={open ? t`Close the message` : t`Open the message`} onClick={onToggle}>
            <Icon name={open ? 'down' : 'chev'} tone="dim3" />
          </button>
        )}
      </div>
      {open && signal !== null && <MessageBox id={signal.id} />}
    </li>
  )
}

/** A control by its word, a person by name where the reader may know it. */
function By({ who, name }: { who: string | null; name: string | null }) {
  if (name !== null) return <span title={who ?? undefined}>{name}</span>
  if (who === null) return null
  if (!/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(who)) return who
  return (
    <span title={who}>
      <Trans>a person</Trans>
    </span>
  )
}

function ChangeText({ item }: { item: TimelineItem }) {
  const { i18n } = useLingui()
  const key = item.key ?? ''
  const note = isSaid(`${key}.text`) ? said(i18n, { key: `${key}.text`, params: item.params }) : null
  const typed = typeof item.params.note === 'string' && item.params.note !== '' ? item.params.note : null
  return (
    <>
      <b>{isSaid(key) ? said(i18n, { key, params: item.params }) : plainKey(key)}</b>
      {(note ?? typed) !== null && <small>{note ?? typed}</small>}
    </>
  )
}

/** A kind of event that is newer than the words: its own name is better than none. */
function plainKey(key: string): string {
  return key.replace(/^timeline\./, '').replaceAll('-', ' ')
}

function SignalText({ signal, line }: { signal: SignalRow; line: TimelineLine }) {
  const { t, i18n } = useLingui()
  const n = line.items.length
  const outcome = word(i18n, outcomeWords, signal.action)
  const { operation } = signal
  if (n > 1) {
    const spacing = durationText(i18n, spacingMs(line.items) ?? 0)
    return (
      <>
        <Trans>
          <b>
            {n} more {operation}
          </b>{' '}
          {outcome}, {spacing} apart
        </Trans>
        <small>{word(i18n, reasonWords, signal.reason)}</small>
      </>
    )
  }
  const from = `${signal.partnerName ?? signal.originHost}${signal.visitedPlmn === null ? '' : ` ${signal.visitedPlmn}`}`
  const held = rate(signal.heldMs / 1000, i18n.locale)
  const shadowed = signal.shadow[0]?.ruleId ?? ''
  const why = signal.reason === 'ok' ? '' : word(i18n, reasonWords, signal.reason)
  const below =
    signal.vectors > 0
      ? plural(signal.vectors, { one: '# vector for E-UTRAN', other: '# vectors for E-UTRAN' })
      : signal.heldMs > 0
        ? t`held ${held} s`
        : signal.shadow.length > 0
          ? t`would be refused by ${shadowed}, were it active`
          : null
  return (
    <>
      {why === '' ? (
        <Trans>
          <b>{operation}</b> from {from} {outcome}
        </Trans>
      ) : (
        <Trans>
          <b>{operation}</b> from {from} {outcome}: {why}
        </Trans>
      )}
      {below !== null && <small>{below}</small>}
    </>
  )
}

function SignalSide({ signal, n }: { signal: SignalRow; n: number }) {
  const { i18n, t } = useLingui()
  if (n > 1) return `${signal.resultCode ?? ''} × ${n}`
  return `${signal.resultCode ?? t`no answer`}, ${rate(signal.latencyMs, i18n.locale)} ms`
}

/** The message inside its line: elements at the left, judgement at the right. */
function MessageBox({ id }: { id: string }) {
  const { t } = useLingui()
  const query = useQuery(queries.signal(id))
  return (
    <Loaded query={query} what={t`the message`}>
      {(detail) => (
        <div className="msg">
          <div>
            {detail.request === null ? (
              <p className="dim">
                <Trans>The octets of this message were not kept: they are, for messages of note and for a sample of the others.</Trans>
              </p>
            ) : (
              <>
                <h4>
                  {commandName(detail.request.name)}
                  <span>
                    {detail.interface}, <Trans>{detail.request.hex.length / 2} octets</Trans>
                  </span>
                </h4>
                <AvpTable tree={detail.request.tree} deciding={decidingAvp(detail.request.tree, detail.reason, detail.facts)} />
              </>
            )}
          </div>
          <div className="judged">
            <Judgement detail={detail} narrow />
          </div>
        </div>
      )}
    </Loaded>
  )
}
