import type { IconName } from '../parts/icon.tsx'

export type Group = 'recent' | 'sims' | 'actions' | 'pages' | 'profiles' | 'partners' | 'peers' | 'rules'

/** One row of the palette. */
export interface Item {
  id: string
  group: Group
  icon: IconName
  text: string
  beside: string
  mono: boolean
  /** Where it leads; absent: it does something here. */
  to?: string
  run?: 'help' | 'theme'
}

const order: readonly Group[] = ['recent', 'sims', 'actions', 'pages', 'profiles', 'partners', 'peers', 'rules']
const perGroup = 7
const inAll = 16

/**
 * What is shown for the words typed: every word must stand in the row; rows that begin with the first one come first. Nothing
 * typed: recent places, then pages and actions.
 */
export function matching(items: readonly Item[], typed: string): Item[] {
  const words = typed
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const [first = ''] = words
  const found = items.filter((item) => {
    if (words.length === 0) return item.group === 'recent' || item.group === 'pages' || item.group === 'actions'
    if (item.group === 'recent') return false
    // The server has searched for them by any of their numbers.
    if (item.group === 'sims') return true
    const text = `${item.text} ${item.beside}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const rank = (item: Item): number => (item.text.toLowerCase().startsWith(first) ? 0 : 1)
  const most = words.length === 0 ? inAll : perGroup
  return order
    .flatMap((group) =>
      found
        .filter((item) => item.group === group)
        .toSorted((a, b) => rank(a) - rank(b))
        .slice(0, most),
    )
    .slice(0, words.length === 0 ? inAll * 2 : inAll)
}

/** The rows under their headings, in order. */
export function inGroups(items: readonly Item[]): { group: Group; items: readonly Item[] }[] {
  return order.flatMap((group) => {
    const own = items.filter((item) => item.group === group)
    return own.length === 0 ? [] : [{ group, items: own }]
  })
}
