import { useLingui } from '@lingui/react/macro'
import { statusMark } from '../../api/state.ts'
import type { Requirement } from '../../api/types.ts'
import { Icon } from '../../parts/icon.tsx'
import { statusWords } from '../../words/controls.ts'
import { word } from '../../words/say.ts'

export const sourceNames = { clp14: 'CLP.14', en303645: 'EN 303 645' } as const

/** A requirement's name across both catalogues. */
export function keyOf(requirement: Requirement): string {
  return requirement.id
}

export function StatusTag({ status }: { status: Requirement['status'] }) {
  const { i18n } = useLingui()
  const { icon, tone } = statusMark[status]
  const tag = status === 'not-met' ? 'refuse' : status === 'attested' ? 'wait' : 'allow'
  return (
    <span className={`v ${tag} status-${status}`}>
      <Icon name={icon} tone={tone} size={12} />
      {word(i18n, statusWords, status)}
    </span>
  )
}
