import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '#core/limits.ts'
import { checkPlace, inTreeOrder, subtreeOf } from './group-tree.ts'

const node = (id: string, parentId: string | null = null) => ({ id, parentId, name: id })
const tree = [node('b'), node('a2', 'a'), node('a11', 'a1'), node('a1', 'a'), node('a')]

test('each group stands after the one that it is in, those of one parent by name', () => {
  assert.deepEqual(
    inTreeOrder(tree).map(({ id }) => id),
    ['a', 'a1', 'a11', 'a2', 'b'],
  )
  assert.deepEqual([...subtreeOf(tree, 'a')].toSorted(), ['a', 'a1', 'a11', 'a2'])
  assert.deepEqual([...subtreeOf(tree, 'b')], ['b'])
})

test('a group is put neither into itself nor below itself, nor anywhere that is not there', () => {
  for (const parentId of ['a', 'a1', 'a11']) assert.throws(() => checkPlace(tree, 'a', parentId), { code: 'group-cycle' })
  assert.throws(() => checkPlace(tree, 'b', 'z'), { code: 'group-unknown', status: 404 })
  checkPlace(tree, 'a1', null)
  checkPlace(tree, 'a1', 'b')
})

test('the depth counts what hangs below a group that is moved', () => {
  const most = limits.organisations.groupDepth
  const chain = Array.from({ length: most }, (_, i) => node(`c${i}`, i === 0 ? null : `c${i - 1}`))
  assert.throws(() => checkPlace(chain, null, `c${most - 1}`), { code: 'group-depth' })
  checkPlace(chain, null, `c${most - 2}`)
  const both = [...chain, ...tree]
  checkPlace(both, 'a', `c${most - 4}`)
  assert.throws(() => checkPlace(both, 'a', `c${most - 3}`), { code: 'group-depth' })
})
