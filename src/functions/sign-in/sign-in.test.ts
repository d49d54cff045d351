import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { VirtualClock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { createIdMaker } from '#core/ids.ts'
import { createVault } from '#crypto/vault.ts'
import type { Db } from '#store/db.ts'
import { createLedger } from '#store/ledger.ts'
import { createSubjectKeys } from '#store/subject-keys.ts'
import { openTestStore } from '#test/stores.ts'
import { Claiming } from './claiming.ts'
import { People } from './people.ts'
import { Sessions } from './sessions.ts'
import { SigningIn } from './signing-in.ts'
import { Throttle } from './throttle.ts'
import { Tokens } from './tokens.ts'
import { totp } from './totp.ts'

const silentLog = { info() {}, warn() {}, error() {} }
const good = 'meadow lantern seven otters'

describe('claim and sign-in with password and code', () => {
  const clock = new VirtualClock()
  const newId = createIdMaker()
  let db: Db
  let claiming: Claiming
  let signingIn: SigningIn
  let sessions: Sessions
  let secret: Buffer
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
    const people = new People({ db, clock, newId: () => newId(clock.now()), ledger })
    const tokens = new Tokens(db, clock)
    const site = { id: 'localhost', name: 'Halden', origin: null }
    claiming = new Claiming({ people, tokens, vault, site, clock, newId: () => newId(clock.now()), lifeMs: 3_600_000 })
    signingIn = new SigningIn({ people, tokens, vault, site, clock, throttle: new Throttle(clock) })
    sessions = new Sessions(db, clock, { idleMs: 900_000, absoluteMs: 3_600_000 })
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

  test('a newer link ends the older one, and one of them claims once', async () => {
    const old = await claiming.invite()
    const token = await claiming.invite()
    assert.equal(await claiming.isValid(old), false)
    assert.equal(await refusal(claiming.password(token, 'ada', 'too short')), 'password-refused')
    const { otpauth } = await claiming.password(token, 'ada', good)
    secret = base32(new URL(otpauth).searchParams.get('secret') ?? '')
    assert.equal(await refusal(claiming.totp(token, '000000')), 'code-wrong')
    const both = await Promise.allSettled([
      claiming.totp(token, totp(secret, clock.now())),
      claiming.totp(token, totp(secret, clock.now())),
    ])
    assert.deepEqual(both.map((one) => one.status).sort(), ['fulfilled', 'rejected'])
    assert.equal(await claiming.isValid(token), false)
    assert.equal(
      await refusal(
        claiming
          .password(await claiming.invite(), 'eve', good)
          .then(({ otpauth: url }) => claiming.totp(old, totp(base32(new URL(url).searchParams.get('secret') ?? ''), clock.now()))),
      ),
      'token-invalid',
    )
  })

  test('a second claim is refused even with a valid link', async () => {
    const token = await claiming.invite()
    const { otpauth } = await claiming.password(token, 'eve', good)
    const code = totp(base32(new URL(otpauth).searchParams.get('secret') ?? ''), clock.now())
    assert.equal(await refusal(claiming.totp(token, code)), 'already-claimed')
  })

  test('a code works once, a wrong password does not use it up, and unknown names read the same', async () => {
    clock.advance(60_000)
    const code = totp(secret, clock.now())
    const attempt = async (name: string, password: string, with_: string): Promise<string> => {
      const pending = refusal(signingIn.password({ name, password, code: with_ }))
      await clock.advanceAsync(10_000)
      return pending
    }
    assert.equal(await refusal(signingIn.password({ name: 'ada', password: 'wrong', code })), 'sign-in-refused')
    assert.equal(await refusal(signingIn.password({ name: 'nobody', password: good, code })), 'sign-in-refused')
    const pending = signingIn.password({ name: 'Ada', password: good, code })
    await clock.advanceAsync(300)
    assert.match(await pending, /^[0-9a-f-]{36}$/)
    assert.equal(await attempt('ada', good, code), 'sign-in-refused')
  })

  test('a session is found by its token only, ends when idle, and at the latest when its time is up', async () => {
    clock.advance(60_000)
    const pending = signingIn.password({ name: 'ada', password: good, code: totp(secret, clock.now()) })
    await clock.advanceAsync(9_000)
    const { token } = await sessions.open(await pending, 'password')
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
    const { token: idle } = await sessions.open(me?.personId ?? '', 'password')
    clock.advance(901_000)
    assert.equal(await sessions.identify({}, { simward: idle }), null)
  })
})

function base32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)))
}
