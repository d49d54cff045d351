import { enteredImei, isEid, isIccid, isImsi, isMsisdn } from '#domain/identities.ts'
import { intendedStates, subscriptionClasses } from '#domain/subscription.ts'
import { csvFault, shown } from './text.ts'

/** What is wrong with one cell, or with a row as a whole (`column` null). */
export interface RowFault {
  column: string | null
  code: string
  /** Cut short; null for what must not be repeated: keys. */
  value: string | null
  detail: string
}

interface ColumnRule {
  doc: string
  example: string
  needed?: true
  /** Never repeated, kept or shown. */
  secret?: true
  /** null: the cell is right. */
  check(value: string): { code: string; detail: string } | null
}

const anything = (): null => null
const rule =
  (code: string, detail: string, isRight: (value: string) => boolean) =>
  (value: string): { code: string; detail: string } | null =>
    isRight(value) ? null : { code, detail }
const words = (list: readonly string[]) => rule('word-unknown', `one of ${list.join(', ')}`, (value) => list.includes(value))
/** Cells of optional values: `-` takes the value away. */
export const cleared = '-'

const iccid: ColumnRule = {
  doc: 'ICCID of the card, 19 or 20 digits with check digit',
  example: '8999970000000000019',
  check: rule('iccid-invalid', '19 or 20 digits from 89 on, the last one a check digit (Luhn)', isIccid),
}
const imsi: ColumnRule = {
  doc: 'IMSI, 6 to 15 digits',
  example: '999700100000001',
  check: rule('imsi-invalid', '6 to 15 digits: MCC, MNC and MSIN', isImsi),
}
const msisdn: ColumnRule = {
  doc: 'MSISDN in international form',
  example: '+999700100000001',
  check: rule('msisdn-invalid', '5 to 15 digits, with or without a plus', isMsisdn),
}
const label: ColumnRule = {
  doc: 'what its owner calls it; - takes it away',
  example: 'Pump 7, north field',
  check: rule('label-too-long', 'at most 200 characters', (value) => value.length <= 200),
}

/** By which a row names a SIM that is there. */
const identityColumns = { imsi, iccid, msisdn } as const satisfies Record<string, ColumnRule>

/** What a row of a file of changes may say, in the order in which it is done. */
const changeColumns = {
  state: { doc: `state: ${intendedStates.join(', ')}`, example: 'active', check: words(intendedStates) },
  class: { doc: `class: ${subscriptionClasses.join(', ')}`, example: 'standard', check: words(subscriptionClasses) },
  profile: { doc: 'profile of its provider, by name or id', example: 'Meters', check: anything },
  group: { doc: 'group of its provider, by id; - for none', example: '-', check: anything },
  plan: { doc: 'rate plan, by id; - for none', example: '-', check: anything },
  label,
  imei: {
    doc: 'IMEI lock: 14 digits, or 15 with the check digit; - to bind the next device',
    example: '00101700000001',
    check: rule(
      'imei-invalid',
      '14 digits, or 15 of which the last one is a check digit (Luhn)',
      (value) => value === cleared || enteredImei(value) !== undefined,
    ),
  },
  hold: { doc: 'next attach needs a release: yes, no', example: 'no', check: words(['yes', 'no']) },
  partition: {
    doc: 'HSS partition',
    example: 'main',
    check: rule('partition-invalid', 'a short name in lower case', (value) => /^[a-z][a-z0-9-]{0,31}$/.test(value)),
  },
} as const satisfies Record<string, ColumnRule>

const isHex = (value: string, lengths: readonly number[]): boolean => lengths.includes(value.length) && /^[0-9a-fA-F]+$/.test(value)
const formFactors = ['2FF', '3FF', '4FF', 'MFF2', 'iUICC'] as const

/** What a new SIM is made of. */
const importColumns = {
  iccid: { ...iccid, needed: true },
  imsi: { ...imsi, needed: true },
  msisdn,
  eid: {
    doc: 'EID, 32 digits with check digits',
    example: '',
    check: rule('eid-invalid', '32 digits from 89 on, the last two a check modulo 97', isEid),
  },
  form_factor: { doc: `form factor: ${formFactors.join(', ')}`, example: 'MFF2', needed: true, check: words(formFactors) },
  use: { doc: 'what it may be put into: iot, handset', example: 'iot', needed: true, check: words(['iot', 'handset']) },
  provider: {
    doc: 'provider that it is for, by name or id; not needed where the job names one',
    example: 'Wayfold Logistics',
    check: anything,
  },
  profile: { doc: 'profile of that provider, by name or id', example: 'Trackers', needed: true, check: anything },
  class: {
    doc: `class: ${subscriptionClasses.join(', ')}; standard where left out`,
    example: 'standard',
    check: words(subscriptionClasses),
  },
  label,
  ki: {
    doc: 'K, hexadecimal; sealed while the file is read, never shown again',
    example: '00112233445566778899aabbccddeeff',
    needed: true,
    secret: true,
    check: rule('key-invalid', '32 or 64 hexadecimal digits', (value) => isHex(value, [32, 64])),
  },
  opc: {
    doc: 'OPc (or TOPc, 64 digits, for TUAK), hexadecimal; sealed likewise',
    example: 'ffeeddccbbaa99887766554433221100',
    needed: true,
    secret: true,
    check: rule('key-invalid', '32 or 64 hexadecimal digits', (value) => isHex(value, [32, 64])),
  },
} as const satisfies Record<string, ColumnRule>

type Columns = Readonly<Record<string, ColumnRule>>

/** The columns that a file of this kind may have. */
export const columnsOf = {
  change: identityColumns,
  csv: { ...identityColumns, ...changeColumns },
  import: importColumns,
} as const satisfies Record<string, Columns>

/** Columns of our own result files, which may come back with the file. */
const ignored: ReadonlySet<string> = new Set(['line', 'error'])

export interface Header {
  /** As the file has them, lower case. */
  names: readonly string[]
  /** True for columns whose cells are kept nowhere. */
  isSecret(name: string): boolean
  /** The row's cells by column, checked; `faults` says what is wrong. Cells that are empty are left out. */
  read(cells: readonly string[], plain: (text: string) => string): { values: Record<string, string>; faults: RowFault[] }
}

/** Throws `csv-header` where columns are missing, unknown, named twice, or none names a SIM. */
export function readHeader(kind: keyof typeof columnsOf, cells: readonly string[]): Header {
  // Without a prototype: `toString` is no column.
  const columns: Columns = Object.assign(Object.create(null), columnsOf[kind])
  const names = cells.map((name) =>
    name
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_'),
  )
  const unknown = names.filter((name) => name !== '' && columns[name] === undefined && !ignored.has(name))
  if (unknown.length > 0)
    throw csvFault(
      'csv-header',
      `unknown columns: ${unknown.map((name) => shown(name)).join(', ')}; there are ${Object.keys(columns).join(', ')}`,
      {
        unknown: unknown.map(shown),
      },
    )
  const twice = names.filter((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice.length > 0) throw csvFault('csv-header', `columns named twice: ${twice.join(', ')}`, { twice })
  const missing = Object.entries(columns).flatMap(([name, { needed }]) => (needed === true && !names.includes(name) ? [name] : []))
  if (missing.length > 0) throw csvFault('csv-header', `columns missing: ${missing.join(', ')}`, { missing })
  if (!names.some((name) => Object.hasOwn(identityColumns, name)))
    throw csvFault('csv-header', `no column names a SIM: ${Object.keys(identityColumns).join(', ')}`, {
      missing: Object.keys(identityColumns),
    })
  if (kind === 'csv' && !names.some((name) => Object.hasOwn(changeColumns, name)))
    throw csvFault('csv-header', `no column says a change: ${Object.keys(changeColumns).join(', ')}`, {
      missing: Object.keys(changeColumns),
    })
  return { names, isSecret: (name) => columns[name]?.secret === true, read: (row, plain) => readCells(columns, names, row, plain) }
}

function readCells(
  columns: Columns,
  names: readonly string[],
  cells: readonly string[],
  plain: (text: string) => string,
): { values: Record<string, string>; faults: RowFault[] } {
  const values: Record<string, string> = {}
  const faults: RowFault[] = []
  if (cells.length !== names.length)
    faults.push({ column: null, code: 'cell-count', value: null, detail: `${cells.length} cells where the header has ${names.length}` })
  for (const [i, name] of names.entries()) {
    const column = columns[name]
    if (column === undefined) continue
    const value = plain(cells[i] ?? '')
    if (value === '') {
      if (column.needed === true) faults.push({ column: name, code: 'cell-empty', value: null, detail: 'a value is needed here' })
      continue
    }
    const wrong = column.check(value)
    if (wrong === null) values[name] = value
    else faults.push({ column: name, code: wrong.code, value: column.secret === true ? null : shown(value), detail: wrong.detail })
  }
  return { values, faults }
}

/** The template of a kind: its header, and a line that shows what goes where. */
export function templateOf(kind: keyof typeof columnsOf): readonly (readonly string[])[] {
  const columns: Columns = columnsOf[kind]
  return [Object.keys(columns), Object.values(columns).map(({ example }) => example)]
}
