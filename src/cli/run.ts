import { OperationError } from '#core/errors.ts'
import { type Command, parseArguments, suggestion, UsageError } from './command.ts'
import { apiCommand } from './commands/api.ts'
import { benchCommand } from './commands/bench.ts'
import { controlsCommand } from './commands/controls.ts'
import { demoCommand } from './commands/demo.ts'
import { ledgerCommand } from './commands/ledger.ts'
import { simCommand } from './commands/sim.ts'
import { startCommand } from './commands/start.ts'
import { testCommand } from './commands/test.ts'
import { versionCommand } from './commands/version.ts'

const commands: readonly Command[] = [
  demoCommand,
  startCommand,
  testCommand,
  benchCommand,
  simCommand,
  ledgerCommand,
  controlsCommand,
  apiCommand,
  versionCommand,
]

function helpText(): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  const rows = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`)
  return [
    'Usage: ./simward COMMAND [words] [--options]',
    '',
    ...rows,
    `  ${'help'.padEnd(width)}  this list`,
    '',
    'Each command explains itself: ./simward COMMAND --help',
    '',
  ].join('\n')
}

function commandHelp(command: Command): string {
  const options = [...command.options, { name: 'help', summary: 'this text' }]
  const left = options.map((option) => `  --${option.name}${'value' in option && option.value !== undefined ? ` ${option.value}` : ''}`)
  const width = Math.max(...left.map((text) => text.length))
  return [
    `${command.summary}`,
    '',
    `Usage: ./simward ${command.usage}`,
    '',
    ...options.map((option, i) => `${(left[i] ?? '').padEnd(width)}  ${option.summary}`),
    '',
  ].join('\n')
}

function helpFor(command: Command, rest: readonly string[]): string {
  try {
    return command.help?.(rest) ?? commandHelp(command)
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}\n`
    throw error
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const [word = 'help', ...rest] = argv
  if (word === 'help' || word === '--help' || word === '-h') {
    process.stdout.write(helpText())
    return 0
  }
  const command = commands.find((candidate) => candidate.name === (word === '--version' ? 'version' : word))
  if (command === undefined) {
    process.stderr.write(`simward: no command ${JSON.stringify(word)}${suggestion(word, [...commands.map((c) => c.name), 'help'])}\n`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(helpFor(command, rest))
    return 0
  }
  try {
    const typed = { words: rest, flags: new Set<string>(), values: new Map<string, string>() }
    return await command.run(command.ownOptions === true ? typed : parseArguments(command, rest))
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`simward: ${error.message}\nSee ./simward ${command.name} --help\n`)
      return 2
    }
    // What stands in the way is for a person to mend; where in the code it showed is of no use to them.
    if (!(error instanceof OperationError)) throw error
    process.stderr.write(`simward: ${error.message}\n`)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
