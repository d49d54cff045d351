import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { projectRoot } from '#cli/root.ts'

/** Which folder may import which (ARCHITECTURE.md). A folder may always import itself, and node: modules. */
const table: Readonly<Record<string, readonly string[]>> = {
  core: [],
  crypto: ['core'],
  protocols: ['core'],
  catalogue: ['core'],
  domain: ['core'],
  links: ['core', 'protocols'],
  store: ['core', 'domain', 'catalogue'],
  guard: ['core', 'domain'],
  'guard/wire': ['core', 'domain', 'guard', 'protocols'],
  platform: ['core', 'domain', 'store', 'guard', 'catalogue'],
  functions: ['core', 'crypto', 'protocols', 'catalogue', 'domain', 'links', 'store', 'guard', 'guard/wire', 'platform'],
  sim: ['core', 'crypto', 'protocols', 'links'],
}

/** These may import everything: the composition root and what tests it. */
const free = new Set(['main', 'cli', 'test', 'bench'])

/** Protocols that ride on a lower one. */
const lowerProtocols: Readonly<Record<string, readonly string[]>> = {}

interface Place {
  layer: string
  /** The part of a layer that stands alone: a protocol's or a function's name. */
  part: string
}

function placeOf(path: string): Place {
  const [top = '', second = '', third = ''] = path.split('/')
  if (top !== 'src') return { layer: top, part: '' }
  if (second === 'main.ts') return { layer: 'main', part: '' }
  if (second === 'guard' && third === 'wire') return { layer: 'guard/wire', part: '' }
  return { layer: second, part: second === 'protocols' || second === 'functions' ? third : '' }
}

function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return new URL(specifier, `file:///${from}`).pathname.slice(1)
  if (specifier === '#main') return 'src/main.ts'
  const aliased = /^#(sim|test)\/(.*)$/.exec(specifier)
  if (aliased !== null) return `${aliased[1]}/${aliased[2]}`
  return specifier.startsWith('#') ? `src/${specifier.slice(1)}` : undefined
}

/** The reason why `from` may not import `to`, or undefined where it may. */
export function forbidden(from: string, to: string): string | undefined {
  const source = placeOf(from)
  const target = placeOf(to)
  if (free.has(source.layer)) return undefined
  const allowed = table[source.layer]
  if (allowed === undefined) return `${source.layer} is not a folder of the table`
  if (source.layer !== target.layer) return allowed.includes(target.layer) ? undefined : `${source.layer} may not import ${target.layer}`
  if (source.part === target.part) return undefined
  if (source.layer === 'protocols' && (lowerProtocols[source.part] ?? []).includes(target.part)) return undefined
  return `${source.layer}/${source.part} may not import ${target.layer}/${target.part}`
}

function importsOf(path: string): string[] {
  const text = readFileSync(`${projectRoot}${path}`, 'utf8')
  const found = [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g),
  ]
  return found.map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

test('the table refuses the arrows that it should', () => {
  assert.match(forbidden('src/core/clock.ts', 'src/store/db.ts') ?? '', /core may not import store/)
  assert.match(forbidden('src/guard/guard.ts', 'src/protocols/diameter/codec.ts') ?? '', /guard may not import protocols/)
  assert.equal(forbidden('src/guard/wire/diameter.ts', 'src/protocols/diameter/codec.ts'), undefined)
  assert.match(
    forbidden('src/functions/hss/index.ts', 'src/functions/alarms/index.ts') ?? '',
    /functions\/hss may not import functions\/alarms/,
  )
  assert.match(forbidden('sim/mme.ts', 'src/functions/hss/index.ts') ?? '', /sim may not import functions/)
  assert.equal(forbidden('src/main.ts', 'src/functions/hss/index.ts'), undefined)
})

test('every import follows the table', () => {
  const files = globSync(['src/**/*.ts', 'sim/**/*.ts'], { cwd: projectRoot }).filter((path) => !path.endsWith('.test.ts'))
  assert.ok(files.length > 20)
  const wrong = files.flatMap((from) =>
    importsOf(from).flatMap((specifier) => {
      const to = resolveImport(from, specifier)
      const why = to === undefined ? undefined : forbidden(from, to)
      return why === undefined ? [] : [`${from} imports ${specifier}: ${why}`]
    }),
  )
  assert.deepEqual(wrong, [])
})

test('the portal talks to the HTTP API only', () => {
  const files = globSync(['portal/src/**/*.ts', 'portal/src/**/*.tsx'], { cwd: projectRoot })
  const wrong = files.flatMap((from) =>
    importsOf(from).flatMap((to) => (to.startsWith('#') || to.includes('../../src/') ? [`${from} imports ${to}`] : [])),
  )
  assert.deepEqual(wrong, [])
})

test('no file keeps mutable state at module level, and none grows past 500 lines', () => {
  const isData = /\/(dict|rules|catalogue|vectors)\//
  const files = globSync(['src/**/*.ts', 'sim/**/*.ts', 'portal/src/**/*.{ts,tsx}'], { cwd: projectRoot }).filter(
    (path) => !/\.(test|gen)\.ts$/.test(path) && !isData.test(path),
  )
  const wrong = files.flatMap((path) => {
    const lines = readFileSync(`${projectRoot}${path}`, 'utf8').split('\n')
    const mutable = lines.findIndex((line) => /^(?:export )?(?:let|var) /.test(line))
    return [
      ...(mutable >= 0 ? [`${path}:${mutable + 1} keeps mutable module state`] : []),
      ...(lines.length > 501 ? [`${path} has ${lines.length} lines`] : []),
    ]
  })
  assert.deepEqual(wrong, [])
})
