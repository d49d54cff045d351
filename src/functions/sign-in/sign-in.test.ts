import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { createIdMaker } from '#core/ids.ts'
import { limits } from '#core/limits.ts'
import { createVault } from '#crypto/vault.ts'
import type { Db } from '#store/db.ts'
import { createLedger } from '#store/ledger.ts'
import { createSubjectKeys } from '#store/subject-keys.ts'
import { openTestStore } from '#test/stores.ts'
import { Credentials } from './credentials.ts'
import { Enrolling } from './enrolling.ts'
import { PasswordRules } from './passwords.ts'
import { People } from './people.ts'
import { Proving, type Refusal } from './proving.ts'
import { Sessions } from './sessions.ts'
import { Throttle } from './throttle.ts'
import { Tokens } from './tokens.ts'
import { totp } from './totp.ts'

const silentLog = { info() {}, warn() {}, error() {} }
const good = 'meadow lantern seven otters'
const proof = { factors: ['passkey'], phishingResistant: true } as const
const from = { address: '192.0.2.1', userAgent: 'test' }

describe('claim and sign-in with password and code', () => {
  const clock = new VirtualClock()
  const newId = createIdMaker()
  let db: Db
  let enrolling: Enrolling
  let proving: Proving
  let sessions: Sessions
  let secret: Buffer
  const refusals: Refusal[] = []
  let close = async (): Promise<void> => {}

  before(async () => {
    db = await openTestStore('pglite', clock)
    const vault = createVault(Buffer.alloc(32, 7))
    const wrapper = {
      wrap: (id: string, key: Buffer) => vault.seal('subject-key', id, key),
      unwrap: (id: string, key: Buffer) => vault.open('subject-key', id, key),
    }
    const subjects = await createSubjectKeys({ db, clock, newId, wrapper })
    const signer = { keyId: 'test', sign: () => Buffer.alloc(64) }
    const ledger = createLedger({ db, clock, log: silentLog, newId, node: 'test', subjects, signer, checkpointAfterMs: 0 })
    const id = (): string => newId(clock.now())
    const credentials = new Credentials({ db, clock, newId: id })
    const people = new People({ db, newId: id, ledger, credentials })
    const tokens = new Tokens(db, clock)
    const site = { id: 'localhost', name: 'Halden', origin: null }
    sessions = new Sessions(db, clock, { idleMs: 900_000, providerIdleMs: 1_800_000, absoluteMs: 3_600_000 })
    const rules = new PasswordRules(['Halden'])
    const common = { people, credentials, sessions, tokens, vault, rules, site, clock, newId: id, ledger }
    const lifeMs = { claim: 3_600_000, invite: 3_600_000, recover: 3_600_000 }
    enrolling = new Enrolling({ ...common, origin: () => 'http://localhost:1', lifeMs })
    proving = new Proving({ ...common, throttle: new Throttle(clock), onCodesClosed: () => {}, onRefused: (one) => refusals.push(one) })
    close = async () => {
      await ledger.close()
      await subjects.close()
      await db.close()
    }
  })
  after(() => close())

  const refusal = async (attempt: Promise<unknown>): Promise<string> => {
    const error = await attempt.then(
      () => null,
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof OperationError, String(error))
    return error.code
  }

  const signIn = async (name: string, password: string, code: string): Promise<string> =>
    (await proving.byName(name, { password, code }, '192.0.2.1')).person.id

  test('a newer link ends the older one, and one of them claims once', async () => {
    const old = await enrolling.claimLink()
    const token = await enrolling.claimLink()
    assert.equal(await enrolling.look(old), null)
    assert.equal(await refusal(enrolling.password(token, 'too short', 'ada')), 'password-refused')
    const { otpauth } = await enrolling.password(token, good, 'ada')
    secret = base32(new URL(otpauth).searchParams.get('secret') ?? '')
    assert.equal(await refusal(enrolling.totp(token, '000000')), 'code-wrong')
    const both = await Promise.allSettled([
      enrolling.totp(token, totp(secret, clock.now())),
      enrolling.totp(token, totp(secret, clock.now())),
    ])
    assert.deepEqual(both.map((one) => one.status).sort(), ['fulfilled', 'rejected'])
    assert.equal(await enrolling.look(token), null)
    assert.equal(
      await refusal(
        enrolling
          .password(await enrolling.claimLink(), good, 'eve')
          .then(({ otpauth: url }) => enrolling.totp(old, totp(base32(new URL(url).searchParams.get('secret') ?? ''), clock.now()))),
      ),
      'token-invalid',
    )
  })

  test('a second claim is refused even with a valid link', async () => {
    const token = await enrolling.claimLink()
    const { otpauth } = await enrolling.password(token, good, 'eve')
    const code = totp(base32(new URL(otpauth).searchParams.get('secret') ?? ''), clock.now())
    assert.equal(await refusal(enrolling.totp(token, code)), 'already-claimed')
  })

  test('a code works once, a wrong password does not use it up, and unknown names read the same', async () => {
    clock.advance(60_000)
    const code = totp(secret, clock.now())
    const attempt = async (name: string, password: string, with_: string): Promise<string> => {
      const pending = refusal(signIn(name, password, with_))
      await clock.advanceAsync(10_000)
      return pending
    }
    assert.equal(await refusal(signIn('ada', 'wrong', code)), 'sign-in-refused')
    assert.equal(await refusal(signIn('nobody', good, code)), 'sign-in-refused')
    const pending = signIn('Ada', good, code)
    await clock.advanceAsync(300)
    assert.match(await pending, /^[0-9a-f-]{36}$/)
    assert.equal(await attempt('ada', good, code), 'sign-in-refused')
  })

  test('a session is found by its token only, ends when idle, and at the latest when its time is up', async () => {
    clock.advance(60_000)
    const pending = signIn('ada', good, totp(secret, clock.now()))
    await clock.advanceAsync(9_000)
    const { token } = await sessions.open(await pending, proof, from)
    const me = await sessions.identify({}, { simward: token })
    assert.equal(me?.name, 'ada')
    assert.deepEqual(me?.roles, ['operator-admin'])
    assert.equal(await sessions.identify({}, { simward: `${token.slice(0, -1)}${token.endsWith('A') ? 'E' : 'A'}` }), null)
    assert.equal(await sessions.identify({}, { simward: "' OR 1=1" }), null)
    for (let minutes = 0; minutes < 50; minutes += 10) {
      clock.advance(600_000)
      assert.ok((await sessions.identify({}, { simward: token })) !== null)
    }
    clock.advance(600_000)
    assert.equal(await sessions.identify({}, { simward: token }), null)
    const { token: idle } = await sessions.open(me?.personId ?? '', proof, from)
    clock.advance(901_000)
    assert.equal(await sessions.identify({}, { simward: idle }), null)
  })

  test('every refusal is noted, with whose name it was and where from, and never with what was typed', async () => {
    refusals.length = 0
    const attempts = [
      signIn('ada', 'not her password', '000000'),
      signIn('a password in the wrong field', 'x', '000000'),
      proving.passkey({ id: 'unknown', response: {} }, '192.0.2.2'),
    ].map(refusal)
    for (let seconds = 0; seconds < 20; seconds += 1) await clock.advanceAsync(1_000)
    await Promise.all(attempts)
    const { rows } = await db.query<{ id: string }>('SELECT id FROM person')
    const sorted = (some: readonly Refusal[]): string[] => some.map((one) => JSON.stringify(Object.entries(one).toSorted())).toSorted()
    assert.deepEqual(
      sorted(refusals),
      sorted([
        { way: 'password', person: rows[0]?.id ?? '', address: '192.0.2.1' },
        { way: 'password', person: null, address: '192.0.2.1' },
        { way: 'passkey', person: null, address: '192.0.2.2' },
      ]),
    )
  })

  test('of too many sessions of one person the one that was used longest ago ends', async () => {
    const { rows } = await db.query<{ id: string }>('SELECT id FROM person')
    const personId = rows[0]?.id ?? ''
    const tokens: string[] = []
    for (let i = 0; i <= limits.signIn.sessionsPerPerson; i += 1) {
      tokens.push((await sessions.open(personId, proof, from)).token)
      clock.advance(1_000)
    }
    const alive = await Promise.all(tokens.map(async (token) => (await sessions.identify({}, { simward: token })) !== null))
    assert.deepEqual(alive, [false, ...Array.from({ length: limits.signIn.sessionsPerPerson }, () => true)])
    assert.equal((await sessions.list(personId)).length, limits.signIn.sessionsPerPerson)
  })

  test('a password is as good after years as on its first day: nobody is made to change it', async () => {
    clock.advance(3 * 365 * 86_400_000)
    const pending = signIn('ada', good, totp(secret, clock.now()))
    await clock.advanceAsync(9_000)
    const { token } = await sessions.open(await pending, proof, from)
    assert.equal((await sessions.identify({}, { simward: token }))?.mustEnrol, null)
  })
})

function base32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)))
}
