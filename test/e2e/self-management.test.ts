import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { attachAt } from '#sim/encounter.ts'
import { buildPortal } from '../../portal/build.ts'
import { type SignallingWorld, startSignallingWorld } from '../simward.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { wordsOf } from './catalogue.ts'
import { signInAs } from './installation.ts'

const beside = ['subscriptions', 'profiles', 'plans', 'approvals', 'notices', 'sign-in', 'people', 'organisations', 'jobs', 'health']

/** From the questions about a service to its SIM on a visited network, by a customer's own hand, in each language of the portal. */
describe('a customer brings a SIM into service', { skip: withoutChromium }, () => {
  let world: SignallingWorld
  let browser: Browser

  before(async () => {
    await buildPortal({ log: () => {} })
    world = await startSignallingWorld({ sims: 200, beside })
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await world?.[Symbol.asyncDispose]()
  })

  async function pageIn(locale: 'en' | 'zh-Hans' | 'ja', providerId: string): Promise<{ page: Page; url: string; faults: string[] }> {
    const url = `http://localhost:${new URL(world.simward.url).port}`
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: locale === 'zh-Hans' ? 'zh-CN' : locale })
    await signInAs({ db: world.simward.db, url }, { name: `Mina ${locale}`, role: 'provider-manager', providerId }, context)
    const page = await context.newPage()
    return { page, url, faults: watchFaults(page) }
  }

  const withReason = async (page: Page, say: (sentence: string) => string, button: string): Promise<void> => {
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: say('Reason') }).fill('a new device of ours')
    await dialog.getByRole('button', { name: say(button), exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
  }

  for (const locale of ['en', 'zh-Hans', 'ja'] as const) {
    test(`${locale}: assessed, given its profile, activated, and accepted at its next attempt; another tenant's stays unseen`, async () => {
      const say = wordsOf(locale)
      const { db } = world.simward
      const actor = world.subjects.take({ class: 'standard' })
      const { imsi } = actor.subject
      const { rows } = await db.query<{ mine: string; foreign: string }>(
        `UPDATE subscription s SET intended = 'suspended' WHERE imsi = $1
         RETURNING provider_id AS mine, (SELECT o.imsi FROM subscription o WHERE o.provider_id <> s.provider_id LIMIT 1) AS foreign`,
        [imsi],
      )
      const [row] = rows
      assert.ok(row !== undefined)
      await db.notify('subscriber', '*')
      assert.equal((await attachAt(actor.mme, actor.subject)).accepted, false)

      const { page, url, faults } = await pageIn(locale, row.mine)
      await page.goto(`${url}/profiles/new`)
      await page.getByRole('textbox', { name: say('Access point'), exact: true }).fill(`${locale.toLowerCase()}.meters.iot`)
      // The least roams nowhere: where its devices are is asked for.
      await page.getByRole('combobox', { name: say('Where is it used?') }).selectOption('anywhere')
      await page.getByRole('textbox', { name: say('Name of the profile') }).fill(`story ${locale}`)
      await page.getByRole('button', { name: say('Make the profile…') }).click()
      await withReason(page, say, 'Make it')
      await page.waitForURL(/\/profiles\/[0-9a-f-]{36}/)

      await page.goto(`${url}/sims/${imsi}`)
      await page.getByRole('button', { name: say('More to do') }).click()
      await page.getByRole('menuitem', { name: say('Edit…') }).click()
      await page.getByRole('combobox', { name: say('Profile'), exact: true }).click()
      await page.getByRole('option', { name: `story ${locale}` }).click()
      await withReason(page, say, 'Change it')
      await page.getByRole('button', { name: `${say('Activate')}…` }).click()
      await withReason(page, say, 'Activate')
      await page
        .getByRole('status', { name: say('Last change') })
        .getByText(`story ${locale}`)
        .waitFor({ state: 'detached' })

      assert.deepEqual(await attachAt(actor.mme, actor.subject), { accepted: true })
      await page.goto(`${url}/sims/${row.foreign}`)
      await page
        .getByText(say('There is no such SIM.'))
        .or(page.getByText(`there is no SIM ${row.foreign}`))
        .first()
        .waitFor()
      assert.deepEqual(faults, [])
      await page.context().close()
    })
  }
})
