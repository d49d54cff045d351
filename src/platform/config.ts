import { readFileSync } from 'node:fs'
import { isPlmn } from '#core/bcd.ts'
import { OperationError } from '#core/errors.ts'
import { type ConfigRow, type ConfigType, configRows } from './config-rows.ts'

type Rows = typeof configRows
export type ConfigKey = keyof Rows

interface ValueOfType {
  text: string
  integer: number
  number: number
  boolean: boolean
  port: number
  plmn: `${string}-${string}`
  list: readonly string[]
  url: string
  file: string
  word: string
}
type ValueOf<R extends ConfigRow> =
  | (R extends { words: readonly (infer W)[] } ? W : ValueOfType[R['type']])
  | (null extends R['default'] ? null : never)

export type ConfigValues = { readonly [K in ConfigKey]: ValueOf<Rows[K]> }

/**
 * Reads the environment (and, for secrets, `NAME_FILE`, the path of a file that holds the value). Throws one
 * OperationError `config-invalid` that names every fault; a secret's value is never in it.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, overrides: Partial<ConfigValues> = {}): ConfigValues {
  const faults: string[] = []
  const values: Record<string, unknown> = {}
  for (const [key, row] of Object.entries(configRows) as [ConfigKey, ConfigRow][]) {
    if (overrides[key] !== undefined) {
      values[key] = overrides[key]
      continue
    }
    try {
      const text = textOf(row, env)
      values[key] = text === undefined ? row.default : parse(row, text)
    } catch (fault) {
      const message = fault instanceof Error ? fault.message : String(fault)
      faults.push(`${row.env}: ${message}`)
    }
  }
  for (const name of unknownNames(env)) faults.push(`${name}: there is no such setting${nearest(name)}`)
  if (faults.length > 0) {
    throw new OperationError('config-invalid', 500, `the configuration has ${faults.length} fault(s):\n  ${faults.join('\n  ')}`, {
      faults,
    })
  }
  return values as unknown as ConfigValues
}

function textOf(row: ConfigRow, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const direct = env[row.env]
  if (row.secret !== true) return direct === '' ? undefined : direct
  const path = env[`${row.env}_FILE`]
  if (path === undefined || path === '') return direct === '' ? undefined : direct
  if (direct !== undefined && direct !== '') throw new RangeError(`give either ${row.env} or ${row.env}_FILE, not both`)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    throw new RangeError(`the file of ${row.env}_FILE cannot be read: ${path}`)
  }
}

const faultOf: Readonly<Record<ConfigType, (row: ConfigRow) => string>> = {
  text: () => 'some text',
  integer: (row) => `a whole number${range(row)}`,
  number: (row) => `a number${range(row)}`,
  boolean: () => 'true or false',
  port: () => 'a port, 0 to 65535 (0 takes a free one)',
  plmn: () => 'a network code such as 999-70',
  list: () => 'words separated by commas',
  url: () => 'a URL with its scheme, such as https://host/path',
  file: () => 'the path of a file',
  word: (row) => `one of ${(row.words ?? []).join(', ')}`,
}

function range(row: ConfigRow): string {
  if (row.min === undefined && row.max === undefined) return ''
  if (row.max === undefined) return ` of at least ${row.min}`
  return ` from ${row.min ?? 0} to ${row.max}`
}

function parse(row: ConfigRow, text: string): unknown {
  const value = parsers[row.type](text, row)
  if (value !== undefined) return value
  const shown = row.secret === true ? '' : `, not ${JSON.stringify(text.slice(0, 80))}`
  throw new RangeError(`needs ${faultOf[row.type](row)}${shown}`)
}

const parsers: Readonly<Record<ConfigType, (text: string, row: ConfigRow) => unknown>> = {
  text: (text) => text,
  file: (text) => text,
  integer: (text, row) => (/^-?\d{1,15}$/.test(text) ? within(Number(text), row) : undefined),
  number: (text, row) => (/^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? within(Number(text), row) : undefined),
  port: (text) => (/^\d{1,5}$/.test(text) ? within(Number(text), { min: 0, max: 65_535 }) : undefined),
  boolean: (text) => ({ true: true, false: false, 1: true, 0: false, yes: true, no: false })[text.toLowerCase()],
  plmn: (text) => (isPlmn(text) ? text : undefined),
  list: (text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  url: (text) => (URL.canParse(text) && /^[a-z]+:\/\//i.test(text) ? text : undefined),
  word: (text, row) => (row.words?.includes(text) === true ? text : undefined),
}

function within(
  value: number,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number },
): number | undefined {
  return value >= min && value <= max ? value : undefined
}

const known = new Set(
  Object.values(configRows as Readonly<Record<string, ConfigRow>>).flatMap((row) =>
    row.secret === true ? [row.env, `${row.env}_FILE`] : [row.env],
  ),
)

/** A misspelt setting must not be a setting that silently does nothing. */
function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env).filter((name) => name.startsWith('SIMWARD_') && !known.has(name))
}

function nearest(name: string): string {
  const close = [...known].find((candidate) => candidate.startsWith(name) || name.startsWith(candidate) || distance(candidate, name) <= 3)
  return close === undefined ? '' : `; did you mean ${close}?`
}

/** Levenshtein distance, for names of a few dozen characters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + cost)
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The text of docs/configuration.md; a test keeps the file equal to it. */
export function configurationDocument(): string {
  const rows = Object.entries(configRows as Readonly<Record<string, ConfigRow>>)
  const areas = [...new Set(rows.map(([, row]) => row.area))]
  const shown = (row: ConfigRow): string => {
    if (row.default === null || (Array.isArray(row.default) && row.default.length === 0)) return 'none'
    return `\`${Array.isArray(row.default) ? row.default.join(',') : String(row.default)}\``
  }
  const line = ([, row]: [string, ConfigRow]): string =>
    `| \`${row.env}\`${row.secret === true ? ' (secret)' : ''} | ${row.type === 'word' ? (row.words ?? []).join(', ') : row.type} | ${shown(row)} | ${row.doc} |`
  return [
    '# Configuration',
    '',
    'Every setting is an environment variable. A secret may stand in a file instead: name its path in `NAME_FILE`.',
    'An unknown name that begins with `SIMWARD_` stops the start, and so does a value that does not parse; the message names each.',
    'This page is written from `src/platform/config-rows.ts` by `node src/platform/print-configuration.ts`; a test keeps the two equal.',
    ...areas.flatMap((area) => [
      '',
      `## ${area}`,
      '',
      '| name | type | default | what it does |',
      '|---|---|---|---|',
      ...rows.filter(([, row]) => row.area === area).map(line),
    ]),
    '',
  ].join('\n')
}
