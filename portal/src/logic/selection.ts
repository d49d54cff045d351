/** Which rows of a long list are chosen: some by name, or all that match the filter, loaded or not. */
export type Selection = { kind: 'some'; ids: ReadonlySet<string> } | { kind: 'all' }

export const nothing: Selection = { kind: 'some', ids: new Set() }

/** More than that are named by a filter: an address holds only so much. */
export const namedAtMost = 100

export function isChosen(selection: Selection, id: string): boolean {
  return selection.kind === 'all' || selection.ids.has(id)
}

/** Taking one out of "all that match" leaves what is loaded, since nothing else can be named. */
export function toggled(selection: Selection, id: string, loaded: readonly string[]): Selection {
  const ids = new Set(selection.kind === 'all' ? loaded : selection.ids)
  if (!ids.delete(id)) ids.add(id)
  return { kind: 'some', ids }
}

export function chosenPage(loaded: readonly string[]): Selection {
  return { kind: 'some', ids: new Set(loaded) }
}

/** What the checkbox above the column shows. */
export function headState(selection: Selection, loaded: readonly string[]): 'none' | 'some' | 'all' {
  if (selection.kind === 'all') return 'all'
  if (selection.ids.size === 0) return 'none'
  return loaded.length > 0 && loaded.every((id) => selection.ids.has(id)) ? 'all' : 'some'
}

/** The address of the page that makes a job of it; null where too many were chosen by name. */
export function jobAddress(selection: Selection, filter: string): string | null {
  if (selection.kind === 'all') return `/jobs/new?filter=${encodeURIComponent(filter)}`
  if (selection.ids.size === 0 || selection.ids.size > namedAtMost) return null
  return `/jobs/new?ids=${[...selection.ids].map(encodeURIComponent).join(',')}`
}
