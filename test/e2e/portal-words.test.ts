import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { projectRoot } from '#cli/root.ts'
import { s6aRules } from '#guard/rules/s6a.ts'
import { s6aLateRules } from '#guard/rules/s6a-late.ts'
import { reasons } from '#guard/verdict.ts'
import { forgedReasons } from '#platform/signal-counts.ts'
import { attacks } from '#sim/attacks.ts'
import { legitimateFlows } from '#sim/traffic.ts'
import { portalKeys } from './portal-keys.ts'

const read = (path: string): string => readFileSync(`${projectRoot}${path}`, 'utf8')
const known = portalKeys()

function missing(keys: Iterable<string>): string[] {
  return [...new Set(keys)].filter((key) => !known.has(key)).toSorted()
}

test('every sentence that the server sends by key has words in the portal', () => {
  const sources = globSync(['src/functions/**/*.ts', 'src/platform/**/*.ts'], { cwd: projectRoot }).filter(
    (path) => !path.endsWith('.test.ts'),
  )
  const text = sources.map(read).join('\n')
  // Only whole keys: what is put together from parts is checked by its parts below.
  const keys = [...text.matchAll(/\bsay\(\s*'((?:alarm|approval|control|need|overview|sim|timeline)\.[a-z0-9.-]+)'/g)].map(
    (match) => match[1] ?? '',
  )
  assert.ok(keys.length > 20)
  const checks = [...text.matchAll(/\b(?:met|notMet|unknown|offered)\('([a-z0-9.-]+)'/g)].map((match) => `control.${match[1]}`)
  const kinds = [...read('src/functions/alarms/watch.ts').matchAll(/\bkind: '([a-z-]+)'/g)].flatMap(([, kind]) =>
    ['', '.cause', '.action'].map((part) => `alarm.${kind}${part}`),
  )
  const causes = [...forgedReasons].map((reason) => `alarm.forged.cause.${reason}`)
  assert.deepEqual(missing([...keys, ...checks, ...kinds, ...causes]), [])
})

/** Told to programs, or at the start of the process; no page of the portal meets them. */
const notShown = new Set(['config-invalid', 'http-address', 'port-taken', 'signing-key-unreadable', 'token-needed', 'topic-unknown'])

test('every refusal that a page may meet has words in the portal', () => {
  const sources = ['src/functions/**/*.ts', 'src/platform/**/*.ts'].flatMap((pattern) => globSync(pattern, { cwd: projectRoot }))
  const text = sources
    .filter((path) => !path.endsWith('.test.ts'))
    .map(read)
    .join('\n')
  const codes = [...text.matchAll(/OperationError\(\s*'([a-z-]+)'|\bproblem\(\d+, '([a-z-]+)'/g)].map((match) => match[1] ?? match[2] ?? '')
  assert.ok(codes.length > 30)
  assert.deepEqual(missing([...codes, 'store-unavailable', 'ledger-entry-too-large'].filter((code) => !notShown.has(code))), [])
})

test('every control has a title', () => {
  const sources = globSync('src/functions/**/*.ts', { cwd: projectRoot }).filter((path) => !path.endsWith('.test.ts'))
  const controls = sources.flatMap((path) => (/controls?/.test(path) ? [...read(path).matchAll(/^ {4}id: '([a-z0-9-]+)'/gm)] : []))
  assert.ok(controls.length > 8)
  assert.deepEqual(missing(controls.map((match) => `control.${match[1]}`)), [])
})

test('every rule, reason, attack and flow has words', () => {
  assert.deepEqual(missing([...s6aRules, ...s6aLateRules].map((rule) => rule.id)), [])
  assert.deepEqual(missing(reasons), [])
  assert.deepEqual(
    missing(
      attacks.flatMap(({ name }) => [name, `demo.attack.${name}.claims`, `demo.attack.${name}.title`, `demo.attack.${name}.trusting`]),
    ),
    [],
  )
  assert.deepEqual(missing(legitimateFlows.map(({ name }) => `demo.flow.${name}`)), [])
})

test('the steps of the demo have words', () => {
  const text = globSync('src/cli/demo/*.ts', { cwd: projectRoot }).map(read).join('\n')
  const keys = [...text.matchAll(/\btell\(\s*'([a-z0-9.-]+)'/g)].map((match) => `demo.${match[1]}`)
  assert.ok(keys.length > 5)
  assert.deepEqual(missing(keys), [])
})

test('the three catalogues hold the same messages, none of them empty', () => {
  const ids = (language: string): string[] => {
    const blocks = read(`portal/src/locales/${language}.po`).split('\n\n').slice(1)
    const empty = blocks.filter((block) => /^msgstr ""$/m.test(block) && !/^msgstr ""\n"/m.test(block))
    assert.deepEqual(empty, [], language)
    return blocks.map((block) => /(?:msgctxt .*\n)?msgid [\s\S]*?(?=\nmsgstr)/.exec(block)?.[0] ?? '')
  }
  const english = ids('en')
  assert.ok(english.length > 800)
  assert.deepEqual(ids('ja'), english)
  assert.deepEqual(ids('zh-Hans'), english)
})
