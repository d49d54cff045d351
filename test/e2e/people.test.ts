import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { buildPortal } from '../../portal/build.ts'
import { insertProvider } from '../subscribers.ts'
import { openBrowser, openWithAuthenticator, watchFaults, withoutChromium } from './browser.ts'
import { wordsOf } from './catalogue.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

/** A new customer on the real product: taken on, its administrator invited, and in by a link of their own. */
describe('taking on an organisation and its people', { skip: withoutChromium }, () => {
  let browser: Browser
  let installation: Installation
  let url: string

  before(async () => {
    await buildPortal({ log: () => {} })
    browser = await openBrowser()
    installation = await startInstallation()
    url = installation.url
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  test('a provider is taken on and verified; its administrator comes in by the link and finds nothing of others', async () => {
    const operator = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en' })
    await signInAs(installation, { name: 'Ada Okafor', role: 'operator-admin' }, operator)
    const page = await operator.newPage()
    const faults = watchFaults(page)
    const dialog = page.getByRole('dialog')
    const fill = async (fields: Readonly<Record<string, string>>): Promise<void> => {
      for (const [name, text] of Object.entries(fields)) await dialog.getByRole('textbox', { name, exact: true }).fill(text)
    }
    await page.goto(`${url}/organisations`)
    await page.getByRole('heading', { name: 'No organisation yet' }).waitFor()
    await page.getByRole('button', { name: 'New organisation…' }).first().click()
    await fill({ Name: 'Meadow Metering', 'Name in law': 'Meadow Metering GmbH', Reason: 'a new customer' })
    const take = dialog.getByRole('button', { name: 'Take it on' })
    assert.equal(await take.getAttribute('aria-disabled'), 'true', 'half a legal identity is none')
    await fill({ 'Registration number': 'HRB 0000', Country: 'de' })
    await take.click()
    await page.getByRole('heading', { name: 'Nobody has verified yet who Meadow Metering is' }).waitFor()

    await page.getByRole('button', { name: 'Verify…' }).click()
    await fill({ 'Compared with': 'extract of the register', Reason: 'before the first SIM' })
    await dialog.getByRole('button', { name: 'I have compared them' }).click()
    await page.getByRole('heading', { name: 'Meadow Metering is who it says it is' }).waitFor()
    await page.getByRole('button', { name: 'New group…' }).click()
    await fill({ Name: 'North side' })
    await dialog.getByRole('button', { name: 'Make the group' }).click()
    await page.getByRole('link', { name: 'North side' }).waitFor()

    await page.getByRole('button', { name: 'Invite…' }).click()
    await fill({ Name: 'Max Vogel', Reason: 'its first administrator' })
    await dialog.getByRole('checkbox', { name: 'administrator', exact: true }).check()
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
    await page.getByRole('heading', { name: 'A link for Max Vogel' }).waitFor()
    const link = (await dialog.getByText('/join#').textContent()) ?? ''
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('link', { name: 'Max Vogel' }).click()
    await page.getByRole('heading', { name: 'Max Vogel is invited and has not come in yet' }).waitFor()

    const { imsis } = await insertProvider(installation.db, 'Trackers', '999709', 1)
    const invited = await openWithAuthenticator(browser)
    const others = watchFaults(invited.page)
    await invited.page.goto(`${url}/join${new URL(link).hash}`)
    await invited.page.getByRole('button', { name: 'Set up a passkey' }).click()
    await invited.page.getByRole('button', { name: 'I have kept them' }).click()
    await invited.page.waitForURL(`${url}/health`)
    await invited.page.goto(`${url}/sims/${imsis[0]}`)
    await invited.page.getByText(`there is no SIM ${imsis[0]}`).or(invited.page.getByText('There is no such SIM.')).first().waitFor()
    await invited.page.goto(`${url}/groups`)
    await invited.page.getByRole('link', { name: 'North side' }).waitFor()
    assert.equal(await invited.page.getByRole('link', { name: 'Organisations' }).count(), 0)

    await page.reload()
    await page.getByRole('heading', { name: /^Max Vogel can come in, last/ }).waitFor()
    await page.getByRole('button', { name: 'Shut out…' }).click()
    await fill({ Reason: 'left the company' })
    await dialog.getByRole('button', { name: 'Shut out', exact: true }).click()
    await page.getByRole('heading', { name: 'Max Vogel is shut out' }).waitFor()
    await invited.page.goto(`${url}/sims`)
    await invited.page.waitForURL(/\/sign-in/)
    assert.deepEqual([faults, others], [[], []])
    await invited.close()
    await operator.close()
  })

  for (const locale of ['zh-Hans', 'ja'] as const) {
    test(`${locale}: organisations, people and groups in its words`, async () => {
      const say = wordsOf(locale)
      const context = await browser.newContext({ locale: locale === 'zh-Hans' ? 'zh-CN' : locale })
      await signInAs(installation, { name: `Mina ${locale}`, role: 'operator-admin' }, context)
      const page = await context.newPage()
      const faults = watchFaults(page)
      for (const [path, button] of [
        ['organisations', 'New organisation…'],
        ['people', 'Invite…'],
        ['groups', 'New group…'],
      ]) {
        await page.goto(`${url}/${path}`)
        await page
          .getByRole('button', { name: say(button ?? '') })
          .first()
          .waitFor()
      }
      assert.deepEqual(faults, [])
      await context.close()
    })
  }
})
