import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { projectRoot } from '#cli/root.ts'
import { type ConfigRow, configRows } from '#platform/config-rows.ts'
import { operationList } from '#platform/http/schemas/operations.ts'

const read = (path: string): string => readFileSync(`${projectRoot}${path}`, 'utf8')
const rows = read('docs/asvs.md')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, number = '', , state = '', shown = '']) => ({ number, state, shown }))

/** Chapter, section, and how many requirements of levels 1 and 2 it has: in each section they come first. */
const numbered: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  1: { 1: 2, 2: 9, 3: 11, 4: 3, 5: 2 },
  2: { 1: 3, 2: 3, 3: 4, 4: 1 },
  3: { 2: 2, 3: 4, 4: 6, 5: 5, 7: 2 },
  4: { 1: 3, 2: 1, 3: 2, 4: 4 },
  5: { 1: 1, 2: 3, 3: 2, 4: 3 },
  6: { 1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4 },
  7: { 1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2 },
  8: { 1: 2, 2: 3, 3: 1, 4: 1 },
  9: { 1: 3, 2: 4 },
  10: { 1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3 },
  11: { 1: 2, 2: 3, 3: 3, 4: 4, 5: 1, 6: 1 },
  12: { 1: 3, 2: 2, 3: 4 },
  13: { 1: 1, 2: 5, 3: 2, 4: 5 },
  14: { 1: 2, 2: 4, 3: 3 },
  15: { 1: 3, 2: 3, 3: 7 },
  16: { 1: 1, 2: 5, 3: 4, 4: 3, 5: 3 },
}
const all = Object.entries(numbered).flatMap(([chapter, sections]) =>
  Object.entries(sections).flatMap(([section, count]) => Array.from({ length: count }, (_, i) => `${chapter}.${section}.${i + 1}`)),
)

describe('the checklist', () => {
  test('every requirement of docs/asvs.md that is met names a test that exists', () => {
    for (const { number, state, shown } of rows) {
      assert.match(state, /^(met|(partly|not|n\/a): .+)$/, number)
      const [, file, name] = /^`([^`]+)`(?:: (.+))?$/.exec(shown) ?? []
      if (file === undefined) {
        assert.equal(shown, '', `${number}: ${shown} is no file and test`)
        assert.notEqual(state, 'met', `${number} is met, but shown by nothing`)
        continue
      }
      assert.ok(!state.startsWith('n/a'), `${number} has no subject, and yet a test`)
      assert.ok(existsSync(`${projectRoot}${file}`), `${number}: ${file} is not there`)
      const found = ["'", '"', '`'].some((quote) => read(file).includes(`test(${quote}${name ?? ''}`))
      assert.ok(found, `${number}: ${file} has no test that begins "${name}"`)
    }
  })

  test('every requirement of levels 1 and 2 stands there once, in its order; so do the level 3 items that we add', () => {
    const numbers = rows.map(({ number }) => number)
    assert.equal(new Set(numbers).size, numbers.length)
    assert.deepEqual(
      numbers.filter((number) => !number.includes('(L3')),
      all,
    )
    for (const item of ['2.3.5', '6.3.3', '6.3.6', '6.3.7', '6.3.8', '6.4.6', '7.5.3', '10.4.13'])
      assert.ok(
        numbers.some((number) => number.startsWith(`${item} (L3`)),
        item,
      )
  })

  test('the sums at the top are those of the rows', () => {
    const sums = (isThree: boolean): string[] => {
      const states = rows.filter(({ number }) => number.includes('(L3') === isThree).map(({ state }) => state.split(':')[0])
      return ['met', 'partly', 'not', 'n/a'].map((word) => String(states.filter((state) => state === word).length))
    }
    const text = read('docs/asvs.md')
    assert.ok(text.includes(`\n| levels 1 and 2 | ${sums(false).join(' | ')} |\n`), sums(false).join(' | '))
    assert.ok(text.includes(`\n| level 3, as marked | ${sums(true).join(' | ')} |\n`), sums(true).join(' | '))
  })
})

/** What a requirement asks of the documents, by words that no document without it has. */
const written: readonly (readonly [numbers: string, file: string, ...says: RegExp[]])[] = [
  ['2.1.1', 'docs/protection.md', /names the type, form, length and range/, /`\/api\/v1\/openapi\.json` prints these rules/],
  ['2.1.2', 'docs/protection.md', /What has to fit together/],
  ['2.1.3', 'docs/protection.md', /Limits for one person, client,\s+provider and process/],
  ['5.1.1', 'docs/protection.md', /CSV in UTF-8/, /never unpacked/, /64 columns/, /Files that are given back/],
  [
    '6.1.1, 6.1.2',
    'docs/sign-in.md',
    /## Guessing/,
    /nobody is ever locked out/,
    /name of the installation, the organisation or the person/,
  ],
  ['6.1.3', 'docs/sign-in.md', /## Ways in/],
  ['7.1.1', 'docs/sign-in.md', /15 minutes without use/, /12 hours in any case/, /SP 800-63B/],
  ['7.1.2', 'docs/sign-in.md', /20 at most; with one more/],
  ['7.1.3', 'docs/sign-in.md', /does not hang on the provider's/],
  ['8.1.2', 'docs/protection.md', /Fields: what is sealed is granted to no role/],
  ['11.1.1, 11.1.2', 'docs/protection.md', /\| key \| algorithm \| made \| kept \| replaced \|/],
  [
    '13.1.1',
    'docs/protection.md',
    /\| with \| direction \| how \| who is who \| when it fails \|/,
    /Customers enter two kinds of addresses/,
  ],
  ['14.1.1, 14.1.2', 'docs/protection.md', /\| level \| what \| in the store \| in answers and pages \| in logs \| kept \|/],
  ['15.1.3', 'docs/protection.md', /\| what \| how it is bounded \|/],
  ['16.1.1', 'docs/protection.md', /\| where \| what \| form \| who reads it \| kept \|/],
]

test('the documents say what they have to', () => {
  for (const [numbers, file, ...says] of written) for (const words of says) assert.match(read(file), words, `${numbers}: ${file}`)
  const claimed = rows.filter(({ shown }) => shown.endsWith('the documents say what they have to')).map(({ number }) => number)
  const checked = written.flatMap(([numbers]) => numbers.split(', '))
  assert.deepEqual(
    claimed.filter((number) => !checked.includes(number)),
    [],
  )
  // Its figures are those of the limits: a changed limit is a changed document.
  const limits = read('src/core/limits.ts')
  for (const [row, said] of [
    ['fileBytes: 1_073_741_824', 'up to 1 GiB'],
    ['lineChars: 16_384', '16,384 characters'],
    ['importRows: 5_000_000', '5,000,000 rows'],
    ['sessionsPerPerson: 20', ''],
    ['signInPerMinute: 30', '30 attempts a minute per address'],
    ['subscribers: 64', '64 readers'],
  ] as const) {
    assert.ok(limits.includes(row), row)
    assert.ok(read('docs/protection.md').includes(said), said)
  }
})

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

/** Every schema within one, with where it stands. */
function* within(schema: unknown, at: string): Generator<readonly [Node, string]> {
  if (!isNode(schema)) return
  yield [schema, at]
  for (const [name, part] of Object.entries(isNode(schema.properties) ? schema.properties : {})) yield* within(part, `${at}.${name}`)
  for (const key of ['anyOf', 'allOf', 'oneOf'])
    for (const part of Array.isArray(schema[key]) ? (schema[key] as unknown[]) : []) yield* within(part, at)
  for (const item of [schema.items].flat()) yield* within(item, `${at}[]`)
}

describe('operations', () => {
  test('every operation names all that it takes, and how long it may be', () => {
    // Keys of API clients are a standard's to extend; `keys.ts` looks at each of their members that it uses.
    const open = new Set(['createClient.keys', 'updateClient.keys', 'createClient.keys.keys[]', 'updateClient.keys.keys[]'])
    const wrong: string[] = []
    let looked = 0
    for (const { id, body } of operationList) {
      for (const [{ type, properties, additionalProperties, ...rest }, at] of within(body, id)) {
        looked += 1
        if (type === 'object' && properties !== undefined && additionalProperties !== false && !open.has(at)) wrong.push(`${at} is open`)
        const isBounded = ['maxLength', 'enum', 'const', 'pattern', 'format'].some((word) => word in rest)
        if (type === 'string' && !isBounded) wrong.push(`${at} has no end`)
        if (type === 'array' && rest.maxItems === undefined && rest.additionalItems !== false && !open.has(at))
          wrong.push(`${at} has no end`)
      }
    }
    assert.ok(looked > 300)
    assert.deepEqual(wrong, [])
  })

  test('reading changes nothing: what needs a right to change something is no GET', () => {
    const reading = operationList.filter(({ method }) => method === 'GET')
    assert.ok(reading.length > 40)
    for (const { id, permission, body, stepUp } of reading) {
      assert.doesNotMatch(permission, /:write$/, id)
      assert.deepEqual([body, stepUp], [undefined, undefined], id)
      assert.match(id, /^(get|list|stream|download|export)[A-Z]/)
    }
  })

  test('e-mail is no factor, and nobody is asked a question that others could answer', () => {
    const entry = operationList.filter(({ tag }) => tag === 'sign-in' || tag === 'self').map(({ id, path }) => `${id} ${path}`)
    assert.ok(entry.length > 15)
    for (const one of entry) assert.doesNotMatch(one, /mail|sms|question|hint/i)
  })
})

const sourcesOf = (...patterns: string[]): string[] =>
  globSync(patterns, { cwd: projectRoot }).filter((path) => !/\.(test|fixture|gen)\.tsx?$/.test(path))
const server = sourcesOf('src/**/*.ts')
const portal = sourcesOf('portal/src/**/*.{ts,tsx}', 'portal/public/*.js')

/** Files that hold the pattern. */
const holding = (files: readonly string[], pattern: RegExp): string[] => files.filter((path) => pattern.test(read(path))).toSorted()

describe('sources', () => {
  test('nothing that came as text is run or shown as code', () => {
    assert.ok(server.length > 300 && portal.length > 100)
    const runs =
      /\beval\(|new Function\(|from 'node:vm'|\.(inner|outer)HTML\b|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|srcdoc/i
    assert.deepEqual(holding([...server, ...portal], runs), [])
    assert.deepEqual(holding(portal, /addEventListener\('message'|window\.opener|javascript:/), [])
    // Put together from words and numbers of our own.
    assert.deepEqual(holding([...server, ...portal], /new RegExp\(/), [
      'portal/src/logic/format.ts',
      'src/cli/api-client.ts',
      'src/protocols/diameter/address.ts',
    ])
  })

  test('the server starts no other program', () => {
    // `./simward test` starts the tests; nothing of a running server does.
    assert.deepEqual(holding(server, /node:child_process|node:cluster/), ['src/cli/commands/test.ts'])
  })

  test('nothing is written but to the log, to rows and to where the command line is asked to write', () => {
    const running = server.filter((path) => !path.startsWith('src/cli/') && !/\/(print[\w-]*|make)\.ts$/.test(path))
    assert.deepEqual(holding(running, /\bconsole\.\w+\(|process\.std(out|err)|appendFile|createWriteStream/), [])
    assert.deepEqual(holding(running, /\bwriteFile(Sync)?\(/), ['src/store/pglite-lock.ts', 'src/store/pglite.ts', 'src/store/snapshot.ts'])
  })

  test('secrets come from the system’s random source', () => {
    // Both spread work in time, where a guess is worth nothing.
    assert.deepEqual(holding([...server, ...portal], /Math\.random/), ['src/functions/hss/index.ts', 'src/functions/webhooks/index.ts'])
  })

  test('ciphers and hashes are those of the inventory', () => {
    const oneBlock = ['src/crypto/aes.ts', 'src/crypto/vault.ts']
    const allowed: Readonly<Record<string, readonly string[]>> = {
      sha1: ['src/functions/sign-in/known/known.ts', 'src/functions/sign-in/totp.ts'],
      'aes-128-ecb': oneBlock,
      'aes-${key.length * 8}-ecb': oneBlock,
      shake256: ['src/crypto/tuak.ts'],
    }
    const everywhere = ['sha256', 'aes-256-gcm', 'argon2id']
    const call = /\b(?:createHash|createHmac|createCipheriv|createDecipheriv|hkdfSync|pbkdf2\w*|scrypt\w*|argon2|hash)\(\s*(['"`])(.*?)\1/g
    const uses = server.flatMap((path) => [...read(path).matchAll(call)].map(([, , name = '']) => [path, name] as const))
    assert.ok(uses.length > 25)
    assert.deepEqual(
      uses.filter(([path, name]) => !everywhere.includes(name) && allowed[name]?.includes(path) !== true),
      [],
    )
    const inventory = read('docs/protection.md')
    for (const word of ['AES-256-GCM', 'HMAC-SHA-256', 'HKDF-SHA-256', 'HMAC-SHA-1', 'argon2id', 'Ed25519', 'Keccak'])
      assert.ok(inventory.includes(word), word)
  })

  test('passwords are typed hidden, and nothing keeps a password manager or the clipboard out', () => {
    assert.deepEqual(holding(portal, /onPaste|onDrop=\{[^}]*preventDefault|user-select: none[^}]*input/), [])
    const fields = portal.flatMap((path) =>
      [...read(path).matchAll(/<PasswordInput\b([\s\S]*?)\/>/g)].map(([, props = '']) => ({ path, props })),
    )
    assert.ok(fields.length >= 4)
    for (const { path, props } of fields) {
      // A provider's secret is no password of the person at the browser.
      if (path !== 'portal/src/pages/sign-ons/form.tsx') assert.match(props, /autoComplete="(current|new)-password"/, path)
      assert.doesNotMatch(props, /visibilityToggle|visible=|maxLength/, path)
    }
    assert.deepEqual(holding(portal, /<(TextInput|input)[^>]*autoComplete="(current|new)-password"/), [])
  })
})

test('no secret has a default', () => {
  const secrets = Object.values(configRows as Readonly<Record<string, ConfigRow>>).filter(({ secret }) => secret === true)
  assert.ok(secrets.length >= 5)
  for (const { env, default: value } of secrets) assert.equal(value, null, env)
})

test('every library is locked by its hash, from the registry, and installed without running anything of it', () => {
  for (const folder of ['', 'launcher/']) {
    const { packages } = JSON.parse(read(`${folder}package-lock.json`)) as {
      packages: Record<string, { integrity?: string; resolved?: string }>
    }
    const entries = Object.entries(packages).filter(([path]) => path !== '')
    assert.ok(entries.length > 0)
    for (const [path, { integrity, resolved }] of entries) {
      assert.match(integrity ?? '', /^sha512-/, path)
      if (resolved !== undefined) assert.match(resolved, /^https:\/\/registry\.npmjs\.org\//, path)
    }
    const { dependencies = {}, devDependencies = {} } = JSON.parse(read(`${folder}package.json`)) as Record<string, Record<string, string>>
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      assert.match(version, /^(npm:[\w-]+@)?\d+\.\d+\.\d+/, name)
    assert.match(read(`${folder}.npmrc`), /^ignore-scripts=true$/m)
  }
})
