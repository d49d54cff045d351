import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { projectRoot } from '#cli/root.ts'
import { createVault } from '#crypto/vault.ts'
import { demoFunction } from '#functions/demo/index.ts'
import { standardFunctions } from '#main'
import type { AnyFunction } from '#platform/function.ts'
import { operationList } from '#platform/http/schemas/operations.ts'

/** Where the server's functions and the portal's sources must agree; the portal cannot be loaded here, so its text is read. */
const functions = [...standardFunctions(createVault(Buffer.alloc(32, 1))), demoFunction as AnyFunction]
const textOf = (pattern: string): string =>
  globSync(pattern, { cwd: projectRoot })
    .map((path) => readFileSync(`${projectRoot}${path}`, 'utf8'))
    .join('\n')

test('every page that a function brings has an address and an entry in the portal', () => {
  const routes = textOf('portal/src/routes.tsx')
  const navigation = textOf('portal/src/app/navigation.tsx')
  const pages = functions.flatMap((definition) => definition.navigation)
  assert.ok(pages.length > 4)
  for (const { id, path } of pages) {
    assert.ok(routes.includes(`path: '${path}'`), `portal/src/routes.tsx has no ${path}`)
    assert.ok(navigation.includes(`id: '${id}'`), `portal/src/app/navigation.tsx has no ${id}`)
  }
})

test('after g, a letter leads to one page', () => {
  const letters = [...textOf('portal/src/app/navigation.tsx').matchAll(/\bgo: '(.)'/g)].map((match) => match[1] ?? '')
  assert.ok(letters.length > 4)
  assert.deepEqual([...new Set(letters)], letters)
})

test('every command of the palette leads to an address that there is', () => {
  const routes = textOf('portal/src/routes.tsx')
  const navigation = textOf('portal/src/app/navigation.tsx')
  const commands = [...textOf('portal/src/app/commands.tsx').matchAll(/\bpage: '([a-z]+)',\s+to: '([^'?]+)/g)]
  assert.ok(commands.length > 2)
  for (const [, page = '', to = ''] of commands) {
    // A command is not shown where its page is not.
    if (navigation.includes(`id: '${page}'`)) assert.ok(routes.includes(`path: '${to}'`), to)
  }
})

test('every operation of the API is served by exactly one function', () => {
  const served = functions.flatMap((definition) => definition.routes.map(({ id }) => id))
  const wanted = operationList.filter((operation) => operation.stream !== true).map(({ id }) => id)
  assert.deepEqual(served.toSorted(), wanted.toSorted())
})
