import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Say } from './catalogue.ts'

const executablePath = '/usr/bin/chromium'

/** The reason for which a test is skipped; false where the browser is there. */
export const withoutChromium: string | false = existsSync(executablePath) ? false : 'chromium is not installed (test/setup)'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: flags })
}

/** What a page did wrong: thrown errors, refusals by the security policy. Answers that say no are told on the console too. */
export function watchFaults(page: Page): string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource: the server responded with a status of/.test(message.text())) {
      faults.push(message.text())
    }
  })
  return faults
}

/** A page of its own with an authenticator that has a fingerprint and stores passkeys, as a laptop does. */
export async function openWithAuthenticator(
  browser: Browser,
  locale = 'en',
): Promise<{
  context: BrowserContext
  page: Page
  forgetPasskeys(): Promise<void>
  /** A second one, as a security key that is plugged in. */
  addAuthenticator(): Promise<void>
  close(): Promise<void>
}> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('WebAuthn.enable')
  const first = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const ids = [first.authenticatorId]
  return {
    context,
    page,
    async forgetPasskeys() {
      for (const authenticatorId of ids) await session.send('WebAuthn.clearCredentials', { authenticatorId })
    },
    async addAuthenticator() {
      const next = await session.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'usb',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      })
      ids.push(next.authenticatorId)
    },
    close: () => context.close(),
  }
}

/** A person who has none adds a passkey, on the page of their own security. */
export async function addPasskey(page: Page, url: string, say: Say): Promise<void> {
  await page.goto(`${url}/security`)
  await page.getByRole('button', { name: say('Add a passkey…') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: say('Name of the passkey') }).fill('Laptop')
  await dialog.getByRole('button', { name: say('Add the passkey') }).click()
  await page.getByRole('heading', { name: 'Laptop' }).waitFor()
}
