import type { I18n, MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { durationPieces, type Piece } from '../logic/format.ts'
import { filled } from './say.ts'

const units: Readonly<Record<Piece['unit'], MessageDescriptor>> = {
  s: msg({ message: '{n} s', comment: 'seconds' }),
  min: msg({ message: '{n} min', comment: 'minutes' }),
  h: msg({ message: '{n} h', comment: 'hours' }),
  d: msg({ message: '{n} d', comment: 'days' }),
}

/** `1 min 48 s` in the reader's language. */
export function durationText(i18n: I18n, ms: number): string {
  return durationPieces(ms)
    .map(({ value, unit }) => filled(i18n, units[unit], { n: value }))
    .join(' ')
}

const ago = msg({ message: '{duration} ago' })

export function agoText(i18n: I18n, ms: number): string {
  return filled(i18n, ago, { duration: durationText(i18n, ms) })
}
