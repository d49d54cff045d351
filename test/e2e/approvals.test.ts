import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { reportReceipt } from '#cli/ledger/receipt-report.ts'
import { readKeyFile, readReceipt } from '#platform/receipt.ts'
import { buildPortal } from '../../portal/build.ts'
import { addPasskey, openBrowser, openWithAuthenticator, watchFaults, withoutChromium } from './browser.ts'
import { wordsOf } from './catalogue.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

/** One person asks, another signs with a passkey, and anybody can check that afterwards with public keys alone. */
describe('approvals in the browser', { skip: withoutChromium }, () => {
  let browser: Browser
  let installation: Installation

  before(async () => {
    await buildPortal({ log: () => {} })
    installation = await startInstallation({ sims: 200 })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  test('who asks cannot approve; another does, with a passkey; the receipt proves it offline', async () => {
    const { url, db } = installation
    const { rows } = await db.query<{ imsi: string; provider_id: string }>(
      `SELECT imsi, provider_id FROM subscription WHERE class = 'critical' AND intended = 'active' LIMIT 1`,
    )
    const [sim] = rows
    assert.ok(sim !== undefined)
    const { imsi, provider_id: providerId } = sim
    const asker = await openWithAuthenticator(browser)
    const other = await openWithAuthenticator(browser)
    const faults = [watchFaults(asker.page), watchFaults(other.page)]
    for (const { page } of [asker, other]) page.setDefaultTimeout(10_000)
    const { cookie } = await signInAs(installation, { name: 'Mira Lund', role: 'provider-manager', providerId }, asker.context)
    await signInAs(installation, { name: 'Otto Falk', role: 'provider-manager', providerId }, other.context)
    /** For those who want to look: SHOTS=/some/folder keeps what was seen. */
    const shot = async (name: string): Promise<void> => {
      if (process.env.SHOTS !== undefined) await other.page.screenshot({ path: `${process.env.SHOTS}/${name}.png` })
    }

    const asked = await fetch(`${url}/api/v1/sims/${imsi}/state`, {
      method: 'POST',
      headers: { cookie, origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({ to: 'suspended', reason: 'stolen from the ward' }),
    })
    assert.equal(asked.ok, true, await asked.text())

    await asker.page.goto(`${url}/approvals`)
    await asker.page.getByRole('heading', { name: '1 command waits for a person' }).waitFor()
    const own = asker.page.getByRole('button', { name: 'Approve…' })
    assert.equal(await own.getAttribute('aria-disabled'), 'true')
    await own.hover()
    await asker.page.getByText('You asked for it: it takes another person.').waitFor()
    await asker.page.getByRole('button', { name: 'Withdraw…' }).waitFor()

    const { page } = other
    await page.goto(`${url}/approvals`)
    await page.getByRole('link', { name: new RegExp(`SIM ${imsi}`) }).click()
    await page.waitForURL(/\/approvals\/[0-9a-f-]{36}$/)
    await page.getByText('A decision is signed with a passkey, and you have none').waitFor()
    const address = page.url()

    await addPasskey(page, url, wordsOf('en'))

    await page.goto(address)
    await page.getByText('“stolen from the ward”').or(page.getByText('stolen from the ward')).first().waitFor()
    await shot('approval')
    await page.getByRole('button', { name: 'Approve…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Approve it?' })
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('the ward called me back')
    await shot('approve')
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('signed with a passkey').waitFor()
    await page.getByText('approved and done').waitFor()
    await shot('approved')
    const after = await db.query<{ intended: string }>('SELECT intended FROM subscription WHERE imsi = $1', [imsi])
    assert.equal(after.rows[0]?.intended, 'suspended')

    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Receipt' }).click()
    const receipt: unknown = JSON.parse(readFileSync(await (await downloading).path(), 'utf8'))
    const keys = readKeyFile(await (await fetch(`${url}/api/v1/ledger/keys`)).json())
    const report = await reportReceipt(readReceipt(receipt), keys)
    assert.deepEqual(report.faults, [])
    assert.match(report.lines.join('\n'), /approved .*the ward called me back; signed with passkey/)
    const forged = readReceipt(JSON.parse(JSON.stringify(receipt).replaceAll('"suspended"', '"terminated"')))
    assert.equal((await reportReceipt(forged, keys)).ok, false)
    await page.goto(`${url}/approvals?state=decided`)
    await page.getByRole('link', { name: new RegExp(`SIM ${imsi}`) }).waitFor()
    await shot('history')
    assert.deepEqual(faults, [[], []])
  })
})
