import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CheckContext } from '#platform/control.ts'
import type { TestPlatform } from '#test/platform.ts'
import { insertPerson, linkFor, startSignIn, Visitor } from '#test/visitor.ts'
import { signInControls } from './controls.ts'

describe('controls of sign-in turn with what is there', () => {
  let platform: TestPlatform
  before(async () => {
    platform = await startSignIn()
  })
  after(() => platform[Symbol.asyncDispose]())

  async function statuses(ports: CheckContext['ports'] = platform.composition.ports): Promise<Record<string, string>> {
    const context: CheckContext = { now: platform.clock.now(), ports, config: () => null }
    return Object.fromEntries(await Promise.all(signInControls.map(async ({ id, check }) => [id, (await check(context)).status] as const)))
  }
  const all = (status: string): Record<string, string> => Object.fromEntries(signInControls.map(({ id }) => [id, status]))

  test('unknown without an owner or a store, not applicable in the demo', async () => {
    assert.deepEqual(await statuses({}), all('unknown'))
    assert.deepEqual(await statuses(), all('unknown'))
    const { installation } = platform.composition.ports
    assert.deepEqual(
      await statuses({ ...platform.composition.ports, installation: { ...installation, mode: 'demo' } as never }),
      all('not-applicable'),
    )
  })

  test('met by people who sign in as they should, not met by each thing that is missing', async () => {
    const id = await insertPerson(platform, { name: 'Ada', role: 'operator-admin' })
    assert.deepEqual(await statuses(), {
      'password-reset': 'met',
      'second-factor': 'met',
      'identity-enablers': 'offered',
      'assurance-levels': 'unknown',
    })
    const ada = new Visitor(platform)
    await ada.joinByPassword(await linkFor(platform, id))
    await ada.addPasskey('laptop')
    assert.deepEqual(await statuses(), all('met'))
    const { query } = platform.store
    await query('UPDATE session SET body = $1, phishing_resistant = false', ['{}'])
    assert.equal((await statuses())['assurance-levels'], 'not-met')
    await query(`DELETE FROM credential WHERE kind IN ('passkey', 'totp')`)
    assert.equal((await statuses())['second-factor'], 'not-met')
    await query(`UPDATE credential SET body = $1`, ['{"algorithm": "other"}'])
    assert.equal((await statuses())['password-reset'], 'not-met')
  })
})
