import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { buildPortal, portalDirectory } from '../../portal/build.ts'
import { openBrowser, withoutChromium } from './browser.ts'
import { type FixtureServer, startFixtureServer } from './fixture-server.ts'
import { now } from './fixtures/world.ts'

/** One browser and one page for all tests; each test starts at an address of its own. */
describe('portal', { skip: withoutChromium }, () => {
  let server: FixtureServer
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const faults: string[] = []

  before(async () => {
    await buildPortal({ log: () => {} })
    server = await startFixtureServer(portalDirectory)
    browser = await openBrowser()
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en', reducedMotion: 'reduce' })
    page = await context.newPage()
    await page.clock.setFixedTime(now)
    page.on('pageerror', (error) => faults.push(error.message))
    // A refusal by the content security policy is told on the console only.
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 503|status of 404/.test(message.text())) faults.push(message.text())
    })
  })
  after(async () => {
    await browser?.close()
    await server?.close()
  })
  beforeEach(async () => {
    faults.length = 0
    server.failing.clear()
    server.changes.length = 0
    server.breaches.length = 0
    server.setEmpty(false)
    server.setVisitor('demo')
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  afterEach(() => {
    // First, since a page that is given what the API never answers breaks for no reason of its own.
    assert.deepEqual([...new Set(server.breaches)], [], 'answers of the fixtures that the API does not give')
    assert.deepEqual(faults, [], 'errors on the page, or refusals by its security policy')
  })

  const open = async (path: string): Promise<void> => {
    await page.goto(server.url + path)
  }
  /** The page has its first line, and nothing of it is still on its way. */
  const settled = async (): Promise<void> => {
    await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
    await page.locator('.fetching').first().waitFor({ state: 'detached' })
  }
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name })

  test('the first line is a verdict, in each language, and nothing breaks the security policy', async () => {
    await open('/?lang=en')
    await heading('12 attacks refused, 0 vectors leaked, 300 of 300 critical devices back').waitFor()
    assert.equal(await page.title(), 'Overview · Simward')
    await page.getByRole('img', { name: /Registrations per second by class/ }).waitFor()
    await open('/?lang=ja')
    await heading('攻撃 12 件を拒否、認証ベクトルの流出 0 件、重要端末 300 台中 300 台が復帰').waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'ja')
    await open('/?lang=zh')
    await heading('拒绝攻击 12 次，泄露向量 0 个，300 台关键设备中 300 台已恢复').waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans')
  })

  test('language and theme are kept', async () => {
    await open('/alarms')
    await page.getByRole('button', { name: 'Language' }).click()
    await page.getByRole('menuitem', { name: '日本語' }).click()
    await page.getByRole('button', { name: 'ダークテーマ' }).click()
    await open('/alarms')
    await page.getByRole('button', { name: 'ライトテーマ' }).click()
    await page.getByRole('button', { name: '言語' }).click()
    await page.getByRole('menuitem', { name: 'English' }).click()
    await page.getByRole('button', { name: 'Dark theme' }).waitFor()
  })

  test('a facet writes into the filter, the filter into the address', async () => {
    await open('/signalling')
    await page.getByRole('button', { name: /^drop/ }).click()
    await page.waitForURL(/filter=verdict%3Adrop/)
    await page.getByRole('row', { name: /Unsolicited answer/ }).waitFor()
    await page.getByRole('textbox', { name: 'Filter' }).fill('op:AIA')
    await page.keyboard.press('Enter')
    await page.waitForURL(/verdict%3Adrop\+op%3AAIA/)
    await page.getByRole('button', { name: 'op:AIA: take this term away' }).click()
    await page.waitForURL(/filter=verdict%3Adrop$/)
  })

  test('an open message explains itself, and the live table waits meanwhile', async () => {
    await open('/signalling')
    await page
      .getByRole('row', { name: /Forged network/ })
      .first()
      .getByRole('link')
      .click()
    const pane = page.getByRole('complementary', { name: 'Message' })
    await pane.getByRole('heading', { name: 'Estrel claimed to be Aurelia' }).waitFor()
    await pane.getByText('This one answered 5012.').waitFor()
    await pane.getByText('plmnOfPartner is false').waitFor()
    assert.match((await pane.locator('mark').first().textContent()) ?? '', /00 00 05 7f/)
    const rows = page.getByRole('region', { name: 'Messages' })
    const first = await rows.getByRole('row').nth(1).textContent()
    const live = (id: string) => ({ rows: [{ ...sample, id, at: now }], skipped: 0 })
    server.push('signals', live('live-1'))
    server.push('signals', live('live-2'))
    await page.getByRole('button', { name: '2 newer messages' }).waitFor()
    assert.equal(await rows.getByRole('row').nth(2).textContent(), first)
    await page.keyboard.press('Escape')
    await rows
      .getByRole('row', { name: /999700000777777/ })
      .first()
      .waitFor()
    assert.equal(await page.getByText('newer messages').count(), 0)
  })

  test('the SIM page says what stops it, and shows the message that did', async () => {
    await open('/sims/999700000104217')
    await heading('No: IMEI lock, since 12:04, by control imei-lock (CLP.14 §5.7.3)').waitFor()
    await page.getByText('Next attempt expected').waitFor()
    await page.getByText(/3 more ULR/).waitFor()
    await page.getByText('Held for approval imposed on this SIM').waitFor()
    const facts = page.getByRole('complementary', { name: 'Facts' })
    await facts.getByText('Profile: tracker-plus → tracker-eu').waitFor()
    await facts.getByText(/of 20.0 MB, until/).waitFor()
    await page.getByRole('button', { name: 'Move lock to new IMEI…' }).waitFor()
    await page.getByRole('button', { name: 'Release lock…' }).click()
    const dialog = page.getByRole('dialog', { name: /Release the IMEI lock/ })
    const release = dialog.getByRole('button', { name: 'Release lock' })
    assert.equal(await release.getAttribute('aria-disabled'), 'true')
    await dialog.getByText('the next device seen with this card is bound').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Open the message' }).nth(1).click()
    const box = page.locator('.msg')
    await box.getByText('five tries, 10 s apart, then 12 min silence').waitFor()
    assert.match((await box.locator('tr.hit').textContent()) ?? '', /IMEI.*00101799318806/s)
    await page.getByRole('button', { name: 'Changes' }).click()
    assert.equal(await page.getByText(/3 more ULR/).count(), 0)
  })

  test('the list of SIMs leads to one', async () => {
    await open('/sims')
    await page.getByRole('button', { name: 'cannot connect' }).click()
    await page.waitForURL(/filter=connects%3Ano/)
    await page.getByRole('link', { name: '999700000104217' }).click()
    await page.waitForURL(/\/sims\/999700000104217$/)
  })

  test('jump finds SIMs by their digits and peers by name', async () => {
    await open('/controls')
    await heading(/of 73 met/).waitFor()
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox', { name: 'Jump to' })
    await field.fill('castrel')
    await page.getByRole('option', { name: /dra1.castrel.example/ }).waitFor()
    await field.fill('104217')
    await page.getByRole('option', { name: /999700000104217.*Wayfold Tracking/ }).waitFor()
    await page.keyboard.press('Enter')
    await heading(/^No: IMEI lock/).waitFor()
  })

  test('a rule changes its mode only with a reason', async () => {
    await open('/controls/rules?rule=s6a-network-not-of-partner')
    await page
      .getByRole('row', { name: /s6a-network-not-of-partner/ })
      .getByRole('button', { name: 'Mode…' })
      .click()
    const dialog = page.getByRole('dialog')
    const set = dialog.getByRole('button', { name: 'Set the mode' })
    assert.equal(await set.getAttribute('aria-disabled'), 'true')
    await dialog.getByText('Its control turns not met.').waitFor()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('to see what it stops')
    await set.click()
    await heading('s6a-network-not-of-partner does not act').waitFor()
    assert.deepEqual(server.changes, [
      { request: 'PATCH /rules/s6a-network-not-of-partner', body: { mode: 'shadow', reason: 'to see what it stops' } },
    ])
    await page
      .getByRole('row', { name: /s6a-network-not-of-partner/ })
      .getByRole('button', { name: 'Active, attack again' })
      .click()
    await page.waitForURL(/\/demo\?attack=forged-ulr/)
    assert.equal(server.changes.at(-1)?.request, 'POST /demo/attacks/forged-ulr')
  })

  test('partners are fixed in the demo, and changed with a reason elsewhere', async () => {
    await open('/partners/brenn')
    const save = page.getByRole('button', { name: 'Save…' })
    assert.equal(await save.getAttribute('aria-disabled'), 'true')
    server.setVisitor('engineer')
    await open('/partners/brenn')
    await page.getByRole('textbox', { name: 'Messages per second that we may send' }).fill('80')
    await save.click()
    const dialog = page.getByRole('dialog', { name: 'Change Brenn' })
    await dialog.getByText('agreedRate').waitFor()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('new agreement')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'hidden' })
    const [change] = server.changes
    assert.equal(change?.request, 'PUT /partners/brenn')
    const body = change?.body as { agreedRate: number; changeReason: string; waivers: string[] }
    assert.deepEqual([body.agreedRate, body.changeReason, body.waivers], [80, 'new agreement', ['session-id-format']])
  })

  test('an alarm says what to do and is taken with a note', async () => {
    server.setVisitor('engineer')
    await open('/alarms')
    await heading('3 alarms open, 1 has no owner').waitFor()
    await page.getByText(/then call its NOC/).waitFor()
    await page.getByRole('button', { name: 'Take it…' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Note' }).fill('calling them')
    await page.getByRole('dialog').getByRole('button', { name: 'Take it' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    assert.deepEqual(server.changes, [{ request: 'POST /alarms/a-1/acknowledge', body: { note: 'calling them' } }])
  })

  test('every requirement stands with its status; unknown is the most usual word', async () => {
    await open('/controls')
    await page.getByText('289 of 289').waitFor()
    await page.getByRole('button', { name: /^not met/ }).click()
    await page.getByText('2 of 289').waitFor()
    await page.getByRole('button', { name: /^All/ }).click()
    await page.getByRole('link', { name: '5.6.1-07' }).click()
    const pane = page.getByRole('complementary', { name: 'Requirement' })
    await pane.getByRole('heading', { name: 'Block messages from unauthorised or faked networks' }).waitFor()
    await pane.getByText('Screening of signalling').waitFor()
  })

  test('a failing server leaves the last data with its age, and a retry', async () => {
    await open('/')
    await heading(/12 attacks refused/).waitFor()
    server.failing.add('/overview')
    await page.getByRole('button', { name: '1 h' }).click()
    await page.getByText(/Not live: the overview as of 0 s ago. the store does not answer/).waitFor()
    await heading(/12 attacks refused/).waitFor()
    server.failing.clear()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText(/Not live/).waitFor({ state: 'detached' })
    server.failing.add('/controls')
    await open('/controls')
    await page.getByRole('alert').getByText('No answer for the controls').waitFor()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    // What the server refused is said in the reader's language, by its code.
    await open('/controls?lang=ja')
    await page.getByRole('alert').getByText('保存先が応答しません。もう一度お試しください。').waitFor()
    // A part that fails says so and leaves the rest: no answer is not “nobody has changed it yet”.
    server.failing.clear()
    server.failing.add('/actions').add('/sims/999700000104217/usage')
    await open('/sims/999700000104217?lang=en')
    await heading(/^No: IMEI lock/).waitFor()
    await page.getByRole('alert').getByText('No answer for the changes').waitFor()
    await page.getByRole('alert').getByText('No answer for the usage').waitFor()
    await open('/sign-in?lang=en')
  })

  test('a new installation says what would be here', async () => {
    server.setEmpty(true)
    for (const [path, text] of [
      ['/', 'Nothing was asked in this window'],
      ['/signalling', 'No message yet'],
      ['/sims', 'No SIM yet'],
      ['/partners', 'No partner yet'],
      ['/alarms', 'No alarm is raised'],
    ] as const) {
      await open(path)
      await page.getByRole('heading', { name: text }).first().waitFor()
    }
  })

  test('claiming needs a good link; the password way shows its secret once', async () => {
    server.setVisitor('unclaimed')
    await open('/claim#token=used')
    await page.getByRole('heading', { name: 'This link is no longer good' }).waitFor()
    await open('/claim#token=good-token-of-the-fixture')
    await page.getByRole('textbox', { name: 'Your name' }).fill('M. Okafor')
    await page.getByRole('button', { name: /password and an authenticator app instead/ }).click()
    await page.getByLabel('Password').first().fill('correct horse battery')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP').waitFor()
    server.setVisitor('nobody')
    await open('/sims?filter=class:critical')
    await page.waitForURL(/\/sign-in\?back=%2Fsims/)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor()
  })

  test('every page meets WCAG 2.2 AA by axe, light and dark, and says no key of the server', async () => {
    const found: string[] = []
    const check = async (path: string): Promise<void> => {
      await open(path)
      await settled()
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
      const wrong = violations.map(({ id, nodes }) => `${path}: ${id} ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
      found.push(...wrong)
      assert.doesNotMatch((await page.locator('body').textContent()) ?? '', /\b(?:alarm|control|overview|need|demo|sim|timeline)\.[a-z]+/)
    }
    await page.emulateMedia({ colorScheme: 'light' })
    for (const path of pages) await check(path)
    await page.emulateMedia({ colorScheme: 'dark' })
    for (const path of ['/', '/signalling?open=sig-396', '/sims/999700000104217', '/partners/brenn']) await check(path)
    await page.emulateMedia({ colorScheme: 'light' })
    assert.deepEqual(found, [])
  })

  test('a narrow screen keeps the answer and does not scroll sideways, in the longest language', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await open('/?lang=ja')
    for (const path of pages) {
      await open(`${path}${path.includes('?') ? '&' : '?'}lang=ja`)
      await settled()
      const [width, inner] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as [number, number]
      assert.ok(width <= inner, `${path} is ${width} px wide on a screen of ${inner}`)
    }
    await open('/?lang=en')
    await heading(/12 attacks refused/).waitFor()
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('dialog').getByRole('link', { name: 'Signalling' }).click()
    await page.waitForURL(/\/signalling$/)
  })
})

const pages = [
  '/',
  '/signalling?open=sig-396',
  '/sims',
  '/sims/999700000104217',
  '/partners',
  '/partners/brenn',
  '/peers/dra1.castrel.example',
  '/alarms',
  '/controls?filter=section:5.6.1&open=clp14:5.6.1-07',
  '/controls/rules',
  '/demo',
  '/sign-in',
]

const sample = {
  interface: 'S6a',
  operation: 'ULR',
  direction: 'in',
  peerId: 'dra1.corvane.example',
  partnerId: 'aurelia',
  partnerName: 'Aurelia',
  originHost: 'mme02.epc.mnc001.mcc001.3gppnetwork.org',
  originRealm: 'epc.mnc001.mcc001.3gppnetwork.org',
  visitedPlmn: '001-01',
  imsi: '999700000777777',
  providerId: null,
  class: 'standard',
  action: 'allow',
  reason: 'ok',
  ruleId: 'default',
  facts: [],
  shadow: [],
  alert: false,
  resultCode: 2001,
  latencyMs: 2,
  heldMs: 0,
  vectors: 0,
}
