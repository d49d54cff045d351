import type { I18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Params } from '../api/types.ts'
import { clock } from '../logic/format.ts'
import { alarmWords, objectiveWords } from './alarms.ts'
import { approvalWords } from './approvals.ts'
import { attackTextWords, attackWords, flowWords } from './attacks.ts'
import { controlWords } from './controls.ts'
import { storyWords } from './demo.ts'
import { needWords } from './needs.ts'
import { linkStateWords } from './network.ts'
import { overviewWords } from './overview.ts'
import { sentence, type Words, word } from './say.ts'
import { imposedWords, intendedWords, simWords } from './sims.ts'
import { timelineWords } from './timeline.ts'
import { classWords, modeWords, reasonWords } from './verdicts.ts'

/** Every sentence that the server sends as key and parameters. */
const serverWords: Words = {
  ...alarmWords,
  ...approvalWords,
  ...attackTextWords,
  ...controlWords,
  ...flowWords,
  ...needWords,
  ...overviewWords,
  ...simWords,
  ...storyWords,
  ...timelineWords,
}

const noAnswer = msg`no answer`

/** Titles of controls by the control's id. */
const controlTitlesById: Words = Object.fromEntries(
  Object.entries(controlWords).map(([key, words]) => [key.replace(/^control\./, ''), words]),
)

/** States, classes and reasons of SIMs; what is a name of its own stands as it is. */
const changedWords: Words = { ...intendedWords, ...imposedWords, ...classWords }

/** Parameters that are themselves words or times, in the reader's language. */
function readable(i18n: I18n, key: string, params: Params): Params {
  const out: Params = { ...params }
  if (/^(?:timeline|approval)\.sim-|^approval\.release-hold$/.test(key)) {
    for (const name of ['from', 'to', 'class']) {
      const value = params[name]
      if (name in params) out[name] = typeof value === 'string' ? word(i18n, changedWords, value) : '–'
    }
  }
  // What is imposed on a SIM has reasons of its own, beside those for which a message is refused.
  const why = key === 'timeline.imposed' ? imposedWords : reasonWords
  if (typeof params.reason === 'string') out.reason = word(i18n, why, params.reason)
  if (params.who === '') out.who = params.host ?? '–'
  if (typeof params.attack === 'string') out.attack = word(i18n, attackWords, params.attack)
  if (typeof params.objective === 'string') out.objective = word(i18n, objectiveWords, params.objective)
  if (params.code === null) out.code = i18n._(noAnswer)
  if (params.rule === null) out.rule = '–'
  if (typeof params.state === 'string') out.state = word(i18n, linkStateWords, params.state)
  if (typeof params.mode === 'string') out.mode = word(i18n, modeWords, params.mode)
  if (typeof params.control === 'string') out.control = word(i18n, controlTitlesById, params.control)
  for (const name of ['at', 'since', 'until']) {
    const value = params[name]
    if (typeof value === 'number' && value > 1e12) out[name] = clock(value)
  }
  for (const [name, value] of Object.entries(out)) {
    if (typeof value === 'number' && !codes.has(name))
      out[name] = new Intl.NumberFormat(i18n.locale, { maximumFractionDigits: 2 }).format(value)
  }
  return out
}

/** Numbers that are names: not to be grouped in thousands. */
const codes: ReadonlySet<string> = new Set(['cause', 'code', 'resultCode', 'port', 'needed'])

/** A sentence of the server's in the reader's language. */
export function said(i18n: I18n, message: { key: string; params?: Params }): string {
  return sentence(i18n, serverWords, { key: message.key, params: readable(i18n, message.key, message.params ?? {}) })
}

/** Whether there is such a sentence: second lines are optional. */
export function isSaid(key: string): boolean {
  return serverWords[key] !== undefined
}
