import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { projectRoot } from '#cli/root.ts'
import { operationList } from '#platform/http/schemas/operations.ts'

const read = (path: string): string => readFileSync(`${projectRoot}${path}`, 'utf8')
const rows = read('docs/asvs.md')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

test('every requirement of docs/asvs.md that is met names a test that exists', () => {
  assert.ok(rows.length > 60)
  for (const [, number = '', , state = '', shown = ''] of rows) {
    assert.match(state, /^(met|partly: .+|not)(: .+)?$/, number)
    const [, file, name] = /^`([^`]+)`(?:: (.+))?$/.exec(shown) ?? []
    if (file === undefined) {
      assert.match(state, /^(partly|not)/, `${number} is met, but shown by nothing`)
      continue
    }
    assert.ok(existsSync(`${projectRoot}${file}`), `${number}: ${file} is not there`)
    if (name !== undefined) assert.ok(read(file).includes(`test('${name}`), `${number}: ${file} has no test that begins "${name}"`)
  }
})

test('the level 3 items that we add are there, each once', () => {
  const numbers = rows.map(([, number = '']) => number)
  assert.equal(new Set(numbers).size, numbers.length)
  for (const item of ['2.3.5', '6.3.3', '6.3.6', '6.3.7', '6.3.8', '6.4.6', '7.5.3', '10.4.13'])
    assert.ok(
      numbers.some((number) => number.startsWith(`${item} (L3`)),
      item,
    )
})

test('e-mail is no factor, and nobody is asked a question that others could answer', () => {
  const entry = operationList.filter(({ tag }) => tag === 'sign-in' || tag === 'self').map(({ id, path }) => `${id} ${path}`)
  assert.ok(entry.length > 15)
  for (const one of entry) assert.doesNotMatch(one, /mail|sms|question|hint/i)
})

test('secrets come from the system’s random source', () => {
  for (const path of globSync('src/functions/sign-in/**/*.ts', { cwd: projectRoot })) assert.doesNotMatch(read(path), /Math\.random/, path)
})
