import type { I18n, MessageDescriptor } from '@lingui/core'
import type { Params } from '../api/types.ts'

/** Sentences by the key that the server sends. */
export type Words = Readonly<Record<string, MessageDescriptor>>

/** A message of ours with values that are known at run time only. */
export function filled(i18n: I18n, { id, message }: MessageDescriptor, values: Record<string, unknown>): string {
  return message === undefined ? i18n._(id, values) : i18n._(id, values, { message })
}

/** The word for a key; an unknown key stands as it is, so that nothing is hidden by a missing word. */
export function word(i18n: I18n, words: Words, key: string): string {
  const descriptor = words[key]
  return descriptor === undefined ? key : i18n._(descriptor)
}

/** The sentence for a key with its parameters; an unknown key gives its text parameter, or the key and the figures. */
export function sentence(i18n: I18n, words: Words, message: { key: string; params?: Params }): string {
  const params = message.params ?? {}
  const descriptor = words[message.key]
  if (descriptor !== undefined) return filled(i18n, descriptor, params)
  if (typeof params.text === 'string') return params.text
  const figures = Object.entries(params).map(([name, value]) => `${name} ${value}`)
  return figures.length === 0 ? message.key : `${message.key}: ${figures.join(', ')}`
}
