import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { projectRoot } from '#cli/root.ts'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, watchFaults, withoutChromium } from './browser.ts'
import { causeTrouble } from './fixtures/health.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

/** Every address of the portal as its table of routes has it, so that a page that somebody adds is looked at here too. */
const addresses = [...readFileSync(`${projectRoot}portal/src/routes.tsx`, 'utf8').matchAll(/\bpath: '(\/[^']*)'/g)].map(
  (match) => match[1] ?? '',
)

interface Look {
  scheme: 'light' | 'dark'
  width: 1440 | 390
}

/** Each reader sees every page; between them every language, both themes and both widths. */
const readers = [
  {
    who: 'operator',
    role: 'operator-admin',
    language: 'zh-Hans',
    looks: [
      { scheme: 'light', width: 1440 },
      { scheme: 'dark', width: 390 },
    ],
  },
  { who: 'operator', role: 'operator-admin', language: 'en', looks: [{ scheme: 'dark', width: 1440 }] },
  {
    who: 'provider',
    role: 'provider-admin',
    language: 'ja',
    looks: [
      { scheme: 'dark', width: 1440 },
      { scheme: 'light', width: 390 },
    ],
  },
] as const satisfies readonly { who: string; role: string; language: string; looks: readonly Look[] }[]

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** Longer than one page may take on a busy machine; a page that hangs fails by name and not by the clock of the run. */
const pageMs = 20_000

describe('every page, in the browser', { skip: withoutChromium }, () => {
  let installation: Installation
  let browser: Browser
  let providerId = ''

  before(async () => {
    await buildPortal({ log: () => {} })
    installation = await startInstallation({ sims: 120, config: { jobApprovalSims: 5 } })
    const { rows } = await installation.db.query<{ id: string }>(`SELECT id FROM provider WHERE name = 'Gridmere Metering'`)
    providerId = rows[0]?.id ?? ''
    await causeTrouble(installation, providerId)
    await askForApproval(installation, providerId)
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  for (const { who, role, language, looks } of readers) {
    test(`${who}, ${language}: WCAG 2.2 AA, no fault, nothing left in English, no key of the server`, async (t) => {
      const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en' })
      context.setDefaultTimeout(pageMs)
      await signInAs(installation, { name: `${who} ${language}`, role, providerId: who === 'provider' ? providerId : null }, context)
      const page = await context.newPage()
      const faults = watchFaults(page)
      const translated = language === 'en' ? new Set<string>() : catalogueOf(language)
      const wrong: string[] = []
      const seen = new Set<string>()
      const look = async (path: string): Promise<void> => {
        faults.length = 0
        await page.setViewportSize({ width: looks[0].width, height: 900 })
        await page.goto(`${installation.url}${path}${path.includes('?') ? '&' : '?'}lang=${language}`)
        await settled(page)
        for (const one of looks) wrong.push(...(await violations(page, path, one)))
        wrong.push(...faults.map((fault) => `${path}: ${fault.split('\n')[0]}`), ...(await untranslated(page, path, translated)))
        for (const href of await hrefsOf(page)) seen.add(href)
      }
      const plain = addresses.filter((address) => !address.includes(':'))
      for (const path of plain) await look(path)
      for (const address of addresses.filter((one) => one.includes(':'))) {
        const shape = new RegExp(`^${address.replaceAll(/:[^/]+/g, '[^/?#]+')}$`)
        const path = [...seen].find((href) => shape.test(href) && !plain.includes(href))
        if (path === undefined) t.diagnostic(`no page leads to ${address} here`)
        else await look(path)
      }
      await context.close()
      assert.deepEqual(wrong, [])
    })
  }
})

/** A job that waits for a second person, so that there is one of each to look at. */
async function askForApproval(installation: Installation, providerId: string): Promise<void> {
  const { cookie } = await signInAs(installation, { name: 'Mira Lund', role: 'provider-manager', providerId })
  const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<{ id: string; state: string; setHash: string }> => {
    const answer = await fetch(`${installation.url}/api/v1/${path}`, {
      method,
      headers: { cookie, origin: installation.url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    assert.ok(answer.ok, `${path}: ${answer.status}`)
    return (await answer.json()) as { id: string; state: string; setHash: string }
  }
  const change = { kind: 'state', to: 'suspended' }
  const { id } = await call('POST', 'jobs', { kind: 'change', change, reason: 'the season is over', filter: 'intended:active' })
  let job = await call('POST', `jobs/${id}/preview`)
  while (job.state === 'previewing') job = await call('GET', `jobs/${id}`)
  assert.equal((await call('POST', `jobs/${id}/start`, { setHash: job.setHash })).state, 'waiting')
}

async function settled(page: Page): Promise<void> {
  await page.locator('h1, h2').first().waitFor({ state: 'attached' })
  const fetching = page.locator('.fetching').first()
  while ((await fetching.count()) > 0) await fetching.waitFor({ state: 'detached' })
}

async function violations(page: Page, path: string, { scheme, width }: Look): Promise<string[]> {
  await page.emulateMedia({ colorScheme: scheme })
  await page.setViewportSize({ width, height: 900 })
  const found: string[] = []
  if (width === 390) {
    const wide = (await page.evaluate('document.documentElement.scrollWidth')) as number
    if (wide > width) found.push(`${path}: ${wide} px wide on a screen of ${width}`)
  }
  const { violations: broken } = await new AxeBuilder({ page }).withTags(tags).analyze()
  return [
    ...found,
    ...broken.map(({ id, nodes }) => `${path} (${scheme}, ${width}): ${id} ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`),
  ]
}

/** Where links of the page lead, without what they ask for there. */
async function hrefsOf(page: Page): Promise<string[]> {
  return (await page.evaluate(
    `[...document.querySelectorAll('main a[href^="/"]')].map((link) => link.getAttribute('href').split(/[?#]/)[0])`,
  )) as string[]
}

/** Texts that stand in a catalogue in other words than English, yet are shown in English; and keys that have no words. */
async function untranslated(page: Page, path: string, translated: ReadonlySet<string>): Promise<string[]> {
  const texts = (await page.evaluate(
    `[...document.querySelectorAll('h1, h2, h3, th, button, label, nav a, dt')].filter((one) => one.closest('.mono') === null).map((one) => one.textContent.trim())`,
  )) as string[]
  const body = (await page.locator('body').textContent()) ?? ''
  const keys = body.match(/\b(?:alarm|control|overview|need|sim|timeline|approval|notice|job|profile|plan)\.[a-z]+[a-z.-]*(?![\w@])/g) ?? []
  const english = translated.size === 0 ? [] : texts.filter((text) => isEnglish(text, translated))
  return [...english.map((text) => `${path}: in English: ${text}`), ...keys.map((key) => `${path}: a key without words: ${key}`)]
}

function isEnglish(text: string, translated: ReadonlySet<string>): boolean {
  return translated.has(text) || /^[A-Z][a-z]+(?: [a-z]{2,}){2,}/.test(text)
}

/** English texts that this language says otherwise. */
function catalogueOf(language: string): ReadonlySet<string> {
  const blocks = readFileSync(`${projectRoot}portal/src/locales/${language}.po`, 'utf8').split('\n\n')
  const pairs = blocks.map((block) => [/^msgid "(.+)"$/m.exec(block)?.[1] ?? '', /^msgstr "(.+)"$/m.exec(block)?.[1] ?? ''] as const)
  return new Set(pairs.filter(([english, other]) => english !== '' && other !== '' && english !== other).map(([english]) => english))
}
