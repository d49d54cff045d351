import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { reportReceipt } from '#cli/ledger/receipt-report.ts'
import { projectRoot } from '#cli/root.ts'
import type { ApprovalPort } from '#platform/approval.ts'
import { defineFunction } from '#platform/function.ts'
import type { PasskeyPort } from '#platform/passkey.ts'
import { type ApprovalReceiptFile, type KeyFile, type LedgerReceiptFile, readReceipt } from '#platform/receipt.ts'
import { say } from '#platform/text.ts'
import { type AssertionMaker, createAssertionMaker } from '#test/assertion-maker.ts'
import { startTestPlatform, type TestPlatform } from '#test/platform.ts'
import { insertProvider } from '#test/subscribers.ts'
import { decisionChallenge } from './command-hash.ts'
import { approvalsFunction } from './index.ts'

/** Persons with keys of every kind that WebAuthn knows. */
const people = new Map<string, AssertionMaker>([
  ['ann', createAssertionMaker('ES256', 'YW5u')],
  ['bob', createAssertionMaker('EdDSA', 'Ym9i')],
  ['cid', createAssertionMaker('RS256', 'Y2lk')],
])

/** Signs on the spot: that the port verifies is tested where it is. */
const passkeys: PasskeyPort = {
  rpId: 'localhost',
  list: async (personId) => (people.has(personId) ? [{ id: personId, transports: [] }] : []),
  async verify(personId, challenge) {
    const key = people.get(personId)
    assert.ok(key !== undefined)
    return key.sign(challenge)
  },
}

const executor = defineFunction({
  name: 'executor',
  config: [],
  provides: [],
  needs: ['approvals', 'ledger'],
  controls: [],
  routes: [],
  navigation: [],
  metrics: [],
  async start({ ports }) {
    ports.approvals.on('test-command', async ({ id, providerId }) => {
      await ports.ledger.append({ kind: 'subscription-changed', actor: 'executor', providerId, body: { approvalId: id, sims: 3 } })
    })
    return { async [Symbol.asyncDispose]() {} }
  },
})

describe('receipts of approvals', () => {
  let platform: TestPlatform
  let port: ApprovalPort
  let providerId: string
  let receipt: ApprovalReceiptFile
  let keys: KeyFile

  const as = (person: string, provider = providerId) => ({
    as: provider,
    roles: ['provider-admin'] as const,
    headers: { 'x-test-person': person },
  })

  async function decide(id: string, person: string, decision: 'approve' | 'refuse' = 'approve'): Promise<void> {
    const body = { decision, reason: 'checked with the depot', response: {} }
    const { status, text } = await platform.call('POST', `approvals/${id}/decision`, { ...as(person), body })
    assert.equal(status, 200, text)
  }

  async function ask(needed: number): Promise<string> {
    const { id } = await port.request({
      kind: 'test-command',
      providerId,
      command: { suspend: ['001011000000001'], because: 'stolen “again”' },
      summary: say('approval.plain', { kind: 'test' }),
      reason: 'stolen',
      requestedBy: 'asker',
      needed,
      deciders: 'provider',
      expiresAt: platform.clock.now() + 3_600_000,
    })
    return id
  }

  before(async () => {
    platform = await startTestPlatform({ functions: [approvalsFunction, executor], base: { passkeys } })
    const { approvals } = platform.composition.ports
    assert.ok(approvals !== undefined)
    port = approvals
    providerId = (await insertProvider(platform.store, 'Meters Ltd', '00101100', 1)).providerId
    const id = await ask(3)
    for (const person of people.keys()) await decide(id, person)
    for (let round = 0; (await port.read(id))?.state !== 'executed'; round += 1) {
      assert.ok(round < 300)
      await platform.clock.advanceAsync(500)
    }
    receipt = read((await platform.call('GET', `approvals/${id}/receipt`, as('vic'))).text)
    keys = (await platform.call('GET', 'ledger/keys', { as: '' })).body
  })
  after(() => platform[Symbol.asyncDispose]())

  const read = (text: string): ApprovalReceiptFile => {
    const file = readReceipt(JSON.parse(text))
    assert.equal(file.type, 'simward-approval-receipt')
    return file as ApprovalReceiptFile
  }
  const clone = (): ApprovalReceiptFile => JSON.parse(JSON.stringify(receipt))
  const faultsOf = async (file: ApprovalReceiptFile, trusted: KeyFile | null = keys): Promise<string> =>
    (await reportReceipt(file, trusted)).faults.join('; ')

  test('it holds the command, every signature and every entry, and verifies with public keys alone', async () => {
    assert.equal(await faultsOf(receipt), '')
    assert.equal(await faultsOf(receipt, null), '')
    assert.deepEqual(
      receipt.entries.map(({ receipt: { entry } }) => entry.kind),
      ['approval-requested', 'approval-decided', 'approval-decided', 'approval-decided', 'subscription-changed', 'approval-executed'],
    )
    const { lines } = await reportReceipt(receipt, keys)
    for (const algorithm of ['ES256', 'EdDSA', 'RS256'])
      assert.ok(
        lines.some((line) => line.includes(algorithm)),
        algorithm,
      )
  })

  test('no value in it can be altered, left out or added', async () => {
    const places = leavesOf(receipt).filter(([path]) => path[0] !== 'keys')
    assert.ok(places.length > 150)
    for (const [path, value] of places) {
      const file = clone()
      place(file, path, altered(value))
      assert.ok(await isRefused(file), `altered ${path.join('.')}`)
    }
    for (const name of ['decisions', 'entries'] as const) {
      for (let index = 0; index < receipt[name].length; index += 1) {
        const file = clone()
        file[name].splice(index, 1)
        // What a function adds about its own part of the execution may be left out: the receipt says less, and nothing false.
        if (name === 'entries' && receipt.entries[index]?.receipt.entry.kind === 'subscription-changed') continue
        if (name === 'entries' && receipt.entries[index]?.receipt.entry.kind === 'approval-executed') continue
        assert.ok(await isRefused(file), `${name} without ${index}`)
      }
      const twice = clone()
      twice[name].push(JSON.parse(JSON.stringify(twice[name][1])))
      assert.ok(await isRefused(twice), `${name} with one more`)
    }
    assert.throws(() => readReceipt({ ...clone(), note: 'and a million more' }), { code: 'receipt-invalid' })
  })

  test('of keys only those count whose name is made from them, and whoever brings keys is bound to no others', async () => {
    const file = clone()
    const [key] = file.keys
    assert.ok(key !== undefined)
    const [other] = (await otherKeys()).keys
    assert.ok(other !== undefined)
    file.keys = [{ keyId: key.keyId, publicKey: other.publicKey }]
    assert.notEqual(await faultsOf(file, null), '')
    assert.notEqual(await faultsOf(receipt, { keys: [other] }), '')
    assert.notEqual(await faultsOf(receipt, { keys: [{ ...key, publicKey: 'no key' }] }), '')
  })

  test('who knows whose passkeys are whose learns when one is not', async () => {
    const known = [...people].map(([personId, key]) => ({
      personId,
      credentialId: key.credentialId,
      publicKey: key.publicKey.toString('base64url'),
    }))
    assert.equal(await faultsOf(receipt, { ...keys, passkeys: known }), '')
    assert.match(await faultsOf(receipt, { ...keys, passkeys: known.slice(1) }), /the passkey of ann is none/)
  })

  test('a signature over another decision, command or person does not hold', async () => {
    const ann = people.get('ann')
    assert.ok(ann !== undefined)
    const hash = Buffer.alloc(32, 1)
    for (const challenge of [decisionChallenge(hash, 'approve', 'ann'), hash]) {
      const file = clone()
      const [first] = file.decisions
      assert.ok(first !== undefined)
      first.assertion = ann.sign(challenge)
      assert.match(await faultsOf(file), /the signature of ann is not the one in the ledger/)
    }
  })

  test('a refusal is proven as well; a receipt of what still waits says so', async () => {
    const id = await ask(2)
    await decide(id, 'ann')
    const waiting = read((await platform.call('GET', `approvals/${id}/receipt`, as('vic'))).text)
    assert.equal(
      (await reportReceipt(waiting, keys)).lines.some((line) => line.includes('none yet')),
      true,
    )
    assert.equal(await faultsOf(waiting), '')
    await decide(id, 'bob', 'refuse')
    const refused = read((await platform.call('GET', `approvals/${id}/receipt`, as('vic'))).text)
    assert.equal(await faultsOf(refused), '')
  })

  test('another tenant gets no receipt', async () => {
    const other = await insertProvider(platform.store, 'Trackers Ltd', '00101200', 1)
    const answer = await platform.call('GET', `approvals/${receipt.approval.id}/receipt`, as('eve', other.providerId))
    assert.deepEqual([answer.status, answer.body.code], [404, 'approval-unknown'])
    for (const {
      receipt: { entry },
    } of receipt.entries) {
      assert.equal((await platform.call('GET', `ledger/entries/${entry.id}/receipt`, as('eve', other.providerId))).status, 404)
    }
  })

  test('one entry has a receipt of its own', async () => {
    const [first] = receipt.entries
    assert.ok(first !== undefined)
    const { text } = await platform.call('GET', `ledger/entries/${first.receipt.entry.id}/receipt`, as('ann'))
    const file = readReceipt(JSON.parse(text)) as LedgerReceiptFile
    assert.equal((await reportReceipt(file, keys)).ok, true)
    file.entry.body.reason = 'another'
    assert.equal((await reportReceipt(file, keys)).ok, false)
  })

  test('the program checks it without a store: 0 where it holds, 1 where not, and says what is no receipt', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'simward-receipt-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const forged = clone()
    forged.approval.command = { retire: ['001011000000001'] }
    for (const [name, value] of Object.entries({ good: receipt, forged, keys, nonsense: { type: 'receipt' } }))
      writeFileSync(join(directory, `${name}.json`), JSON.stringify(value))
    const run = (...args: string[]): { code: number; out: string } => {
      try {
        const out = execFileSync(
          process.execPath,
          ['--disable-warning=ExperimentalWarning', 'src/cli/run.ts', 'ledger', 'verify-receipt', ...args],
          {
            cwd: projectRoot,
            env: { PATH: process.env.PATH, SIMWARD_DATA_DIR: join(directory, 'nothing-here') },
            stdio: 'pipe',
          },
        )
        return { code: 0, out: out.toString() }
      } catch (error) {
        const { status, stdout, stderr } = error as { status: number; stdout: Buffer; stderr: Buffer }
        return { code: status, out: `${stdout}${stderr}` }
      }
    }
    const good = run(join(directory, 'good.json'), '--keys', join(directory, 'keys.json'))
    assert.deepEqual([good.code, /the receipt verifies/.test(good.out)], [0, true], good.out)
    const bad = run(join(directory, 'forged.json'))
    assert.deepEqual([bad.code, /does not verify/.test(bad.out)], [1, true], bad.out)
    const none = run(join(directory, 'nonsense.json'))
    assert.ok(none.code > 1 && /no receipt of Simward/.test(none.out), none.out)
  })

  /** By its form or by its proof. */
  async function isRefused(file: unknown): Promise<boolean> {
    try {
      return !(await reportReceipt(readReceipt(file), keys)).ok
    } catch (error) {
      return (error as { code?: string }).code === 'receipt-invalid'
    }
  }
})

async function otherKeys(): Promise<KeyFile> {
  await using platform = await startTestPlatform({ functions: [] })
  return (await platform.call('GET', 'ledger/keys', { as: '' })).body
}

type Path = readonly (string | number)[]

function leavesOf(value: unknown, path: Path = []): [Path, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...path, Array.isArray(value) ? Number(name) : name]))
}

function place(target: unknown, path: Path, value: unknown): void {
  let at = target as Record<string | number, unknown>
  for (const name of path.slice(0, -1)) at = at[name] as typeof at
  at[path.at(-1) ?? ''] = value
}

/** The nearest other value of that kind: one character, one more, the other word. */
function altered(value: unknown): unknown {
  if (value === null) return 'x'
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  const text = String(value)
  const middle = Math.floor(text.length / 2)
  const other = text[middle] === '0' ? '1' : '0'
  return text.slice(0, middle) + other + text.slice(middle + 1)
}
