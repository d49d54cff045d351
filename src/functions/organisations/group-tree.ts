import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'

interface Node {
  id: string
  parentId: string | null
  name: string
}

/** The same nodes, each after the one that it is in; those of one parent by name. */
export function inTreeOrder<N extends Node>(nodes: readonly N[]): N[] {
  const children = new Map<string | null, N[]>()
  for (const node of nodes) children.set(node.parentId, [...(children.get(node.parentId) ?? []), node])
  const ordered: N[] = []
  const add = (parentId: string | null): void => {
    for (const node of (children.get(parentId) ?? []).toSorted((a, b) => a.name.localeCompare(b.name, 'en'))) {
      ordered.push(node)
      add(node.id)
    }
  }
  add(null)
  return ordered
}

/** The node and everything below it. */
export function subtreeOf(nodes: readonly Node[], id: string): Set<string> {
  const inside = new Set([id])
  for (const node of inTreeOrder(nodes)) if (node.parentId !== null && inside.has(node.parentId)) inside.add(node.id)
  return inside
}

/** How many levels the node and what is below it take. */
function heightOf(nodes: readonly Node[], id: string): number {
  const below = nodes.filter(({ parentId }) => parentId === id)
  return 1 + Math.max(0, ...below.map((node) => heightOf(nodes, node.id)))
}

function depthOf(nodes: readonly Node[], id: string | null): number {
  let depth = 0
  for (let at = id; at !== null; at = nodes.find((node) => node.id === at)?.parentId ?? null) depth += 1
  return depth
}

/** Throws where a group (`id`; null: a new one) cannot stand below `parentId`. */
export function checkPlace(nodes: readonly Node[], id: string | null, parentId: string | null): void {
  const most = limits.organisations.groupDepth
  if (parentId !== null && !nodes.some((node) => node.id === parentId)) {
    throw new OperationError('group-unknown', 404, `there is no group ${parentId} to put it in`)
  }
  if (id !== null && parentId !== null && subtreeOf(nodes, id).has(parentId)) {
    throw new OperationError('group-cycle', 409, 'a group cannot be put into itself or into a group below it')
  }
  if (depthOf(nodes, parentId) + (id === null ? 1 : heightOf(nodes, id)) > most) {
    throw new OperationError('group-depth', 422, `groups are nested at most ${most} deep`, { most })
  }
}
