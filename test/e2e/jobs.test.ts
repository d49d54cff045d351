import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { idOf } from '#cli/world/rows.ts'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

describe('jobs in a browser', { skip: withoutChromium }, () => {
  let installation: Installation
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let faults: string[]

  before(async () => {
    await buildPortal({ log: () => {} })
    installation = await startInstallation({ sims: 120, config: { jobApprovalSims: 0 } })
    browser = await openBrowser()
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en', reducedMotion: 'reduce' })
    await signInAs(installation, { name: 'Mira', role: 'provider-admin', providerId: idOf('provider', 'wayfold') }, context)
    page = await context.newPage()
    page.setDefaultTimeout(15_000)
    faults = watchFaults(page)
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  const suspended = async (): Promise<number> => {
    const { rows } = await installation.db.query<{ n: bigint }>("SELECT count(*) AS n FROM subscription WHERE intended = 'suspended'")
    return Number(rows[0]?.n)
  }

  test('suspend what a filter matches: seen first, then done, with every step said', async () => {
    await page.goto(`${installation.url}/jobs`)
    await page.getByRole('heading', { name: 'No job is at work' }).waitFor()
    await page.getByRole('link', { name: 'New job…' }).first().click()
    await page.getByLabel('What to do').selectOption('suspend')
    await page.getByRole('textbox', { name: 'Filter' }).fill('intended:active')
    await page.getByRole('textbox', { name: 'Filter' }).press('Enter')
    await page.getByLabel('Reason').fill('the season is over')
    await page.getByRole('button', { name: 'Show what would happen' }).click()
    await page.getByRole('heading', { name: /Set state to Suspended: 48 SIMs, nothing done yet/ }).waitFor()
    assert.equal(await suspended(), 0)
    await page.getByRole('button', { name: 'Start: 48 SIMs' }).click()
    await page.getByRole('heading', { name: /Set state to Suspended: 48 of 48 SIMs changed/ }).waitFor()
    assert.equal(await suspended(), 48)
    await page.getByRole('progressbar', { name: 'SIMs done' }).waitFor()
    await page.getByRole('link', { name: 'Jobs', exact: true }).first().click()
    await page.getByRole('row', { name: /Set state to Suspended.*48/ }).waitFor()
  })

  test('a file with errors: the good rows are ready, the bad ones come back with what is wrong', async () => {
    const { rows } = await installation.db.query<{ imsi: string }>(
      'SELECT imsi FROM subscription WHERE provider_id = $1 ORDER BY imsi LIMIT 2',
      [idOf('provider', 'wayfold')],
    )
    await page.goto(`${installation.url}/jobs/new?kind=csv`)
    await page.getByLabel('CSV file').setInputFiles({
      name: 'changes.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`imsi,label\n${rows[0]?.imsi},Gate 1\nnonsense,Gate 2\n${rows[0]?.imsi},Gate 3\n${rows[1]?.imsi},=cmd()\n`),
    })
    await page.getByLabel('Reason').fill('new labels')
    await page.getByRole('button', { name: 'Show what would happen' }).click()
    await page.getByRole('heading', { name: /2 changes, nothing done yet/ }).waitFor()
    await page.getByRole('heading', { name: 'Rows with a problem: 2' }).waitFor()
    await page.getByRole('cell', { name: 'stands twice in the file' }).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Bad rows as a file' }).click()
    const text = await (await (await download).createReadStream()).setEncoding('utf8').reduce((all, part) => all + String(part), '')
    assert.match(text, /^imsi,label,line,error\r\nnonsense,Gate 2,3,/)
    assert.deepEqual(faults, [])
  })
})
