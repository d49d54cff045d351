import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback } from 'react'
import { Link, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import { statusMark, statusOrder } from '../../api/state.ts'
import type { ControlsAnswer, Requirement, StatusCounts } from '../../api/types.ts'
import { useNow, useTopic } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { compareSections } from '../../logic/cite.ts'
import { parseFilter, type Term, toggleValue, valuesOf } from '../../logic/filter.ts'
import { count, exactTime } from '../../logic/format.ts'
import { Answer } from '../../parts/basics.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { ControlsBar } from '../../parts/small-charts.tsx'
import { sourceClassWords, statusWords, strengthWords } from '../../words/controls.ts'
import { word } from '../../words/say.ts'
import { durationText } from '../../words/units.ts'
import { RequirementPane } from './requirement-pane.tsx'
import { keyOf, StatusTag, sourceNames } from './status.tsx'
import { Tabs } from './tabs.tsx'
import { inLanguage } from './texts.ts'

export function ControlsPage() {
  const { t } = useLingui()
  const query = useQuery(queries.controls())
  const client = useQueryClient()
  const renew = useCallback(() => {
    for (const key of ['controls', 'control']) void client.invalidateQueries({ queryKey: [key] }, { cancelRefetch: false })
  }, [client])
  useTopic('controls', renew)
  return (
    <Page title={t`Controls`}>
      <Loaded query={query} what={t`the controls`}>
        {(answer) => <Body answer={answer} />}
      </Loaded>
    </Page>
  )
}

function Body({ answer }: { answer: ControlsAnswer }) {
  const { t, i18n } = useLingui()
  const [search, setSearch] = useSearchParams()
  const control = search.get('control')
  const filter = search.get('filter') ?? (control === null ? '' : `control:${control}`)
  const openId = search.get('open')
  const set = (name: string, value: string | null): void =>
    setSearch(
      (now) => {
        if (value === null || value === '') now.delete(name)
        else now.set(name, value)
        if (name === 'filter') now.delete('control')
        return now
      },
      { replace: true },
    )
  const terms = parseFilter(filter)
  const found = answer.requirements.filter((one) => terms.every((term) => holds(one, term, i18n.locale)))
  const open = answer.requirements.find((one) => keyOf(one) === openId)
  return (
    <div className={`sg page-scroll${open === undefined ? '' : ' with-pane'}`}>
      <div className="head">
        <ControlsHeader answer={answer} />
        <FilterBar
          value={filter}
          onChange={(value) => set('filter', value)}
          placeholder={t`status:unknown strength:shall,should source:clp14, or words`}
          count={
            <Trans>
              {count(found.length, i18n.locale)} of {count(answer.requirements.length, i18n.locale)}
            </Trans>
          }
        />
        <StatusFacets filter={filter} counts={answer.counts} onChange={(value) => set('filter', value)} />
      </div>
      <div className="list-box">
        {found.length === 0 ? (
          <Blank title={<Trans>No requirement matches</Trans>} text={t`Fewer terms may find it.`} />
        ) : (
          <RequirementTable found={found} openId={openId} search={search} onOpen={(id) => set('open', id)} />
        )}
      </div>
      {open !== undefined && <RequirementPane requirement={open} controls={answer.controls} onClose={() => set('open', null)} />}
    </div>
  )
}

function holds(one: Requirement, term: Term, locale: string): boolean {
  if (term.kind === 'compare') return true
  if (term.kind === 'words') {
    const text = [
      one.id,
      one.title.en,
      one.requirement.en,
      inLanguage(one.title, locale),
      inLanguage(one.requirement, locale),
      ...one.controlIds,
    ]
      .join(' ')
      .toLowerCase()
    return text.includes(term.text.toLowerCase()) !== term.not
  }
  const values: Readonly<Record<string, readonly string[]>> = {
    status: [one.status],
    source: [one.source],
    strength: [one.strength],
    section: [one.section],
    audience: [one.audience],
    kind: [one.kind],
    control: one.controlIds,
    id: [one.id],
  }
  const mine = values[term.field] ?? []
  return term.values.some((value) => mine.some((own) => own.toLowerCase() === value.toLowerCase())) !== term.not
}

function ControlsHeader({ answer }: { answer: ControlsAnswer }) {
  const { t, i18n } = useLingui()
  const { locale } = i18n
  const core = answer.operatorCore
  const met = count(core.met, locale)
  const total = count(core.total, locale)
  const unknown = count(core.unknown, locale)
  const notMet = answer.counts.notMet
  const state = notMet > 0 ? 'refused' : core.unknown > 0 ? 'unknown' : 'ok'
  const title =
    notMet > 0
      ? t`${met} of ${total} met, ${count(notMet, locale)} not met, ${unknown} unknown`
      : t`${met} of ${total} met, ${unknown} unknown`
  const all = count(answer.counts.total, locale)
  return (
    <>
      <Answer
        state={state}
        title={title}
        text={
          <Trans>
            Counted over what CLP.14 asks of the operator with shall or should. Below stand all {all} requirements; unknown means no
            evidence, and is never rounded up.
          </Trans>
        }
      >
        <Tabs here="requirements" />
      </Answer>
      <div className="controls-bar">
        <ControlsBar counts={answer.counts} />
      </div>
    </>
  )
}

const statusKeys = {
  met: 'met',
  attested: 'attested',
  'not-met': 'notMet',
  unknown: 'unknown',
  offered: 'offered',
  'not-offered': 'notOffered',
  'not-applicable': 'notApplicable',
} as const satisfies Record<string, keyof StatusCounts>

function StatusFacets({ filter, counts, onChange }: { filter: string; counts: StatusCounts; onChange: (filter: string) => void }) {
  const { t, i18n } = useLingui()
  const toggle = (field: string, value: string, text: ReactNode) => (
    <button
      key={`${field}:${value}`}
      type="button"
      aria-pressed={valuesOf(filter, field).includes(value)}
      onClick={() => onChange(toggleValue(filter, field, value))}
    >
      {text}
    </button>
  )
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex row in every browser
    <div className="facets wrap" role="group" aria-label={t`Facets`}>
      <button type="button" aria-pressed={filter === ''} onClick={() => onChange('')}>
        <Trans>All</Trans> <b>{count(counts.total, i18n.locale)}</b>
      </button>
      {statusOrder.map((status) =>
        toggle(
          'status',
          status,
          <>
            <Icon name={statusMark[status].icon} tone={statusMark[status].tone} size={12} />
            {word(i18n, statusWords, status)} <b>{count(counts[statusKeys[status]], i18n.locale)}</b>
          </>,
        ),
      )}
      <span className="facet-gap" />
      {(['clp14', 'en303645'] as const).map((source) => toggle('source', source, sourceNames[source]))}
      <span className="facet-gap" />
      {(['shall', 'should', 'can'] as const).map((strength) => toggle('strength', strength, word(i18n, strengthWords, strength)))}
    </div>
  )
}

function RequirementTable({
  found,
  openId,
  search,
  onOpen,
}: {
  found: readonly Requirement[]
  openId: string | null
  search: URLSearchParams
  onOpen: (id: string) => void
}) {
  const { t, i18n } = useLingui()
  const now = useNow(10_000)
  const groups = Map.groupBy(found, (one) => `${one.source} ${one.section}`)
  const keys = [...groups.keys()].toSorted((a, b) => {
    const [sourceA = '', sectionA = ''] = a.split(' ')
    const [sourceB = '', sectionB = ''] = b.split(' ')
    return sourceA.localeCompare(sourceB) || compareSections(sectionA, sectionB)
  })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="list" tabIndex={0} aria-label={t`Requirements`}>
      <table className="rows requirements">
        <colgroup>
          <col className="w88" />
          <col />
          <col className="w72 wide" />
          <col className="w120" />
          <col className="w180 wide" />
        </colgroup>
        <thead>
          <tr>
            <th>
              <Trans>Id</Trans>
            </th>
            <th>
              <Trans>Requirement</Trans>
            </th>
            <th className="wide">
              <Trans>Strength</Trans>
            </th>
            <th>
              <Trans>Status</Trans>
            </th>
            <th className="num wide">
              <Trans>Evidence</Trans>
            </th>
          </tr>
        </thead>
        {keys.map((key) => {
          const rows = groups.get(key) ?? []
          const first = rows[0]
          if (first === undefined) return null
          const name = `${sourceNames[first.source]} §${first.section}`
          return (
            <tbody key={key}>
              <tr className="group">
                <th colSpan={3} scope="rowgroup">
                  {name}
                  <span>{rows.length}</span>
                </th>
                <td className="wide" colSpan={2} />
              </tr>
              {rows.map((one) => {
                const id = keyOf(one)
                const here = new URLSearchParams(search)
                here.set('open', id)
                const age = one.evidenceAt === null ? '' : durationText(i18n, now - one.evidenceAt)
                return (
                  <tr
                    key={id}
                    aria-selected={id === openId || undefined}
                    className="can-open"
                    onClick={(event) => {
                      if (!(event.target instanceof Element && event.target.closest('a') !== null)) onOpen(id)
                    }}
                  >
                    <td className="mono">
                      <Link to={`?${here}`} replace>
                        {one.number}
                      </Link>
                    </td>
                    <td title={inLanguage(one.requirement, i18n.locale)}>{inLanguage(one.title, i18n.locale)}</td>
                    <td className="dim wide">{word(i18n, strengthWords, one.strength)}</td>
                    <td>
                      <StatusTag status={one.status} />
                    </td>
                    <td className="num dim3 wide" title={one.evidenceAt === null ? undefined : exactTime(one.evidenceAt)}>
                      {one.evidenceAt === null ? '–' : <Trans>{age} ago</Trans>}
                      {one.sourceClass !== null && `, ${word(i18n, sourceClassWords, one.sourceClass)}`}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          )
        })}
      </table>
    </section>
  )
}
