/** Texts of the catalogue in the reader's language. */
export function inLanguage(texts: { en: string; zh: string; ja: string }, locale: string): string {
  if (locale.startsWith('zh')) return texts.zh || texts.en
  return locale === 'ja' ? texts.ja || texts.en : texts.en
}
