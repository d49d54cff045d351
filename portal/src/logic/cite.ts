/** `clp14:5.6.1-06` as people cite it: `CLP.14 §5.6.1`; `en303645:5.3-2` as `EN 303 645 5.3-2`. */
export function citation(requirementId: string): string {
  const [source = '', id = requirementId] = requirementId.includes(':') ? requirementId.split(/:(.*)/s) : ['', requirementId]
  if (source === 'clp14') return `CLP.14 §${id.replace(/-\d+$/, '')}`
  return source === 'en303645' ? `EN 303 645 ${id}` : id
}

/** Each citation once, in order. */
export function citations(requirementIds: readonly string[]): string {
  return [...new Set(requirementIds.map(citation))].join(', ')
}

/** Sections in the order of the document: 5.2 before 5.10. */
export function compareSections(a: string, b: string): number {
  const left = a.split(/[.-]/).map(Number)
  const right = b.split(/[.-]/).map(Number)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}
