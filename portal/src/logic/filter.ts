export type Comparison = '>' | '>=' | '<' | '<='

/**
 * The one filter grammar of portal, API and bulk actions: `field:value[,value] -field:value field>n "words"`, every
 * term must hold. This file reads and writes it; the server decides what a field means.
 */
export type Term =
  | { kind: 'field'; field: string; values: readonly string[]; not: boolean }
  | { kind: 'compare'; field: string; than: Comparison; value: number; not: boolean }
  | { kind: 'words'; text: string; not: boolean }

const termPattern = /^(-)?([a-z][a-z0-9.]*)(:|>=|<=|>|<)(.*)$/i

/** Splits at blanks outside quotes; an unclosed quote runs to the end. */
function split(text: string): string[] {
  return text.match(/-?"[^"]*"?|(?:[^\s"]|"[^"]*"?)+/g) ?? []
}

function unquoted(text: string): string {
  return text.replaceAll('"', '')
}

/** Never throws: what is not a term of a field is taken as words. */
export function parseFilter(text: string): Term[] {
  return split(text.trim()).flatMap((token, i): Term[] => {
    if (i > 0 && token.toLowerCase() === 'and') return []
    const match = token.startsWith('"') || token.startsWith('-"') ? null : termPattern.exec(token)
    if (match === null) {
      const not = token.startsWith('-')
      const words = unquoted(not ? token.slice(1) : token).trim()
      return words === '' ? [] : [{ kind: 'words', text: words, not }]
    }
    const [, minus, field = '', operator, rest = ''] = match
    if (operator === ':') {
      const values = rest.split(',').map(unquoted).filter(Boolean)
      return values.length === 0 ? [] : [{ kind: 'field', field: field.toLowerCase(), values, not: minus === '-' }]
    }
    const value = Number(rest)
    return rest === '' || !Number.isFinite(value)
      ? [{ kind: 'words', text: unquoted(token), not: false }]
      : [{ kind: 'compare', field: field.toLowerCase(), than: operator as Comparison, value, not: minus === '-' }]
  })
}

function quotedIfNeeded(value: string): string {
  return /[\s,]/.test(value) ? `"${value}"` : value
}

export function termText(term: Term): string {
  const minus = term.not ? '-' : ''
  if (term.kind === 'compare') return `${minus}${term.field}${term.than}${term.value}`
  if (term.kind === 'field') return `${minus}${term.field}:${term.values.map(quotedIfNeeded).join(',')}`
  return `${minus}"${term.text}"`
}

export function formatFilter(terms: readonly Term[]): string {
  return terms.map(termText).join(' ')
}

/** The values that a facet shows as chosen. */
export function valuesOf(text: string, field: string): readonly string[] {
  return parseFilter(text).flatMap((term) => (term.kind === 'field' && term.field === field && !term.not ? term.values : []))
}

/** Writes a facet into the filter: these values of the field and no others; none removes the term. Other terms stay in place. */
export function withValues(text: string, field: string, values: readonly string[]): string {
  const terms = parseFilter(text)
  const index = terms.findIndex((term) => term.kind === 'field' && term.field === field && !term.not)
  const kept = terms.filter((term, i) => i === index || !(term.kind === 'field' && term.field === field && !term.not))
  const mine: Term[] = values.length === 0 ? [] : [{ kind: 'field', field, values, not: false }]
  return formatFilter(index < 0 ? [...kept, ...mine] : kept.flatMap((term) => (term === terms[index] ? mine : [term])))
}

/** Adds the value to the facet, or takes it away. */
export function toggleValue(text: string, field: string, value: string): string {
  const now = valuesOf(text, field)
  return withValues(text, field, now.includes(value) ? now.filter((one) => one !== value) : [...now, value])
}

/** `90s`, `5m`, `2h`, `3d` in milliseconds; null for anything else. */
export function spanMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text)
  if (match === null) return null
  return Number(match[1]) * ({ s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? 's'] ?? 1000)
}
