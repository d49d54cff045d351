import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Command, integerOption, parseArguments, parseDuration, suggestion, UsageError } from './command.ts'

const command: Command = {
  name: 'demo',
  summary: '',
  usage: '',
  options: [
    { name: 'json', summary: '' },
    { name: 'for', value: 'DURATION', summary: '' },
  ],
  run: async () => 0,
}

test('words, flags and values are told apart', () => {
  const args = parseArguments(command, ['attack', '--for', '90s', '--json', 'forged-ulr'])
  assert.deepEqual(args.words, ['attack', 'forged-ulr'])
  assert.ok(args.flags.has('json'))
  assert.equal(args.values.get('for'), '90s')
  assert.equal(parseArguments(command, ['--for=5m']).values.get('for'), '5m')
})

test('an unknown option names the nearest one, a missing value says what it takes', () => {
  assert.throws(() => parseArguments(command, ['--jsno']), /did you mean --json\?/)
  assert.throws(() => parseArguments(command, ['--for']), UsageError)
})

test('a near word is suggested, a far one is not', () => {
  assert.equal(suggestion('dmeo', ['demo', 'start']), '; did you mean demo?')
  assert.equal(suggestion('zzzzzz', ['demo', 'start']), '')
})

test('durations and bounded numbers', () => {
  assert.equal(parseDuration('90s'), 90_000)
  assert.equal(parseDuration('250ms'), 250)
  assert.equal(parseDuration('2'), 2000)
  assert.throws(() => parseDuration('soon'), UsageError)
  const args = parseArguments({ ...command, options: [{ name: 'rate', value: 'N', summary: '' }] }, ['--rate', '0'])
  assert.throws(() => integerOption(args, 'rate', 10, { min: 1, max: 100 }), UsageError)
})
