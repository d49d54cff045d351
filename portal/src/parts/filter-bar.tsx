import { useLingui } from '@lingui/react/macro'
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { formatFilter, parseFilter, type Term, termText } from '../logic/filter.ts'
import { Icon } from './icon.tsx'

/** The filter: finished terms as tokens, the rest as text. `/` jumps here. What it says is what the URL says. */
export function FilterBar({
  value,
  onChange,
  count,
  placeholder,
}: {
  value: string
  onChange: (value: string) => void
  count: ReactNode
  placeholder: string
}) {
  const { t } = useLingui()
  const input = useRef<HTMLInputElement>(null)
  const [draft, setDraft] = useState('')
  const terms = parseFilter(value)
  const commit = (): void => {
    if (draft.trim() === '') return
    onChange(formatFilter([...terms, ...parseFilter(draft)]))
    setDraft('')
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') commit()
    if (event.key === 'Backspace' && draft === '' && terms.length > 0) {
      // The last term comes back as text, to be changed.
      const last = terms.at(-1)
      event.preventDefault()
      onChange(formatFilter(terms.slice(0, -1)))
      setDraft(last === undefined ? '' : termText(last))
    }
    if (event.key === 'Escape') input.current?.blur()
  }
  return (
    <search className="filter">
      <Icon name="find" />
      <div className="expr">
        {terms.map((term, index) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a term may stand twice; its place tells them apart
            key={`${termText(term)} ${index}`}
            type="button"
            className={`tok${term.not ? ' not' : ''}`}
            title={t`Take this term away`}
            aria-label={t`${termText(term)}: take this term away`}
            onClick={() => onChange(formatFilter(terms.filter((_, i) => i !== index)))}
          >
            <Token term={term} />
          </button>
        ))}
        <input
          ref={input}
          value={draft}
          aria-label={t`Filter`}
          placeholder={terms.length === 0 ? placeholder : ''}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={commit}
        />
      </div>
      <span className="count">{count}</span>
      <kbd>/</kbd>
    </search>
  )
}

function Token({ term }: { term: Term }) {
  if (term.kind === 'words') return <b>{termText(term)}</b>
  if (term.kind === 'compare')
    return (
      <>
        <u>
          {term.not ? '-' : ''}
          {term.field}
          {term.than}
        </u>
        <b>{term.value}</b>
      </>
    )
  return (
    <>
      <u>{`${term.not ? '-' : ''}${term.field}:`}</u>
      <b>{termText(term).slice(term.field.length + (term.not ? 2 : 1))}</b>
    </>
  )
}
