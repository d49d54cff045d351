import { readFileSync } from 'node:fs'
import { projectRoot } from '#cli/root.ts'

/** A sentence in that language, its places filled. */
export type Say = (sentence: string, places?: Readonly<Record<string, string>>) => string

/** The portal's words in a language, by the English sentence that stands in the sources. Throws where there are none. */
export function wordsOf(locale: 'en' | 'zh-Hans' | 'ja'): Say {
  const text = readFileSync(`${projectRoot}portal/src/locales/${locale}.po`, 'utf8')
  const words = new Map(
    [...text.matchAll(/^msgid (".*")\nmsgstr (".*")/gm)].map(([, id = '""', word = '""']) => [
      JSON.parse(id) as string,
      JSON.parse(word) as string,
    ]),
  )
  return (sentence, places = {}) => {
    const word = words.get(sentence)
    if (word === undefined || word === '') throw new Error(`${locale} has no words for ${JSON.stringify(sentence)}`)
    return word.replace(/\{(\w+)\}/g, (place, name: string) => places[name] ?? place)
  }
}
