import { msg, plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import type { Overview } from '../../api/types.ts'
import { count, rate } from '../../logic/format.ts'
import { type Clause, verdictClauses } from '../../logic/verdict.ts'
import { isSaid, said } from '../../words/server.ts'

const joint = msg({ message: ', ', context: 'between clauses' })

/** The verdict sentence: figures first, in the reader's language. */
export function useVerdictSentence(): (overview: Overview) => string {
  const { t, i18n } = useLingui()
  const clauseText = (clause: Clause): string => {
    switch (clause.kind) {
      case 'attacks':
        return plural(clause.refused, { one: '# attack refused', other: '# attacks refused' })
      case 'vectors':
        return plural(clause.leaked, { one: '# vector leaked', other: '# vectors leaked' })
      case 'critical': {
        const back = count(clause.back, i18n.locale)
        const total = count(clause.total, i18n.locale)
        return t`${back} of ${total} critical devices back`
      }
      case 'registrations': {
        const perSecond = rate(clause.perSecond, i18n.locale)
        return t`No attack, ${perSecond} registrations a second`
      }
      case 'below-objective':
        return t`Attach success is below its objective`
      case 'answers-slow':
        return t`Answers are slower than their objective`
      case 'quiet':
        return t`Nothing was asked in this window`
    }
  }
  return (overview) => {
    if (isSaid(overview.verdict.key)) return said(i18n, overview.verdict)
    return verdictClauses(overview).map(clauseText).join(i18n._(joint))
  }
}
