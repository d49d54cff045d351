import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { causeTrouble } from './fixtures/health.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

describe('health, palette and keyboard', { skip: withoutChromium }, () => {
  let installation: Installation
  let browser: Browser
  let provider: { context: BrowserContext; page: Page; faults: string[] }
  let operator: { context: BrowserContext; page: Page; faults: string[] }

  before(async () => {
    await buildPortal({ log: () => {} })
    installation = await startInstallation({ sims: 300 })
    const { rows } = await installation.db.query<{ id: string }>(`SELECT id FROM provider WHERE name = 'Gridmere Metering'`)
    const providerId = rows[0]?.id ?? ''
    await causeTrouble(installation, providerId)
    browser = await openBrowser()
    provider = await open('P. Viewer', 'provider-viewer', providerId)
    operator = await open('O. Engineer', 'operator-engineer', null)
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  async function open(name: string, role: 'provider-viewer' | 'operator-engineer', providerId: string | null) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en', reducedMotion: 'reduce' })
    await signInAs(installation, { name, role, providerId }, context)
    const page = await context.newPage()
    return { context, page, faults: watchFaults(page) }
  }

  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })

  test('a provider begins at its health: one sentence, then the evidence', async () => {
    const { page } = provider
    await page.goto(`${installation.url}/`)
    await page.waitForURL(/\/health$/)
    await heading(page, '2 attacks on these SIMs in 24 h, all refused; 3 devices were refused; Cold chain 98.4 % of 99.5 %').waitFor()
    await page.getByRole('link', { name: 'Forged network' }).waitFor()
    await page.getByText('They are suspended: activate those that should work').waitFor()
    await page.getByRole('button', { name: 'Cold chain' }).click()
    await page.getByRole('region', { name: 'Networks of Cold chain' }).getByText('Aurelia').waitFor()
    await page.getByRole('link', { name: 'SIMs', exact: true }).last().click()
    await page.waitForURL(/\/sims\?filter=intended%3Asuspended$/)
  })

  test('devices that changed lead to the SIM; weak radio to the devices', async () => {
    const { page } = provider
    await page.goto(`${installation.url}/health`)
    await page.getByText('35693803564380 → 35693803564399').waitFor()
    await page.getByRole('link', { name: 'weak protection' }).click()
    await heading(page, 'Devices on radio with weak protection').waitFor()
    await page.getByRole('row', { name: /GERAN \(2G\)/ }).waitFor()
    assert.equal(await page.getByRole('row').count(), 2)
  })

  test('the operator sees the providers, worst first, and goes on to one', async () => {
    const { page } = operator
    await page.goto(`${installation.url}/health`)
    await heading(page, '2 attacks on SIMs, all refused; 1 of 3 providers needs a look').waitFor()
    const first = page.getByRole('region', { name: 'Providers' }).getByRole('row').nth(1)
    assert.match((await first.textContent()) ?? '', /Gridmere Metering/)
    await page
      .getByRole('row', { name: /Havenpulse/ })
      .getByText('off, no agreement')
      .waitFor()
    await page.getByRole('link', { name: 'Gridmere Metering' }).click()
    await heading(page, /^2 attacks on these SIMs/).waitFor()
  })

  test('the palette leads anywhere by keyboard, offers what one may, and remembers', async () => {
    const { page } = provider
    await page.goto(`${installation.url}/health`)
    await heading(page, /^2 attacks/).waitFor()
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox', { name: 'Jump to' })
    await field.waitFor()
    assert.equal(await page.getByRole('option', { name: /Overview/ }).count(), 0, 'a provider has no overview')
    await field.fill('9997001')
    await page.getByRole('group', { name: 'SIMs' }).getByRole('option').first().waitFor()
    await field.fill('cannot connect')
    await page.getByRole('group', { name: 'Actions' }).getByRole('option', { name: 'SIMs that cannot connect' }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sims\?filter=connects:no/)
    await page.keyboard.press('Control+k')
    await page.getByRole('group', { name: 'Recent' }).getByRole('option', { name: 'SIMs that cannot connect' }).waitFor()
    await page.keyboard.press('ArrowDown')
    assert.equal(await page.getByRole('option', { selected: true }).count(), 1)
    await page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
  })

  test('the palette begins a change of a SIM, for who may change it', async () => {
    const { page } = operator
    await page.goto(`${installation.url}/health`)
    await heading(page, /./).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Jump to' }).fill('999700100000002')
    await page.getByRole('option', { name: 'Suspend 999700100000002…' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Suspend 999700100000002' }).waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL(/\/sims\/999700100000002$/)
    await provider.page.goto(`${installation.url}/sims/999700100000002?do=suspended`)
    await heading(provider.page, /./).waitFor()
    assert.equal(await provider.page.getByRole('dialog').count(), 0)
  })

  test('single keys lead to pages and to the help, never while one types, and can be switched off', async () => {
    const { page } = operator
    await page.goto(`${installation.url}/sims`)
    await heading(page, /./).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('h')
    await page.waitForURL(/\/health$/)
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.waitForURL(/\/sims$/)
    const filter = page.getByRole('textbox', { name: 'Filter' })
    await filter.waitFor()
    await page.keyboard.press('/')
    await filter.pressSequentially('gh?')
    assert.equal(await filter.inputValue(), 'gh?')
    assert.match(page.url(), /\/sims$/)
    await filter.fill('')
    await filter.blur()
    await page.keyboard.press('?')
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await help.getByText('Jump anywhere, or begin something').waitFor()
    await help.getByRole('checkbox', { name: 'Shortcuts of single keys' }).uncheck()
    await page.keyboard.press('Escape')
    await help.waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.keyboard.press('g')
    await page.keyboard.press('h')
    assert.equal(await page.getByRole('dialog').count(), 0)
    // What is switched off can be switched on again: the palette needs no single key.
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Jump to' }).fill('shortcuts')
    await page.keyboard.press('Enter')
    await help.getByRole('checkbox').check()
    await page.keyboard.press('Escape')
    assert.match(page.url(), /\/sims$/)
  })

  test('nothing of it broke the page or its security policy', () => {
    assert.deepEqual([...provider.faults, ...operator.faults], [])
  })
})
