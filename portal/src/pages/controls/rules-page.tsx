import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import { markOf } from '../../api/state.ts'
import type { Rule, State } from '../../api/types.ts'
import { useTopic } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { useMay, useSession } from '../../app/session.tsx'
import { citations } from '../../logic/cite.ts'
import { count } from '../../logic/format.ts'
import { Answer, Button, Since, VerdictTag } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { ruleWords } from '../../words/rules.ts'
import { word } from '../../words/say.ts'
import { modeWords, reasonWords } from '../../words/verdicts.ts'
import { TryAgain } from '../demo/try-again.tsx'
import { RuleModeDialog } from './rule-mode.tsx'
import { Tabs } from './tabs.tsx'

export function RulesPage() {
  const { t } = useLingui()
  const query = useQuery(queries.rules())
  const client = useQueryClient()
  const renew = useCallback(() => void client.invalidateQueries({ queryKey: ['rules'] }, { cancelRefetch: false }), [client])
  useTopic('controls', renew)
  return (
    <Page title={t`Rules`} parent={{ title: t`Controls`, to: '/controls' }}>
      <Loaded query={query} what={t`the rules`}>
        {({ items }) => (
          <>
            <RulesAnswer rules={items} />
            {items.length === 0 ? (
              <Blank title={<Trans>No rule</Trans>} text={t`No function that screens messages runs here.`} />
            ) : (
              <RuleTable rules={items} />
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function RulesAnswer({ rules }: { rules: readonly Rule[] }) {
  const { t } = useLingui()
  const active = rules.filter((rule) => rule.mode === 'active').length
  const waiting = rules.length - active
  const weakened = rules.filter((rule) => rule.defaultMode === 'active' && rule.mode !== 'active')
  const first = weakened[0]?.id ?? ''
  const state: State = weakened.length > 0 ? 'refused' : waiting > 0 ? 'attention' : 'ok'
  const title =
    weakened.length === 1
      ? t`${first} does not act`
      : weakened.length > 1
        ? t`${weakened.length} rules do not act that should`
        : waiting === 0
          ? t`All ${active} rules act`
          : t`${active} rules act, ${waiting} only watch`
  return (
    <Answer
      state={state}
      title={title}
      text={<Trans>Rules are judged in this order; the first that matches decides. One in shadow says what it would have done.</Trans>}
    >
      <Tabs here="rules" />
    </Answer>
  )
}

const modeMark = {
  active: { icon: 'ok', tone: 'ok' },
  shadow: { icon: 'att', tone: 'att' },
  learn: { icon: 'att', tone: 'att' },
  off: { icon: 'ref', tone: 'ref' },
} as const

function RuleTable({ rules }: { rules: readonly Rule[] }) {
  const { i18n, t } = useLingui()
  const [search] = useSearchParams()
  const chosen = search.get('rule')
  const [asking, setAsking] = useState<Rule | null>(null)
  const demo = useSession()?.mode === 'demo'
  const may = useMay('rules:write')
  const because = may ? null : t`Changing a rule needs the permission rules:write; your role does not have it.`
  const row = useRef<HTMLTableRowElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another rule is named in the address
  useEffect(() => {
    // After the frame has put the new page at its top.
    requestAnimationFrame(() => void row.current?.scrollIntoView({ block: 'center' }))
  }, [chosen])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
    <section className="scroll-x rule-box" tabIndex={0} aria-label={t`Rules`}>
      <table className="rows rules">
        <colgroup>
          <col className="w240" />
          <col />
          <col className="w148 wide" />
          <col className="w88 wide" />
          <col className="w88 wide" />
          <col className="w100" />
          <col className={demo ? 'w260' : 'w88'} />
        </colgroup>
        <thead>
          <tr>
            <th>
              <Trans>Rule</Trans>
            </th>
            <th>
              <Trans>What it says</Trans>
            </th>
            <th className="wide">
              <Trans>Verdict</Trans>
            </th>
            <th className="num wide">
              <Trans>Decided</Trans>
            </th>
            <th className="num wide">
              <Trans>Would have</Trans>
            </th>
            <th>
              <Trans>Mode</Trans>
            </th>
            <th className="num">
              <span className="hidden-text">
                <Trans>Change</Trans>
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => {
            const mark = modeMark[rule.mode]
            const says = ruleWords[rule.id] === undefined ? rule.says : word(i18n, ruleWords, rule.id)
            const cite = [rule.spec, citations(rule.requirementIds)].filter(Boolean).join(', ')
            return (
              <tr key={rule.id} ref={rule.id === chosen ? row : undefined} aria-selected={rule.id === chosen || undefined}>
                <td>
                  <Link className="mono" to={`/signalling?filter=${encodeURIComponent(`rule:${rule.id}`)}`} title={t`Its messages`}>
                    {rule.id}
                  </Link>
                  <small className="dim3">{rule.operations.join(' ')}</small>
                </td>
                <td className="two-lines">
                  {says}
                  <small className="mono dim3" title={`${rule.when} · ${cite}`}>
                    {rule.when}
                  </small>
                </td>
                <td className="wide">
                  <VerdictTag action={rule.action} reason={rule.reason} />
                  {rule.reason !== 'ok' && (
                    <small className={markOf(rule.action, rule.reason).tone}>{word(i18n, reasonWords, rule.reason)}</small>
                  )}
                </td>
                <td className="num wide">
                  {count(rule.decided, i18n.locale)}
                  {rule.lastAt !== null && (
                    <small className="dim3">
                      <Since at={rule.lastAt} />
                    </small>
                  )}
                </td>
                <td className={`num wide${rule.wouldHave > 0 ? ' att' : ' dim3'}`}>{count(rule.wouldHave, i18n.locale)}</td>
                <td>
                  <span className="with-icon" title={rule.changeReason ?? undefined}>
                    <Icon name={mark.icon} tone={mark.tone} size={12} />
                    {word(i18n, modeWords, rule.mode)}
                  </span>
                  {rule.changedBy !== null && <small className="dim3">{rule.changedBy}</small>}
                </td>
                <td className="num">
                  <span className="btns end">
                    {demo && <TryAgain rule={rule} />}
                    <Button small because={because} onClick={() => setAsking(rule)}>
                      <Trans>Mode…</Trans>
                    </Button>
                  </span>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {asking !== null && <RuleModeDialog ruleId={asking.id} mode={asking.mode} onClose={() => setAsking(null)} />}
    </section>
  )
}
