import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { signInAs, startInstallation } from './installation.ts'

/** A person makes a key, a program uses it, a webhook is told: the real product, the real browser. */
describe('API and webhooks', { skip: withoutChromium }, () => {
  let browser: Browser
  before(async () => {
    await buildPortal({ log: () => {} })
    browser = await openBrowser()
  })
  after(() => browser?.close())

  test('a key is made, shown once, used, revoked; a webhook is made, tested, and its log read', async () => {
    await using installation = await startInstallation({ sims: 50, config: { webhookLoopback: true } })
    const { url, db } = installation
    const { rows } = await db.query<{ id: string }>('SELECT id FROM provider ORDER BY id LIMIT 1')
    const receiver = createServer((request, response) => request.resume().on('end', () => response.end('thanks')))
    receiver.listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const context = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } })
    try {
      await signInAs(installation, { name: 'Ines Duarte', role: 'provider-admin', providerId: rows[0]?.id ?? null }, context)
      const page = await context.newPage()
      const faults = watchFaults(page)
      await page.goto(`${url}/developers`)
      await page.getByRole('heading', { name: 'No program calls the API yet' }).waitFor()
      await page.getByText('SIMWARD_API_KEY=swk_…').waitFor()
      await page.getByRole('button', { name: 'New key…' }).click()
      await page.getByRole('textbox', { name: 'Which program is it for?' }).fill('Meter back end')
      await page.getByRole('textbox', { name: 'Reason' }).fill('Reads the states of meters')
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByText('It is shown now and never again.').waitFor()
      const key = /swk_[0-9a-f]{32}_[\w-]{43}/.exec((await page.getByRole('dialog').textContent()) ?? '')?.[0] ?? ''
      await page.getByRole('button', { name: 'I have kept it' }).click()
      await page.getByRole('heading', { name: '1 programs may call the API' }).waitFor()
      assert.ok(!(await page.content()).includes(key))
      const used = await fetch(`${url}/api/v1/sims?limit=5`, { headers: { authorization: `Bearer ${key}` } })
      assert.equal(used.status, 200)
      assert.equal(((await used.json()) as { items: unknown[] }).items.length, 5)

      await page.getByRole('button', { name: 'New webhook…' }).click()
      await page.getByRole('textbox', { name: 'URL' }).fill('https://10.0.0.1/hook')
      await page.getByRole('textbox', { name: 'Reason' }).fill('Tells the meter back end')
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByText('not an address of the Internet').waitFor()
      await page.getByRole('textbox', { name: 'URL' }).fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`)
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByText(/whsec_/).waitFor()
      await page.getByRole('button', { name: 'I have kept it' }).click()
      await page.getByRole('button', { name: 'Test', exact: true }).click()
      await page.getByRole('dialog').getByText('delivered').waitFor()
      await page.keyboard.press('Escape')

      await page.getByRole('button', { name: 'Revoke…' }).click()
      await page.getByRole('textbox', { name: 'Reason' }).fill('Found in a log')
      await page.getByRole('button', { name: 'Revoke the key' }).click()
      await page.getByRole('heading', { name: 'No program calls the API yet' }).waitFor()
      const refused = await fetch(`${url}/api/v1/sims`, { headers: { authorization: `Bearer ${key}` } })
      assert.equal(refused.status, 401)
      // The address that was refused is the one fault that the browser may have logged.
      assert.deepEqual(
        faults.filter((fault) => !/422/.test(fault)),
        [],
      )
      if (process.env.SHOTS !== undefined) await page.screenshot({ path: `${process.env.SHOTS}/developers.png` })
    } finally {
      await context.close()
      receiver.close()
    }
  })
})
