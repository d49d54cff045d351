import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

/** What a provider's manager does with SIMs, on the real product. */
describe('SIMs in the browser', { skip: withoutChromium }, () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let installation: Installation
  let faults: string[]

  before(async () => {
    await buildPortal({ log: () => {} })
    installation = await startInstallation({ sims: 400 })
    browser = await openBrowser()
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en', reducedMotion: 'reduce' })
    page = await context.newPage()
    page.setDefaultTimeout(10_000)
    faults = watchFaults(page)
    const { rows } = await installation.db.query<{ id: string }>(
      `SELECT provider_id AS id FROM subscription WHERE class = 'standard' GROUP BY provider_id ORDER BY count(*) DESC LIMIT 1`,
    )
    await signInAs(installation, { name: 'Mira Lund', role: 'provider-manager', providerId: rows[0]?.id ?? '' }, context)
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  /** For those who want to look: SHOTS=/some/folder keeps what was seen. */
  const shot = async (name: string): Promise<void> => {
    if (process.env.SHOTS !== undefined) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` })
  }
  const rowsOf = () => page.getByRole('region', { name: 'SIMs' }).getByRole('checkbox', { name: /^Select \d/ })

  const accessible = async (): Promise<void> => {
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 120)}`),
      [],
    )
  }

  test('a filter, its columns and density stand in the address and are kept as a view', async () => {
    await page.goto(`${installation.url}/sims`)
    await rowsOf().first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('intended:active class:standard')
    await page.keyboard.press('Enter')
    await page.waitForURL(/filter=intended/)
    await page.getByRole('button', { name: 'Columns and density' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'ICCID' }).click()
    await shot('list-columns')
    await page.getByRole('menuitemcheckbox', { name: 'More room for each row' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('columnheader', { name: 'ICCID' }).waitFor()
    await page.getByRole('button', { name: 'Saved views' }).click()
    await page.getByRole('menuitem', { name: 'Save this view…' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Running trackers')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('button', { name: 'Saved views' }).filter({ hasText: 'Running trackers' }).waitFor()
    const address = page.url()
    await page.goto(`${installation.url}/sims`)
    await page.getByRole('button', { name: 'Saved views' }).click()
    await page.getByRole('menuitem', { name: 'Running trackers' }).click()
    await page.waitForURL(address)
    await shot('list-view')
  })

  test('keys move and select; all that match lead to a job with the filter', async () => {
    await page.goto(`${installation.url}/sims?filter=class%3Astandard`)
    await rowsOf().first().waitFor()
    await accessible()
    for (const key of ['j', 'j', 'x']) await page.keyboard.press(key)
    assert.equal(await rowsOf().nth(1).isChecked(), true)
    await page.getByRole('status').filter({ hasText: '1 SIM selected' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await shot('keys')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'How many to select' }).click()
    await page.getByRole('menuitem', { name: /^All .* that match$/ }).click()
    await page
      .getByRole('status')
      .filter({ hasText: /^All .* SIMs that match$/ })
      .waitFor()
    await shot('list-all')
    await page.getByRole('button', { name: 'Change them…' }).click()
    await page.waitForURL(/\/jobs\/new\?filter=class%3Astandard/)
  })

  test('a suspension says what will happen, asks why, and shows what became of it', async () => {
    await page.goto(`${installation.url}/sims?filter=intended%3Aactive%20class%3Astandard`)
    await rowsOf().first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sims\/\d+/)
    await page.getByRole('button', { name: 'Suspend…' }).click()
    const dialog = page.getByRole('dialog', { name: /^Suspend \d+/ })
    await dialog.getByText('The cause is temporary').waitFor()
    await shot('suspend')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('sold with the van')
    await dialog.getByRole('button', { name: 'Suspend' }).click()
    await page.getByRole('status', { name: 'Last change' }).getByText('meets the new state at its next attempt').waitFor()
    await page.getByRole('heading', { name: /^No: suspended by its provider/ }).waitFor()
    await page.getByRole('region', { name: 'Timeline' }).getByText('“sold with the van”').waitFor()
    await shot('suspended')
    await page.getByRole('button', { name: 'Activate…' }).click()
    await page.getByRole('dialog').getByText('Its next attempt is accepted').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'More to do' }).click()
    await shot('more')
    await page.getByRole('menuitem', { name: 'Edit…' }).click()
    await page.getByRole('textbox', { name: 'Label' }).fill('Van 7')
    await page.getByRole('textbox', { name: 'Reason' }).fill('name it')
    await shot('edit')
    await page.getByRole('button', { name: 'Change it' }).click()
    await page.getByRole('status', { name: 'Last change' }).getByText('Label: – → Van 7').waitFor()
    await accessible()
  })

  test('a critical SIM asks another person, and says so', async () => {
    const { rows } = await installation.db.query<{ imsi: string; provider_id: string }>(
      `SELECT imsi, provider_id FROM subscription WHERE class = 'critical' AND intended = 'active' LIMIT 1`,
    )
    const [critical] = rows
    assert.ok(critical !== undefined)
    await signInAs(installation, { name: 'Otto Falk', role: 'provider-manager', providerId: critical.provider_id }, context)
    await page.goto(`${installation.url}/sims/${critical.imsi}`)
    await page.getByRole('button', { name: 'Suspend…' }).click()
    const dialog = page.getByRole('dialog', { name: /^Suspend \d+/ })
    await dialog.getByText('2 persons must agree in all').waitFor()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('stolen from the ward')
    await dialog.getByRole('button', { name: 'Ask for approval' }).click()
    await page.getByRole('status', { name: 'Last change' }).getByText('Waits for another person').waitFor()
    await shot('critical')
    assert.deepEqual(faults, [])
  })
})
