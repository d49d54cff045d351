import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

/** From what a service needs to a profile that its SIMs have, and what SIMs use; as a provider's manager. */
describe('profiles and plans in a browser', { skip: withoutChromium }, () => {
  const resources = new AsyncDisposableStack()
  let installation: Installation
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let faults: string[]
  let providerId: string
  let profileId: string

  before(async () => {
    await buildPortal({ log: () => {} })
    installation = resources.use(await startInstallation({ sims: 40 }))
    const { rows } = await installation.db.query<{ id: string }>(`SELECT id FROM provider WHERE name LIKE 'Gridmere%'`)
    providerId = rows[0]?.id ?? ''
    browser = await openBrowser()
    resources.defer(() => browser.close())
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en', reducedMotion: 'reduce' })
    await signInAs(installation, { name: 'Mina Sato', role: 'provider-manager', providerId }, context)
    page = await context.newPage()
    faults = watchFaults(page)
  })
  after(() => resources.disposeAsync())

  const open = async (path: string): Promise<void> => void (await page.goto(`${installation.url}${path}`))
  const withReason = async (button: string): Promise<void> => {
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('for this test')
    await dialog.getByRole('button', { name: button, exact: true }).click()
  }
  const isAccessible = async (): Promise<void> => {
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
      [],
    )
  }

  test('questions become the least profile; SMS waits for a signature', async () => {
    await open('/profiles')
    await page.getByRole('heading', { name: 'All 1 profiles permit what their service was said to need, and nothing more' }).waitFor()
    await isAccessible()
    await page.getByRole('button', { name: 'Assess a service…' }).click()
    await page.getByRole('textbox', { name: 'Access point', exact: true }).fill('Alarm.Gridmere.iot')
    await page.getByText('It permits, because you need it').waitFor()
    await page.getByRole('textbox', { name: 'Addresses that it talks to' }).fill('0.0.0.0/0')
    await page.getByText('That is every address').waitFor()
    await page.getByRole('textbox', { name: 'Addresses that it talks to' }).fill('192.0.2.0/28 tcp 8883')
    await page.getByText('That is every address').waitFor({ state: 'detached' })
    await page.getByRole('checkbox', { name: 'Does it send or get short messages of its own?' }).check()
    await page.getByText('Premium-rate fraud').waitFor()
    await page.getByRole('textbox', { name: 'Name of the profile' }).fill('alarm')
    await isAccessible()
    await page.getByRole('button', { name: 'Make the profile…' }).click()
    await withReason('Make it')
    await page.getByRole('alert').or(page.getByText('must first acknowledge how weak sms is')).first().waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()

    await page.getByRole('button', { name: 'Acknowledge SMS…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('The sender of a short message proves nothing').waitFor()
    await dialog.getByRole('checkbox').check()
    await dialog.getByRole('button', { name: 'Sign', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Make the profile…' }).click()
    await withReason('Make it')
    await page.getByRole('heading', { name: 'alarm permits what its service needs, and nothing more' }).waitFor()
    profileId = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    assert.deepEqual(faults, [])
  })

  test('a SIM gets the profile; a version waits, is looked at, and comes into force for it', async () => {
    const { rows } = await installation.db.query<{ id: string; imsi: string }>(
      'SELECT id, imsi FROM subscription WHERE provider_id = $1 ORDER BY imsi LIMIT 1',
      [providerId],
    )
    const [sim] = rows
    assert.ok(sim !== undefined)
    const { changes } = installation.ports
    assert.ok(changes !== undefined)
    const by = { actor: 'test', scope: { providerId }, reason: 'assigned', approvals: [], address: null }
    const outcomes = await installation.db
      .asTenant({ providerId })
      .transaction((tx) => changes.apply(tx, { kind: 'profile', profileId }, [sim.id], by))
    assert.equal(outcomes[0]?.outcome, 'changed')

    await open(`/profiles/${profileId}`)
    await page.getByRole('textbox', { name: 'Allowed names' }).fill('platform.example')
    await page.getByRole('textbox', { name: 'Fixed dialling list' }).fill('+999700123 Control centre sms')
    await page.getByRole('button', { name: 'Save as a new version…' }).click()
    await withReason('Save')
    await page.getByText('Version 2', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Bring into force…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 SIMs').first().waitFor()
    await dialog.getByText('platform.example').waitFor()
    await isAccessible()
    await dialog.getByLabel('Reason').fill('the platform has a name now')
    await dialog.getByRole('button', { name: 'Change 1 SIMs' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'alarm permits 1 things that were not asked for' }).waitFor()
    await page.getByRole('button', { name: 'EF_FDN' }).click()
    await page.getByText('Computed, not delivered').waitFor()
    await page.getByText('436f6e74726f6c2063656e747265069199790021f3').waitFor()
    await page.getByText('1 confirmed, 0 failed').or(page.getByText('0 confirmed, 0 failed')).waitFor()
    await isAccessible()
    assert.deepEqual(faults, [])
  })

  test('what was asked for can be answered anew', async () => {
    await open(`/profiles/${profileId}`)
    await page.getByRole('button', { name: 'Answer anew…' }).click()
    await page.getByRole('textbox', { name: 'Addresses that it talks to' }).fill('192.0.2.0/28 tcp 8883')
    await page.getByRole('textbox', { name: 'Names that it talks to' }).fill('platform.example')
    await page.getByRole('checkbox', { name: 'Does it send or get short messages of its own?' }).check()
    await page.getByRole('textbox', { name: 'Numbers that it calls or writes to' }).fill('+999700123 Control centre sms')
    await page.getByRole('button', { name: 'Keep the answers…' }).click()
    await withReason('Keep them')
    await page.getByRole('heading', { name: 'alarm permits what its service needs, and nothing more' }).waitFor()
    assert.deepEqual(faults, [])
  })

  test('usage of a SIM against its plan: counted by a file, told on the page of the SIM', async () => {
    const { rows } = await installation.db.query<{ imsi: string }>(
      `SELECT imsi FROM subscription WHERE provider_id = $1 AND class <> 'critical' ORDER BY imsi DESC LIMIT 1`,
      [providerId],
    )
    const imsi = rows[0]?.imsi ?? ''
    await open('/plans')
    await page.getByRole('heading', { name: 'Every SIM is within its plan' }).waitFor()
    await page.getByRole('button', { name: 'Import usage…' }).click()
    const at = new Date(Date.now() - 60_000).toISOString()
    const file = `imsi,from,to,bytes_up,bytes_down,reference\n${imsi},${at},${at},12500000,0,a\nnobody,${at},${at},1,0,b\n`
    await page.getByLabel('CSV file').setInputFiles({ name: 'usage.csv', mimeType: 'text/csv', buffer: Buffer.from(file) })
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 records would count').waitFor()
    await dialog.getByText('no IMSI', { exact: true }).waitFor()
    await isAccessible()
    await dialog.getByRole('button', { name: 'Count 1 records' }).click()
    await dialog.getByText('1 records counted').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('heading', { name: '1 SIMs are cut off by their plan, 1 are over an alert' }).waitFor()
    await page.getByRole('img', { name: '12.5 MB of 10.0 MB' }).waitFor()
    await isAccessible()

    await open(`/sims/${imsi}`)
    await page.getByText(/Cut off by its plan until/).waitFor()
    await page
      .getByText(/quota used up/i)
      .first()
      .waitFor()
    await open('/plans')
    await page.getByRole('textbox', { name: 'Included, MB' }).fill('20')
    await page.getByRole('button', { name: 'Save…' }).click()
    await withReason('Save')
    await page.getByRole('heading', { name: 'Every SIM is within its plan' }).waitFor()
    assert.deepEqual(faults, [])
  })

  test('who may only read sees why', async () => {
    const viewer = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'ja', reducedMotion: 'reduce' })
    await signInAs(installation, { name: 'Yuki Mori', role: 'provider-viewer', providerId }, viewer)
    const narrow = await viewer.newPage()
    await narrow.goto(`${installation.url}/profiles/${profileId}`)
    await narrow.getByRole('button', { name: '新しい版として保存…' }).waitFor()
    assert.equal(await narrow.getByRole('button', { name: '新しい版として保存…' }).getAttribute('aria-disabled'), 'true')
    await viewer.close()
  })
})
