import { useLingui } from '@lingui/react/macro'
import { Menu } from '@mantine/core'
import { Icon } from '../parts/icon.tsx'
import { languageKey, languages, switchLanguage } from './language.ts'

export function LanguageMenu() {
  const { t, i18n } = useLingui()
  const choose = (id: (typeof languages)[number]['id']): void => {
    try {
      localStorage.setItem(languageKey, id)
    } catch {
      // Not kept then.
    }
    void switchLanguage(id)
  }
  const current = languages.find(({ id }) => id === i18n.locale)?.name ?? i18n.locale
  return (
    <Menu classNames={{ dropdown: 'pop' }} position="bottom-end" width={140}>
      <Menu.Target>
        <button type="button" className="tool" aria-label={t`Language: ${current}`}>
          {current}
          <Icon name="down" size={12} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map(({ id, name }) => (
          <Menu.Item key={id} lang={id} onClick={() => choose(id)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
