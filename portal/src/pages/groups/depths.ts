import type { Group } from '../../api/types.ts'

/** How many groups each is in. They come each after the one that it is in. */
export function depths(groups: readonly Pick<Group, 'id' | 'parentId'>[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const { id, parentId } of groups) found.set(id, parentId === null ? 0 : (found.get(parentId) ?? 0) + 1)
  return found
}
