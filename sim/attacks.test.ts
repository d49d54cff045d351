import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type AttackContext, type AttackRow, runAttack } from './attack.ts'
import { attackByName, attacks, storyAttacks } from './attacks.ts'
import { createStage } from './stage.fixture.ts'
import { createSubjects } from './subjects.ts'

/** Attacks whose harm does not show at an HSS that merely trusts: it knows no such IMSI, or does not read such reports. */
const withoutTeethHere = ['imsi-not-ours', 'imsi-enumeration', 'forged-overload-report']

function context(critical: boolean): AttackContext {
  const { clock, sims, network, visited } = createStage(500)
  return { clock, visited, subjects: createSubjects(sims, visited), transportOf: (peerId) => network.transport(peerId), critical }
}

const runnable = attacks.filter((row) => row.needsSocket !== true)

for (const critical of [false, true]) {
  test(`every attack has teeth: an HSS that trusts its peers gives in${critical ? ', critical device' : ''}`, async () => {
    for (const row of runnable) {
      if (withoutTeethHere.includes(row.name)) continue
      const outcome = await runAttack(row, context(critical))
      assert.equal(outcome.refused, false, `${row.name}: ${JSON.stringify(outcome)}`)
      assert.equal(outcome.critical, critical)
    }
  })
}

test('what each kind of attack brings is counted for what it is', async () => {
  const run = (name: string) => runAttack(attackByName(name) as AttackRow, context(false))
  assert.equal((await run('vector-harvest')).vectors, 32)
  assert.equal((await run('utran-vectors')).vectors, 5)
  assert.equal((await run('forged-ulr')).profile, true)
  const cancelled = await run('cancel-location')
  assert.ok(cancelled.harmed && cancelled.detail.includes('no longer registered'), cancelled.detail)
  const replayed = await run('auts-replay')
  assert.ok(replayed.harmed, replayed.detail)
})

test('against an HSS that answers nothing every attack is refused', async () => {
  for (const row of runnable) {
    const { clock, sims, network, visited, hss } = createStage(500)
    const attackContext: AttackContext = {
      clock,
      visited,
      subjects: createSubjects(sims, visited),
      // Honest networks reach the HSS; what comes over the attackers' agent is lost at once.
      transportOf: (peerId) => ({
        ...network.transport(peerId),
        request: (_message, _timeout, done) => done({ ok: false, why: 'closed' }),
      }),
      critical: false,
    }
    network.onRequest(hss.handle)
    const outcome = await runAttack(row, attackContext)
    assert.ok(outcome.refused || row.name === 'forged-overload-report', `${row.name}: ${outcome.detail}`)
    assert.equal(outcome.vectors, 0)
  }
})

test('the table is whole: unique names, real requirements, plain sentences', () => {
  const requirements = JSON.parse(readFileSync(new URL('../src/catalogue/clp14.json', import.meta.url), 'utf8')) as { id: string }[]
  const ids = new Set(requirements.map(({ id }) => id))
  assert.equal(new Set(attacks.map((row) => row.name)).size, attacks.length)
  for (const row of attacks) {
    assert.ok(ids.has(row.clp14), `${row.name}: no requirement ${row.clp14}`)
    assert.match(row.name, /^[a-z-]+$/)
    assert.ok(row.claims.length > 20 && row.trustingHss.length > 10)
  }
  for (const name of storyAttacks) assert.ok(attackByName(name) !== undefined)
})
