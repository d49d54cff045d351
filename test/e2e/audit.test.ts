import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

/** The ledger as an auditor reads it: what was done stands there with who, from where and why, and can be taken away as proof. */
describe('audit in a browser', { skip: withoutChromium }, () => {
  let installation: Installation
  let browser: Browser

  before(async () => {
    await buildPortal({ log: () => {} })
    installation = await startInstallation({ sims: 20 })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  test('a change of a SIM is found by its number, with its reason, and leaves with a receipt', async () => {
    const { db, url } = installation
    const { rows } = await db.query<{ imsi: string; owner: string }>(
      `SELECT imsi, provider_id AS owner FROM subscription WHERE class = 'standard' ORDER BY imsi LIMIT 1`,
    )
    const [sim] = rows
    assert.ok(sim !== undefined)
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en' })
    const { cookie } = await signInAs(installation, { name: 'Mina Sato', role: 'provider-admin', providerId: sim.owner }, context)
    const answer = await fetch(`${url}/api/v1/sims/${sim.imsi}/state`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ to: 'suspended', reason: 'sold with the van' }),
    })
    assert.equal(answer.status, 202, await answer.text())
    const page = await context.newPage()
    const faults = watchFaults(page)
    await page.goto(`${url}/audit?filter=${encodeURIComponent(`sim:${sim.imsi}`)}`)
    const entry = page.getByRole('listitem').filter({ hasText: 'Changed the state of a SIM' })
    await entry.getByText('“sold with the van”').waitFor()
    await entry.getByText('Mina Sato').first().waitFor()
    const download = page.waitForEvent('download')
    await entry.getByRole('link', { name: 'Receipt' }).click()
    const text = await (await (await download).createReadStream()).setEncoding('utf8').reduce((all, part) => all + String(part), '')
    assert.equal(JSON.parse(text).type, 'simward-ledger-receipt')
    assert.deepEqual(faults, [])
    await context.close()
  })
})
