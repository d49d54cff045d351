import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, test } from 'node:test'
import { projectRoot } from '#cli/root.ts'

const documents = [...globSync('*.md', { cwd: projectRoot }), ...globSync('docs/**/*.md', { cwd: projectRoot })].toSorted()
const textOf = (path: string): string => readFileSync(`${projectRoot}${path}`, 'utf8')

/** Fenced blocks hold pictures and shell; links and paths are looked for outside them. */
const proseOf = (path: string): string => textOf(path).replaceAll(/^```.*?^```/gms, '')

const topFolders = ['src', 'sim', 'portal', 'test', 'bench', 'docs', 'launcher']

describe('documents', () => {
  test('README fits in 150 lines', () => {
    assert.ok(textOf('README.md').split('\n').length <= 151)
  })

  test('every relative link leads somewhere, its heading too', () => {
    const wrong = documents.flatMap((path) =>
      [...proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) =>
        isGoodLink(path, target) ? [] : [`${path}: ${target}`],
      ),
    )
    assert.deepEqual(wrong, [])
  })

  test('every file named in backticks exists', () => {
    const wrong = documents.flatMap((path) =>
      namedFiles(proseOf(path)).flatMap((name) => (globSync(name, { cwd: projectRoot }).length > 0 ? [] : [`${path}: ${name}`])),
    )
    assert.deepEqual(wrong, [])
    assert.deepEqual(namedFiles('`src/core/bytes.ts`, `src/store/`, `a/b`, `README.md`, `./simward test`'), [
      'src/core/bytes.ts',
      'src/store/',
      'README.md',
    ])
  })

  test('every test that a document names stands in that file', () => {
    const named = documents.flatMap((path) =>
      [...proseOf(path).matchAll(/`([\w./-]+\.test\.ts)`: ([^|\n]+)/g)].map(([, file = '', name = '']) => ({
        path,
        file,
        name: name.trim(),
      })),
    )
    assert.ok(named.length > 15)
    const wrong = named.filter(({ file, name }) => !existsSync(`${projectRoot}${file}`) || !textOf(file).includes(name.replace(/\.$/, '')))
    assert.deepEqual(wrong, [])
  })

  test('commands and their options are those of the command line', () => {
    const commands = new Map(
      globSync('src/cli/commands/*.ts', { cwd: projectRoot }).map((path) => [/(\w+)\.ts$/.exec(path)?.[1] ?? '', textOf(path)]),
    )
    const uses = documents.flatMap((path) => [...textOf(path).matchAll(/\.\/simward (\w+)([^\n`#|]*)/g)].map((match) => ({ path, match })))
    assert.ok(uses.length > 10)
    const wrong = uses.flatMap(({ path, match: [whole, command = '', rest = ''] }) => {
      if (command === 'help' || command === 'COMMAND') return []
      const source = commands.get(command)
      if (source === undefined) return [`${path}: ${whole}`]
      const options = [...rest.matchAll(/--([a-z-]+)/g)].map(([, option = '']) => option)
      return options.filter((option) => option !== 'help' && !source.includes(`name: '${option}'`)).map((option) => `${path}: --${option}`)
    })
    assert.deepEqual(wrong, [])
    for (const command of commands.keys())
      assert.match(textOf('README.md'), new RegExp(`\\./simward ${command}\\b`), `README names ${command}`)
  })

  test('settings and metrics that are named exist', () => {
    const settings = textOf('src/platform/config-rows.ts')
    const sources = globSync('src/**/*.ts', { cwd: projectRoot }).map(textOf).join('\n')
    const names = (pattern: RegExp): string[] => [...new Set(documents.flatMap((path) => textOf(path).match(pattern) ?? []))]
    const isSetting = (name: string): boolean => settings.includes(`'${name.replace(/_FILE$/, '')}'`)
    assert.deepEqual(
      names(/SIMWARD_[A-Z0-9_]*[A-Z0-9]/g).filter((name) => !isSetting(name)),
      [],
    )
    assert.deepEqual(
      names(/\bsimward_[a-z_]*[a-z]/g).filter((name) => !sources.includes(name)),
      [],
    )
  })

  test('the import table of ARCHITECTURE.md is the one that is checked', () => {
    const [, block = ''] = /const table[^=]*= \{\n(.*?)\n\}/s.exec(textOf('test/architecture.test.ts')) ?? []
    const checked = [...block.matchAll(/^ {2}'?([\w/]+)'?: \[(.*?)\],$/gms)].map(([, folder = '', list = '']) => [
      folder,
      [...list.matchAll(/'([\w/]+)'/g)].map(([, name = '']) => name),
    ])
    const [, rows = ''] = /\| folder \| may import \|\n\|[-|]+\|\n(.*?)\n\n/s.exec(textOf('ARCHITECTURE.md')) ?? []
    const written = [...rows.matchAll(/^\| ([\w/]+) \| (.*) \|$/gm)].map(([, folder = '', list = '']) => [
      folder,
      list === 'nothing' ? [] : list.split(', '),
    ])
    assert.ok(checked.length > 10)
    assert.deepEqual(written, checked)
  })

  test('the documents say what is, plainly: no praise, no plans, no place on somebody’s machine', () => {
    const unwanted =
      /\b(?:seamless\w*|powerful|cutting.edge|blazing\w*|world.class|best.in.class|revolutionary|robust|next.gen\w*|state.of.the.art|leverag\w+|TODO|FIXME|TBD|coming soon|sub-?agents?|helpers?|prompts?|briefs?)\b|(?<![\w.)*])\/(?:home|root|work|Users)\//gi
    const wrong = documents.flatMap((path) => (textOf(path).match(unwanted) ?? []).map((word) => `${path}: ${word}`))
    assert.deepEqual(wrong, [])
  })

  test('decisions are numbered without a gap and say what, why and what follows', () => {
    const files = globSync('docs/decisions/*.md', { cwd: projectRoot }).toSorted()
    assert.ok(files.length > 0)
    for (const [index, path] of files.entries()) {
      assert.match(posix.basename(path), new RegExp(`^${String(index + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`))
      for (const heading of ['# ', '## Decision', '## Why', '## What follows']) {
        assert.ok(textOf(path).includes(`${heading === '# ' ? '' : '\n'}${heading}`), `${path} has no "${heading}"`)
      }
    }
  })

  test('every run-time dependency has its reason in a decision', () => {
    const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> }
    const decisions = globSync('docs/decisions/*.md', { cwd: projectRoot }).map(textOf).join('\n')
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => !decisions.includes(`\`${name}\``)),
      [],
    )
  })
})

function isGoodLink(from: string, target: string): boolean {
  if (/^https?:/.test(target)) return true
  const [file = '', heading] = target.split('#')
  const path = file === '' ? from : posix.join(posix.dirname(from), file)
  if (!existsSync(`${projectRoot}${path}`)) return false
  return heading === undefined || headingsOf(path).includes(heading)
}

/** As GitHub makes anchors: lower case, spaces to hyphens, punctuation gone. */
function headingsOf(path: string): string[] {
  return [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Paths of this repository in backticks: below a top folder, or a document at the top. */
function namedFiles(prose: string): string[] {
  return [...prose.matchAll(/`([\w@./*{},-]+)`/g)].flatMap(([, name = '']) =>
    topFolders.includes(name.split('/')[0] ?? '') && name.includes('/') ? [name] : /^[A-Z]+\.md$/.test(name) ? [name] : [],
  )
}
