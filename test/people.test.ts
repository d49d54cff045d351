import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { organisationsFunction } from '#functions/organisations/index.ts'
import { peopleFunction } from '#functions/people/index.ts'
import { tokenOfLink } from '#platform/enrolment.ts'
import type { AnyFunction } from '#platform/function.ts'
import type { TestPlatform } from './platform.ts'
import { insertProvider } from './subscribers.ts'
import { insertPerson, linkFor, startSignIn, Visitor } from './visitor.ts'

/** People and organisations over the real sign-in: what an administrator decides is felt at the next request. */
describe('people who come in', () => {
  let platform: TestPlatform
  let providerId: string
  const admin = { visitor: undefined as Visitor | undefined }
  const ada = (): Visitor => admin.visitor as Visitor

  before(async () => {
    platform = await startSignIn({ functions: [peopleFunction, organisationsFunction] as readonly AnyFunction[] })
    providerId = (await insertProvider(platform.store, 'Meters', '9997000001', 2)).providerId
    admin.visitor = new Visitor(platform)
    const token = await linkFor(platform, await insertPerson(platform, { name: 'Ada', role: 'operator-admin' }))
    assert.equal((await ada().joinByPasskey(token)).status, 200)
  })
  after(() => platform[Symbol.asyncDispose]())

  async function invited(name: string): Promise<{ id: string; visitor: Visitor }> {
    const body = { name, roles: ['provider-admin'], provider: providerId, reason: 'joins the team' }
    const answer = await ada().call('POST', 'people', body)
    assert.equal(answer.status, 201, answer.text)
    const visitor = new Visitor(platform)
    const joined = await visitor.joinByPasskey(tokenOfLink(answer.body.link.url) ?? '')
    assert.equal(joined.status, 200, joined.text)
    return { id: answer.body.person.id, visitor }
  }

  test('an invited person sets up a passkey, is active from then on, and sees their own organisation only', async () => {
    const { id, visitor } = await invited('Mira')
    const { body } = await ada().call('GET', `people/${id}`)
    assert.deepEqual([body.state, body.factors, body.signedInAt], ['active', ['passkey'], platform.clock.now()])
    const people = (await visitor.call('GET', 'people')).body.items.map(({ name }: { name: string }) => name)
    assert.deepEqual(people, ['Mira'])
    assert.equal((await visitor.call('GET', 'providers')).body.code, 'not-allowed')
    const own = await visitor.call('POST', 'people', { name: 'Noor', roles: ['provider-viewer'], reason: 'night shift' })
    assert.equal(own.body.person.provider.name, 'Meters')
  })

  test('who is disabled is out at once, and so are sessions that an administrator ends', async () => {
    const { id, visitor } = await invited('Ole')
    const [session] = (await ada().call('GET', `people/${id}/sessions`)).body.items
    assert.deepEqual([session.factors, session.device], [['passkey'], { browser: 'Firefox 140', system: 'Linux' }])
    assert.equal((await ada().call('DELETE', `people/${id}/sessions/${session.id}`)).status, 204)
    assert.equal((await visitor.call('GET', 'groups')).status, 401)
    assert.equal((await visitor.signInByPasskey()).status, 200)
    assert.equal((await ada().call('POST', `people/${id}/disable`, { reason: 'left' })).body.sessionsEnded, 1)
    assert.equal((await visitor.call('GET', 'groups')).status, 401)
    assert.equal((await visitor.signInByPasskey()).status, 401)
    await ada().call('POST', `people/${id}/enable`, { reason: 'came back' })
    assert.equal((await visitor.signInByPasskey()).status, 200)
  })

  test('the people of a suspended provider are out at once and cannot sign in until it is resumed; its SIMs go on', async () => {
    const { visitor } = await invited('Pia')
    const decide = async (what: string) => {
      const { version } = (await ada().call('GET', `providers/${providerId}`)).body
      const answer = await ada().call('POST', `providers/${providerId}/${what}`, { reason: 'unpaid' }, { 'if-match': `"${version}"` })
      assert.equal(answer.status, 200, answer.text)
    }
    await decide('suspend')
    assert.equal((await visitor.call('GET', 'groups')).status, 401)
    assert.equal((await visitor.signInByPasskey()).status, 401)
    const { rows } = await platform.store.query("SELECT imsi FROM subscription WHERE intended = 'active' AND imposed = '[]'")
    assert.equal(rows.length, 2)
    await decide('resume')
    assert.equal((await visitor.signInByPasskey()).status, 200)
  })

  test('a role that is taken away is gone at the next request', async () => {
    const { id, visitor } = await invited('Quin')
    const { version } = (await ada().call('GET', `people/${id}`)).body
    const body = { roles: ['provider-viewer'], reason: 'new task' }
    assert.equal((await ada().call('PUT', `people/${id}/roles`, body, { 'if-match': `"${version}"` })).status, 200)
    assert.equal((await visitor.call('GET', 'people')).body.code, 'not-allowed')
    assert.equal((await visitor.call('GET', 'groups')).status, 200)
  })
})
