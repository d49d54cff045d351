import { Trans, useLingui } from '@lingui/react/macro'
import { Fragment, useState } from 'react'
import { Link } from 'react-router'
import type { AvpNode, Fact, MessageView, Reason, SignalDetail } from '../api/types.ts'
import { citation, citations } from '../logic/cite.ts'
import { count } from '../logic/format.ts'
import { decidingAvp, flatten, hexLines, rangeOf, shownRange } from '../logic/octets.ts'
import { deviceDoesWords, onCardWords } from '../words/device.ts'
import { factWords } from '../words/facts.ts'
import { ruleWords } from '../words/rules.ts'
import { word } from '../words/say.ts'
import { classWords, modeWords, sourceWords } from '../words/verdicts.ts'
import { Icon } from './icon.tsx'

/** Name, code, flags, value; the one that decided marked, and any fault named. */
export function AvpTable({ tree, deciding }: { tree: readonly AvpNode[]; deciding: AvpNode | undefined }) {
  return (
    <table className="avps">
      <tbody>
        {flatten(tree).map(({ node, depth }) => (
          <tr key={node.offset} className={`${node === deciding ? 'hit' : ''}${depth > 0 ? ` in in-${Math.min(depth, 3)}` : ''}`}>
            <td className="n" title={node.name}>
              {node.name}
            </td>
            <td className="c">{node.code}</td>
            <td className="f">{node.flags.replaceAll('-', '')}</td>
            <td className="mono" title={node.value}>
              {node.children === undefined || node.children.length === 0 ? node.value : ''}
              {node.fault !== undefined && <span className="ref"> {node.fault}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Rule, predicate, mode and control, then the facts that decided, each with where it came from. */
export function Judgement({ detail, narrow = false }: { detail: SignalDetail; narrow?: boolean }) {
  const { i18n } = useLingui()
  const { rule } = detail
  const hit = hitFact(detail.facts, detail.reason, detail.request)
  const cite = rule === null ? '' : [word(i18n, modeWords, rule.mode), narrow ? '' : cited(rule)].filter(Boolean).join(', ')
  const shadow = detail.shadow.map((one) => one.ruleId).join(', ')
  return (
    <>
      {rule === null ? (
        <h4>
          <Trans>No rule stood against it</Trans>
        </h4>
      ) : (
        <>
          <h4>
            <Link to={`/controls/rules?rule=${encodeURIComponent(rule.id)}`}>
              <Trans>Rule {rule.id}</Trans>
            </Link>
            <span title={[rule.spec, citations(rule.requirementIds)].filter(Boolean).join(', ')}>{cite}</span>
          </h4>
          <p className="says">{ruleWords[rule.id] === undefined ? rule.says : word(i18n, ruleWords, rule.id)}</p>
          <div className="pred" title={rule.when}>
            {rule.when}
          </div>
        </>
      )}
      {narrow ? <FactList detail={detail} hit={hit} /> : <FactTable facts={detail.facts} hit={hit} />}
      {shadow !== '' && (
        <p className="att shadow-note">
          <Trans>Would have been refused, were it active: {shadow}</Trans>
        </p>
      )}
    </>
  )
}

/** The first requirement that the rule serves, and how many more; the rest is on the hover. */
function cited(rule: NonNullable<SignalDetail['rule']>): string {
  const [first, ...more] = [...new Set(rule.requirementIds.map(citation))]
  if (first === undefined) return rule.spec
  return more.length === 0 ? first : `${first} +${more.length}`
}

/** The facts where there is no room for their sources, and what the answer does to the device. */
function FactList({ detail, hit }: { detail: SignalDetail; hit: string | undefined }) {
  const { i18n } = useLingui()
  const code = String(detail.resultCode ?? '')
  const asks = detail.operation === 'AIR' || detail.operation === 'ULR'
  return (
    <dl className="why">
      {detail.facts.map((fact) => (
        <Fragment key={fact.name}>
          <dt title={fact.name}>{word(i18n, factWords, fact.name)}</dt>
          <dd className={fact.name === hit ? 'pair ref' : undefined} title={word(i18n, sourceWords, fact.source)}>
            <span className="mono">{fact.value}</span>
            {fact.name === hit && <Icon name="x" size={12} />}
          </dd>
        </Fragment>
      ))}
      {detail.class !== null && (
        <>
          <dt>
            <Trans>Class</Trans>
          </dt>
          <dd>{word(i18n, classWords, detail.class)}</dd>
        </>
      )}
      <dt>
        <Trans>Answer</Trans>
      </dt>
      <dd className="mono">{detail.resultCode ?? <Trans context="answer">none</Trans>}</dd>
      {asks && deviceDoesWords[code] !== undefined && (
        <>
          <dt>
            <Trans>Device does</Trans>
          </dt>
          <dd>{word(i18n, deviceDoesWords, code)}</dd>
          <dt>
            <Trans>On the card</Trans>
          </dt>
          <dd>{word(i18n, onCardWords, code)}</dd>
        </>
      )}
      {detail.rule !== null && (
        <>
          <dt>
            <Trans>Control</Trans>
          </dt>
          <dd>
            <Link className="link" to={`/controls?filter=control:${encodeURIComponent(detail.rule.control)}`}>
              {detail.rule.control}
            </Link>
            {detail.rule.requirementIds.length > 0 && `, ${citations(detail.rule.requirementIds)}`}
          </dd>
        </>
      )}
    </dl>
  )
}

function hitFact(facts: readonly Fact[], reason: Reason, request: MessageView | null): string | undefined {
  if (reason === 'ok') return undefined
  const deciding = request === null ? undefined : decidingAvp(request.tree, reason, facts)
  const claimed = facts.filter((fact) => fact.source === 'claimed')
  return (claimed.find((fact) => fact.name === deciding?.name) ?? claimed[0])?.name
}

const sourceIcon = { proven: 'ok', claimed: 'no', state: 'no', policy: 'no' } as const

function FactTable({ facts, hit }: { facts: readonly Fact[]; hit: string | undefined }) {
  const { i18n } = useLingui()
  return (
    <table className="factt">
      <tbody>
        {facts.map((fact) => {
          const isHit = fact.name === hit
          return (
            <tr key={fact.name} className={isHit ? 'hit' : undefined}>
              <td title={fact.name}>{word(i18n, factWords, fact.name)}</td>
              <td className="mono" title={fact.value}>
                {fact.value}
              </td>
              <td>
                <Icon
                  name={isHit ? 'ref' : sourceIcon[fact.source]}
                  size={12}
                  tone={isHit ? 'ref' : fact.source === 'proven' ? 'ok' : 'dim3'}
                />
                {word(i18n, sourceWords, fact.source)}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** The octets around the element that decided, with what they say; all of them on request. */
export function Octets({ message, reason, facts }: { message: MessageView; reason: Reason; facts: readonly Fact[] }) {
  const { t, i18n } = useLingui()
  const [all, setAll] = useState(false)
  const deciding = decidingAvp(message.tree, reason, facts)
  const total = message.hex.length / 2
  const range = deciding === undefined ? undefined : rangeOf(deciding)
  const shown = all ? { from: 0, to: total } : shownRange(total, range)
  const octets = count(total, i18n.locale)
  const { from, to } = shown
  return (
    <>
      <h4>
        <Trans>Octets</Trans>
        <span>
          {from === 0 && to >= total ? (
            octets
          ) : (
            <button type="button" className="link" onClick={() => setAll(true)}>
              <Trans>
                {octets}, showing {from} to {to - 1}
              </Trans>
            </button>
          )}
        </span>
      </h4>
      <div className="hexbox">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may scroll, so it must be reachable by keyboard */}
        <section className="hex" tabIndex={0} aria-label={t`Octets`}>
          {hexLines(message.hex, range === undefined ? [] : [range], shown).map((line) => (
            <div key={line.offset}>
              <span className="o">{line.offset.toString(16).padStart(4, '0')}</span>
              {'  '}
              <Runs octets={line.octets} />
              {'  '}
              <span className="t">{line.ascii}</span>
            </div>
          ))}
        </section>
        {deciding !== undefined && <HexNote node={deciding} refused={reason !== 'ok'} />}
      </div>
    </>
  )
}

function Runs({ octets }: { octets: readonly { text: string; marked: boolean }[] }) {
  const marked = octets.filter((octet) => octet.marked)
  const text = (part: readonly { text: string }[]): string => part.map((octet) => octet.text).join(' ')
  const pad = '   '.repeat(8 - octets.length)
  if (marked.length === 0) return `${text(octets)}${pad}`
  if (marked.length === octets.length)
    return (
      <>
        <mark>{text(octets)}</mark>
        {pad}
      </>
    )
  const first = octets.findIndex((octet) => octet.marked)
  const before = octets.slice(0, first)
  const after = octets.slice(first + marked.length)
  return (
    <>
      {before.length > 0 && `${text(before)} `}
      <mark>{text(marked)}</mark>
      {after.length > 0 && ` ${text(after)}`}
      {pad}
    </>
  )
}

function HexNote({ node, refused }: { node: AvpNode; refused: boolean }) {
  const padding = (4 - (node.length % 4)) % 4
  return (
    <div className={`hexnote${refused ? '' : ' calm'}`}>
      <b>{node.name}</b>
      {node.code}
      {node.vendor !== 0 && (
        <>
          , <Trans>vendor {node.vendor}</Trans>
        </>
      )}
      , {node.flags.replaceAll('-', '')},{' '}
      {padding === 0 ? (
        <Trans>{node.length} octets</Trans>
      ) : (
        <Trans>
          {node.length} octets + {padding} pad
        </Trans>
      )}
      <span className="mono">{node.value}</span>
    </div>
  )
}

const commandNames: Readonly<Record<string, string>> = {
  AI: 'Authentication-Information',
  UL: 'Update-Location',
  PU: 'Purge-UE',
  NO: 'Notify',
  CL: 'Cancel-Location',
  ID: 'Insert-Subscriber-Data',
  DS: 'Delete-Subscriber-Data',
  RS: 'Reset',
}

/** `ULR` as the specification prints its name: Update-Location-Request. */
export function commandName(name: string): string {
  const match = /^([A-Z]{2})([RA])(.*)$/.exec(name)
  const long = commandNames[match?.[1] ?? '']
  return match === null || long === undefined ? name : `${long}-${match[2] === 'R' ? 'Request' : 'Answer'}${match[3]}`
}
