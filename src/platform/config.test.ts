import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { OperationError } from '#core/errors.ts'
import { configurationDocument, readConfig } from './config.ts'
import { type ConfigRow, configRows } from './config-rows.ts'

test('docs/configuration.md says what the table says', async () => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  assert.equal(page, configurationDocument(), 'run: node src/platform/print-configuration.ts > docs/configuration.md')
})

test('every default would be accepted if it were given', () => {
  const defaults = readConfig({})
  for (const [key, row] of Object.entries(configRows as Record<string, ConfigRow>)) {
    if (row.default === null || Array.isArray(row.default)) continue
    const read = readConfig({ [row.env]: String(row.default) })
    assert.deepEqual(read[key as keyof typeof read], defaults[key as keyof typeof defaults], key)
    assert.match(row.env, /^SIMWARD_[A-Z_]+$/)
  }
})

test('values are read by their types', () => {
  const config = readConfig({
    SIMWARD_PLMN: '001-001',
    SIMWARD_HTTP_PORT: '0',
    SIMWARD_CUT_OVER_COMPLETE: 'yes',
    SIMWARD_ALARM_EMAIL_TO: 'a@b.example, c@d.example',
  })
  assert.equal(config.plmn, '001-001')
  assert.equal(config.httpPort, 0)
  assert.equal(config.cutOverComplete, true)
  assert.deepEqual(config.alarmEmailTo, ['a@b.example', 'c@d.example'])
  assert.equal(config.databaseUrl, null)
})

test('every fault is named at once, a misspelt name too, and no secret is shown', () => {
  const env = {
    SIMWARD_HTTP_PORT: '99999',
    SIMWARD_PLMN: '12',
    SIMWARD_LANGUAGE: 'de',
    SIMWARD_CAPACITY: '-1',
    SIMWARD_HTPP_HOST: '127.0.0.1',
    SIMWARD_DATABASE_URL: 'hunter2',
  }
  assert.throws(
    () => readConfig(env),
    (error) => {
      assert.ok(error instanceof OperationError)
      assert.equal(error.code, 'config-invalid')
      assert.match(error.message, /SIMWARD_HTTP_PORT: needs a port, 0 to 65535 .*, not "99999"/)
      assert.match(error.message, /SIMWARD_PLMN: needs a network code such as 999-70/)
      assert.match(error.message, /SIMWARD_LANGUAGE: needs one of en, zh-Hans, ja/)
      assert.match(error.message, /SIMWARD_CAPACITY: needs a whole number from 1 to 1000000/)
      assert.match(error.message, /SIMWARD_HTPP_HOST: there is no such setting; did you mean SIMWARD_HTTP_HOST\?/)
      assert.match(error.message, /SIMWARD_DATABASE_URL: needs a URL/)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    },
  )
})

test('a secret may stand in a file, but not in both places', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'simward-config-'))
  const path = join(folder, 'token')
  await writeFile(path, 'from the file\n')
  assert.equal(readConfig({ SIMWARD_METRICS_TOKEN_FILE: path }).metricsToken, 'from the file')
  assert.throws(() => readConfig({ SIMWARD_METRICS_TOKEN_FILE: path, SIMWARD_METRICS_TOKEN: 'x' }), /not both/)
  assert.throws(() => readConfig({ SIMWARD_METRICS_TOKEN_FILE: join(folder, 'none') }), /cannot be read/)
  assert.throws(() => readConfig({ SIMWARD_NAME_FILE: path }), /there is no such setting/)
  await rm(folder, { recursive: true })
})
