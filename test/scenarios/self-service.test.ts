import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SubscriptionClass } from '#domain/subscription.ts'
import type { SimAction } from '#platform/http/schemas/sim-actions.ts'
import { attachAt, authenticateAt } from '#sim/encounter.ts'
import type { AuthOutcome } from '#sim/mme.ts'
import type { Actor } from '#sim/subjects.ts'
import { SoftAuthenticator } from '../authenticator.ts'
import { signInAs } from '../e2e/installation.ts'
import { type SignallingWorld, startSignallingWorld } from '../simward.ts'

/** Causes that a device keeps: 5001 until it is switched off, 5004 on its card, 5420 and 5421 for the area (OPERATOR.md §1). */
const sticky = new Set([5001, 5004, 5420, 5421])

/** What it was refused with; null where it was not, or nobody answered. */
function codeOf(attempt: AuthOutcome): number | null {
  return attempt.ok || typeof attempt.result === 'string' ? null : attempt.result.code
}

/** A provider's person at the API, with a passkey. */
interface Person {
  // biome-ignore lint/suspicious/noExplicitAny: many shapes of answer
  call(method: string, path: string, body?: object): Promise<any>
  /** Signs an approval with the passkey. */
  approve(id: string): Promise<void>
}

/** The API, the network functions and the simulated networks on real sockets: what a provider does reaches the device. */
describe('providers manage their own SIMs', () => {
  let world: SignallingWorld

  before(async () => {
    world = await startSignallingWorld({ sims: 400, beside: ['subscriptions', 'approvals', 'sign-in'] })
  })
  after(() => world?.[Symbol.asyncDispose]())

  async function personOf(name: string, providerId: string): Promise<Person> {
    const url = `http://localhost:${new URL(world.simward.url).port}`
    const session = await signInAs({ db: world.simward.db, url }, { name, role: 'provider-manager', providerId })
    const authenticator = new SoftAuthenticator(url)
    const call: Person['call'] = async (method, path, body) => {
      const answer = await fetch(`${url}/api/v1/${path}`, {
        method,
        headers: { cookie: session.cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      // Whoever adds a factor goes on in another session.
      const next = /^simward=[\w-]+/.exec(answer.headers.get('set-cookie') ?? '')
      if (next !== null) session.cookie = next[0]
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    }
    return {
      call,
      async approve(id) {
        if (authenticator.passkeys.length === 0) {
          const options = await call('POST', 'self/passkeys/options')
          await call('POST', 'self/passkeys', { name: 'key', response: authenticator.create(options) })
        }
        const { options } = await call('GET', `approvals/${id}/signing?decision=approve`)
        await call('POST', `approvals/${id}/decision`, { decision: 'approve', reason: 'agreed', response: authenticator.get(options) })
      },
    }
  }

  /** A device at an MME, and two persons of its provider. */
  async function someone(ofClass: SubscriptionClass): Promise<{ actor: Actor; imsi: string; ann: Person; bob: Person }> {
    const actor = world.subjects.take({ class: ofClass })
    const { imsi } = actor.subject
    const { rows } = await world.simward.db.query<{ id: string }>('SELECT provider_id AS id FROM subscription WHERE imsi = $1', [imsi])
    const providerId = rows[0]?.id ?? ''
    return { actor, imsi, ann: await personOf(`Ann ${imsi}`, providerId), bob: await personOf(`Bob ${imsi}`, providerId) }
  }

  const heard = (actor: Actor) => actor.mme.received.filter(({ imsi }) => imsi === actor.subject.imsi)

  async function actionIn({ call }: Person, id: string, state: SimAction['state']): Promise<SimAction> {
    for (;;) {
      const action = await call('GET', `actions/${id}`)
      if (action.state === state) return action
      assert.ok(action.state !== 'failed' && action.state !== 'dropped', JSON.stringify(action))
    }
  }

  async function setState(person: Person, imsi: string, to: string): Promise<SimAction> {
    const { action } = await person.call('POST', `sims/${imsi}/state`, { to, reason: 'a story' })
    return await actionIn(person, action.id, 'done')
  }

  /** Result-Code of an attempt that is refused; its cause does not stick. */
  async function softlyRefused(actor: Actor): Promise<void> {
    const attempt = await authenticateAt(actor.mme, actor.subject)
    assert.equal(attempt.ok, false)
    const code = codeOf(attempt)
    assert.ok(code !== null && !sticky.has(code), `a sticky answer: ${code}`)
  }

  test('activated, it is accepted at its next attempt', async () => {
    const { actor, imsi, ann } = await someone('standard')
    await setState(ann, imsi, 'suspended')
    await softlyRefused(actor)
    const action = await setState(ann, imsi, 'active')
    assert.deepEqual([action.told?.outcome, heard(actor).length], ['not-registered', 0])
    assert.deepEqual(await attachAt(actor.mme, actor.subject), { accepted: true })
  })

  test('suspended, its MME hears of it within a second and confirms; activated, it goes on without a new attach', async () => {
    const { actor, imsi, ann } = await someone('standard')
    assert.deepEqual(await attachAt(actor.mme, actor.subject), { accepted: true })
    const suspended = await setState(ann, imsi, 'suspended')
    assert.deepEqual([suspended.told?.outcome, suspended.told?.operation, suspended.told?.resultCode], ['confirmed', 'IDR', 2001])
    const [message] = heard(actor)
    assert.ok(message !== undefined && suspended.committedAt !== null)
    assert.ok(message.at - suspended.committedAt <= 1_000, `${message.at - suspended.committedAt} ms`)
    await softlyRefused(actor)
    const active = await setState(ann, imsi, 'active')
    assert.deepEqual([active.told?.outcome, active.told?.operation], ['confirmed', 'IDR'])
    assert.ok(actor.mme.contexts.has(imsi))
  })

  test('held, its next attach waits for a person, who is asked once; released, the next attempt is let in', async () => {
    const { actor, imsi, ann, bob } = await someone('standard')
    const { action } = await ann.call('POST', `sims/${imsi}/hold`, { reason: 'under investigation' })
    await actionIn(ann, action.id, 'done')
    for (let i = 0; i < 3; i++) await softlyRefused(actor)
    const waiting = async () =>
      (await ann.call('GET', `actions?imsi=${imsi}`)).items.filter(({ state }: SimAction) => state === 'waiting') as SimAction[]
    let open = await waiting()
    while (open.length === 0) open = await waiting()
    assert.equal(open.length, 1)
    const [asked] = open
    assert.ok(asked?.approvalId != null)
    await bob.approve(asked.approvalId)
    await actionIn(bob, asked.id, 'done')
    assert.deepEqual(await attachAt(actor.mme, actor.subject), { accepted: true })
  })

  test('critical, it is cut off by two persons and by no one alone', async () => {
    const { actor, imsi, ann, bob } = await someone('critical')
    assert.deepEqual(await attachAt(actor.mme, actor.subject), { accepted: true })
    const { outcome, action, approvalId } = await ann.call('POST', `sims/${imsi}/state`, { to: 'suspended', reason: 'stolen' })
    assert.deepEqual([outcome, action.state, heard(actor).length], ['waiting', 'waiting', 0])
    await bob.approve(approvalId)
    const done = await actionIn(bob, action.id, 'done')
    assert.deepEqual([done.told?.outcome, done.told?.operation], ['confirmed', 'IDR'])
    await softlyRefused(actor)
  })

  test('retired is the only state whose answer sticks, and the page says so', async () => {
    const { actor, imsi, ann } = await someone('standard')
    assert.deepEqual(await attachAt(actor.mme, actor.subject), { accepted: true })
    const retired = await setState(ann, imsi, 'retired')
    assert.deepEqual([retired.told?.operation, actor.mme.contexts.has(imsi)], ['CLR', false])
    const attempt = await authenticateAt(actor.mme, actor.subject)
    assert.ok(sticky.has(codeOf(attempt) ?? 0), JSON.stringify(attempt))
    const { canConnect } = await ann.call('GET', `sims/${imsi}`)
    assert.equal(canConnect.value, false)
    assert.ok(sticky.has(canConnect.sticky?.resultCode))
  })
})
