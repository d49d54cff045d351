/** One word after `./simward`. A command is a file under commands/ that exports one of these. */
export interface Command {
  name: string
  /** What it does, in one line. */
  summary: string
  usage: string
  options: readonly Option[]
  /** Words that may stand where the usage says so, for suggestions and checks. */
  words?: readonly string[]
  /** Its options depend on what is called: it gets all that was typed, as words. */
  ownOptions?: true
  /** What --help says, where that depends on the words before it. */
  help?(words: readonly string[]): string
  /** Resolves to the exit code. */
  run(args: Arguments): Promise<number>
}

export interface Option {
  name: string
  /** How the value is called in the help; a flag has none. */
  value?: string
  summary: string
}

export interface Arguments {
  words: readonly string[]
  flags: ReadonlySet<string>
  values: ReadonlyMap<string, string>
}

/** A mistake in what was typed: its text is shown as it is, with a pointer to --help. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Splits the words after the command; an unknown option or a missing value is a UsageError. */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const words: string[] = []
  const flags = new Set<string>()
  const values = new Map<string, string>()
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    if (!word.startsWith('--')) {
      words.push(word)
      continue
    }
    const [name = '', inline] = word.slice(2).split(/=(.*)/s)
    const option = command.options.find((candidate) => candidate.name === name)
    if (option === undefined)
      throw new UsageError(
        `${command.name}: no option --${name}${suggestion(
          name,
          command.options.map((o) => o.name),
          '--',
        )}`,
      )
    if (option.value === undefined) {
      flags.add(name)
      continue
    }
    const value = inline ?? argv[++i]
    if (value === undefined) throw new UsageError(`${command.name}: --${name} takes a value: ${option.value}`)
    values.set(name, value)
  }
  return { words, flags, values }
}

/** `; did you mean X?` where a known word is near, else nothing. */
export function suggestion(typed: string, known: readonly string[], prefix = ''): string {
  const near = known.map((word) => ({ word, distance: editDistance(typed, word) })).sort((a, b) => a.distance - b.distance)[0]
  return near !== undefined && near.distance <= Math.max(2, typed.length / 3) ? `; did you mean ${prefix}${near.word}?` : ''
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + cost))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** Reads `90s`, `5m`, `2h`, `250ms` or a plain number of seconds; milliseconds out. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  if (match === null) throw new UsageError(`not a duration: ${text} (write 90s, 5m or 2h)`)
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000
  return Number(match[1]) * unit
}

/** The option's value as a whole number in range, or the default. */
export function integerOption(args: Arguments, name: string, fallback: number, range: { min: number; max: number }): number {
  const text = args.values.get(name)
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw new UsageError(`--${name} takes a whole number from ${range.min} to ${range.max}, not ${text}`)
  }
  return value
}
