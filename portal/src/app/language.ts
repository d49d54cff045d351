import { i18n } from '@lingui/core'

export const languages = [
  { id: 'en', name: 'English' },
  { id: 'zh-Hans', name: '简体中文' },
  { id: 'ja', name: '日本語' },
] as const
export type Language = (typeof languages)[number]['id']

export const languageKey = 'simward-language'

/** The first language of ours that one of the wishes names, by its primary subtag where need be. */
export function chosenLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    if (!wish) continue
    const exact = languages.find(({ id }) => id.toLowerCase() === wish.toLowerCase())
    const near = languages.find(({ id }) => id.split('-')[0] === wish.toLowerCase().split('-')[0])
    const found = exact ?? near
    if (found !== undefined) return found.id
  }
  return 'en'
}

const catalogues: Readonly<Record<Language, () => Promise<{ messages: Record<string, string> }>>> = {
  en: () => import('../locales/en.po'),
  'zh-Hans': () => import('../locales/zh-Hans.po'),
  ja: () => import('../locales/ja.po'),
}

/** Loads the catalogue, then switches; the page's language follows, for fonts and for screen readers. */
export async function switchLanguage(language: Language): Promise<void> {
  const { messages } = await catalogues[language]()
  i18n.loadAndActivate({ locale: language, messages })
  document.documentElement.lang = language
}
