import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { idOf } from '#cli/world/rows.ts'
import { buildPortal } from '../../portal/build.ts'
import { addPasskey, openBrowser, openWithAuthenticator, watchFaults, withoutChromium } from './browser.ts'
import { type Say, wordsOf } from './catalogue.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

/** A job of this many waits for a second person. */
const approvalFrom = 5

/** Each language takes a customer of its own: of the third one's SIMs some are critical, which asks for a person whatever the size. */
const runs = [
  { locale: 'en', browserLocale: 'en', provider: 'wayfold', stranger: 'gridmere' },
  { locale: 'zh-Hans', browserLocale: 'zh-CN', provider: 'gridmere', stranger: 'havenpulse' },
  { locale: 'ja', browserLocale: 'ja', provider: 'havenpulse', stranger: 'wayfold' },
] as const

describe('many SIMs are suspended only when a second person agrees', { skip: withoutChromium }, () => {
  let browser: Browser
  let installation: Installation

  before(async () => {
    await buildPortal({ log: () => {} })
    installation = await startInstallation({ sims: 120, config: { jobApprovalSims: approvalFrom } })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  const countOf = async (provider: string, state: string): Promise<number> => {
    const { rows } = await installation.db.query<{ n: bigint }>(
      'SELECT count(*) AS n FROM subscription WHERE provider_id = $1 AND intended = $2',
      [idOf('provider', provider), state],
    )
    return Number(rows[0]?.n)
  }

  const personAt = async (name: string, provider: string, browserLocale: string): Promise<{ page: Page; faults: string[] }> => {
    const { page, context } = await openWithAuthenticator(browser, browserLocale)
    page.setDefaultTimeout(15_000)
    const providerId = idOf('provider', provider)
    await signInAs(installation, { name: `${name} ${browserLocale}`, role: 'provider-manager', providerId }, context)
    return { page, faults: watchFaults(page) }
  }

  for (const { locale, browserLocale, provider, stranger } of runs) {
    test(`${locale}: all that match are chosen, seen, signed for by another person's passkey, and suspended`, async () => {
      const say = wordsOf(locale)
      const active = await countOf(provider, 'active')
      assert.ok(active >= approvalFrom, String(active))
      const asker = await personAt('Mira', provider, browserLocale)
      const other = await personAt('Otto', provider, browserLocale)
      const outsider = await personAt('Ines', stranger, browserLocale)

      const total = say('{n} SIMs', { n: String(active) })
      const what = say('Set state to {to}', { to: say('Suspended') })
      const job = await askToSuspend(asker.page, installation.url, say, total, what)
      assert.equal(await countOf(provider, 'active'), active)

      await outsider.page.goto(job)
      await outsider.page.getByText(say('There is no such job.').replace(/\.$/, '')).waitFor()

      const { page } = other
      await addPasskey(page, installation.url, say)
      await page.goto(`${installation.url}/approvals`)
      await page.getByRole('main').getByRole('link').first().click()
      await page.waitForURL(/\/approvals\/[0-9a-f-]{36}$/)
      await page.getByRole('button', { name: say('Approve…') }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('textbox', { name: say('Reason') }).fill('the season is over, as agreed')
      await dialog.getByRole('button', { name: say('Approve'), exact: true }).click()
      await page.getByText(say('signed with a passkey')).waitFor()

      // The asker's page, open all the while, hears of it: the approved job starts by itself.
      const changed = String(active)
      await asker.page.getByRole('heading', { name: say('{what}: {changed} of {total} changed', { what, changed, total }) }).waitFor()
      assert.equal(await countOf(provider, 'active'), 0)
      await outsider.page.goto(`${installation.url}/jobs`)
      await outsider.page.getByRole('heading', { name: say('No job is at work') }).waitFor()
      for (const { page: each, faults } of [asker, other, outsider]) {
        assert.deepEqual(faults, [])
        await each.context().close()
      }
    })
  }
})

/** From the list of SIMs to a job that waits; the address of its page. */
async function askToSuspend(page: Page, url: string, say: Say, total: string, what: string): Promise<string> {
  await page.goto(`${url}/sims?filter=intended%3Aactive`)
  await page.getByRole('button', { name: say('How many to select') }).click()
  await page.getByRole('menuitem').last().click()
  await page.getByRole('button', { name: say('Change them…') }).click()
  await page.waitForURL(/\/jobs\/new\?filter=intended%3Aactive/)
  await page.getByLabel(say('What to do')).selectOption('suspend')
  await page.getByRole('textbox', { name: say('Reason') }).fill('the season is over')
  await page.getByRole('button', { name: say('Show what would happen') }).click()
  await page.getByRole('heading', { name: say('{what}: {total}, nothing done yet', { what, total }) }).waitFor()
  await page.getByRole('button', { name: say('Ask for approval: {total}', { total }) }).click()
  await page.getByRole('heading', { name: say('{what}: {total} wait for another person', { what, total }) }).waitFor()
  return page.url()
}
