import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openStage, type Stage } from '#cli/demo/stage.ts'
import { createTelling } from '#cli/demo/steps.ts'
import { tellAttach, tellPeers } from '#cli/demo/story.ts'
import { DemoWorld } from '#cli/demo/world.ts'
import { systemClock } from '#core/clock.ts'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { messageKeys, portalKeys } from './portal-keys.ts'

const rule = 's6a-network-not-of-partner'
const control = 'signalling-screening'

/** The demo's world with its portal: what a visitor does, against the real HSS, guard and controls. */
describe('the demo in a browser', { skip: withoutChromium }, () => {
  const resources = new AsyncDisposableStack()
  let stage: Stage
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let faults: string[]

  before(async () => {
    await buildPortal({ log: () => {} })
    const telling = createTelling(systemClock.now, () => {})
    const world = new DemoWorld({ clock: systemClock, seed: 1, capacityPerSecond: 200, telling })
    stage = await openStage({
      clock: systemClock,
      log: pino({ level: 'silent' }),
      sims: 600,
      seed: 1,
      capacityPerSecond: 200,
      httpPort: 0,
      diameterPort: 0,
      simulatedHub: true,
      demo: world,
      progress() {},
    })
    resources.use(stage)
    world.stage = stage
    const told = { clock: systemClock, telling, runner: world.runner, seed: 1 }
    tellPeers(stage, told)
    assert.ok(await tellAttach(stage, told))
    browser = await openBrowser()
    resources.defer(() => browser.close())
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en', reducedMotion: 'reduce' })
    page = await context.newPage()
    faults = watchFaults(page)
  })
  after(() => resources.disposeAsync())

  const api = async <T>(path: string): Promise<T> => (await (await fetch(`${stage.simward.url}/api/v1/${path}`)).json()) as T
  const attackItem = () => page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Forged location update' }) })
  /** The dialog proposes shadow for an active rule, and active for any other. */
  const turnRule = async (heading: string | RegExp): Promise<void> => {
    await page.goto(`${stage.simward.url}/controls/rules?rule=${rule}`)
    await page
      .getByRole('row', { name: new RegExp(rule) })
      .getByRole('button', { name: 'Mode…' })
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('to see what it stops')
    await dialog.getByRole('button', { name: 'Set the mode' }).click()
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  }

  test('an attack from the button is refused, and its message shows who claimed what and which rule decided', async () => {
    await page.goto(`${stage.simward.url}/demo`)
    await attackItem().getByRole('button', { name: 'Attack', exact: true }).click()
    await attackItem().getByText('Refused').waitFor()
    await attackItem()
      .getByText(/Forged network, 5012/)
      .waitFor()
    await attackItem().getByRole('link', { name: 'see the message' }).click()
    const pane = page.getByRole('complementary', { name: 'Message' })
    await pane.getByRole('heading', { name: 'Estrel claimed to be Aurelia' }).waitFor()
    await pane.getByText(rule).first().waitFor()
    await pane.getByText('This one answered 5012.').waitFor()
    assert.deepEqual(faults, [])
  })

  test('with the rule in shadow it passes and the control turns not met within 5 s; put back, it is refused again', async () => {
    await controlIs('met')
    const turned = controlEvent(stage.simward.url, control, 'not-met')
    turned.catch(() => {})
    const asked = systemClock.now()
    await turnRule(`${rule} does not act`)
    const { since } = await turned
    assert.ok(since >= asked && since - asked <= 5_000, `${since - asked} ms`)

    await page.goto(`${stage.simward.url}/demo`)
    await attackItem().getByRole('button', { name: 'Attack again', exact: true }).click()
    await attackItem().getByText('It passed').waitFor()
    await page.goto(`${stage.simward.url}/controls?open=clp14:5.6-04`)
    const pane = page.getByRole('complementary', { name: 'Requirement' })
    const passed = new RegExp(`a message passed that ${rule} would have refused: it is in mode shadow`)
    await pane.locator('.says').getByText(passed).first().waitFor()
    await pane.getByRole('link', { name: passed }).first().waitFor()

    const back = controlEvent(stage.simward.url, control, 'met')
    back.catch(() => {})
    await turnRule(/rules act, \d+ only watch|^All \d+ rules act/)
    await page.goto(`${stage.simward.url}/demo`)
    await attackItem().getByRole('button', { name: 'Attack again', exact: true }).click()
    await attackItem()
      .getByText(/Forged network, 5012/)
      .waitFor()
    await back
    assert.deepEqual(faults, [])
  })

  test('a second attack from another page of the same portal is refused while nothing changes for an honest device', async () => {
    const answer = await context.request.post(`${stage.simward.url}/api/v1/demo/attacks/cancel-location`)
    const { last } = (await answer.json()) as { last: { refused: boolean; ruleId: string } }
    assert.deepEqual([last.refused, last.ruleId], [true, 's6a-operation-from-outside'])
    const { items } = await api<{ items: unknown[] }>('sims?filter=connects%3Ano')
    assert.deepEqual(items, [])
  })

  test('everything that this server says by key has words in the portal', async () => {
    const known = portalKeys()
    // The overview's first line is put together from its figures in the portal itself.
    const { verdict, ...overview } = await api<{ verdict: { line: unknown } }>('overview')
    const paths = ['controls', `controls/${control}`, 'alarms?state=all', 'demo/attacks', 'demo/story']
    const answers = await Promise.all(paths.map((path) => api<unknown>(path)))
    const keys = [overview, verdict.line, ...answers].flatMap(messageKeys)
    assert.ok(keys.length > 300, `${keys.length} keys`)
    assert.deepEqual([...new Set(keys)].filter((key) => !known.has(key)).toSorted(), [])
  })

  async function controlIs(status: string): Promise<void> {
    await page.goto(`${stage.simward.url}/controls?open=clp14:5.6-04`)
    const pane = page.getByRole('complementary', { name: 'Requirement' })
    await pane.getByText(status, { exact: true }).first().waitFor()
  }
})

/** The next event that says that a control has come to this status; the stream is open when the promise is made. */
async function controlEvent(url: string, id: string, status: string): Promise<{ since: number }> {
  const abort = new AbortController()
  const answer = await fetch(`${url}/api/v1/events?topics=controls`, { signal: abort.signal })
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1]
        if (data === undefined) continue
        const { control: seen } = JSON.parse(data) as { control?: { id: string; status: string; since: number } }
        if (seen?.id === id && seen.status === status) return { since: seen.since }
      }
    }
  } finally {
    abort.abort()
  }
  throw new Error(`the stream ended before ${id} was ${status}`)
}
