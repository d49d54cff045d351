import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { type Command, suggestion, UsageError } from '../command.ts'
import { projectRoot } from '../root.ts'

/** Suites in the order they run: the quickest to fail comes first. */
const suites: Readonly<Record<string, readonly string[]>> = {
  unit: ['src/**/*.test.ts', 'sim/**/*.test.ts', 'portal/src/**/*.test.ts', 'bench/**/*.test.ts', 'test/*.test.ts'],
  fuzz: ['test/fuzz/**/*.test.ts'],
  scenario: ['test/scenarios/**/*.test.ts'],
  interop: ['test/interop/**/*.test.ts'],
  crash: ['test/crash/**/*.test.ts'],
  e2e: ['test/e2e/**/*.test.ts'],
}

export const testCommand: Command = {
  name: 'test',
  summary: 'Runs the checks and the tests: all, or the named suites',
  usage: `test [${Object.keys(suites).join('|')} ...] [--grep PATTERN]`,
  words: Object.keys(suites),
  options: [
    { name: 'grep', value: 'PATTERN', summary: 'only tests whose name matches' },
    { name: 'no-setup', summary: 'do not look for missing Debian packages first' },
  ],
  async run(args) {
    for (const word of args.words) {
      if (!(word in suites)) throw new UsageError(`test: no suite ${JSON.stringify(word)}${suggestion(word, Object.keys(suites))}`)
    }
    const wanted = args.words.length === 0 ? Object.keys(suites) : Object.keys(suites).filter((name) => args.words.includes(name))
    const needsPrograms = wanted.some((name) => name !== 'unit')
    if (needsPrograms && !args.flags.has('no-setup')) await run('sh', ['test/setup'])
    const files = wanted.flatMap((name) => (suites[name] ?? []).flatMap((pattern) => globSync(pattern, { cwd: projectRoot }).sort()))
    const pattern = args.values.get('grep')
    return run(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--import',
      './test/watchdog.ts',
      '--test',
      '--test-isolation=none',
      '--test-reporter=spec',
      ...(pattern === undefined ? [] : [`--test-name-pattern=${pattern}`]),
      ...files,
    ])
  },
}

function run(program: string, argv: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
