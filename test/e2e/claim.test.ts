import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { totp } from '#functions/sign-in/totp.ts'
import { buildPortal } from '../../portal/build.ts'
import { openBrowser, openWithAuthenticator, watchFaults, withoutChromium } from './browser.ts'
import { startInstallation } from './installation.ts'

/** A new installation gets its owner: no default password exists, and the link works once. */
describe('claiming an installation', { skip: withoutChromium }, () => {
  let browser: Browser

  before(async () => {
    await buildPortal({ log: () => {} })
    browser = await openBrowser()
  })
  after(() => browser?.close())

  test('with a passkey: claimed once, signed out, signed in again', async () => {
    await using installation = await startInstallation()
    const { url, link } = installation
    await using client = await clientOf(browser)
    const { page, faults } = client

    await page.goto(link)
    await page.getByRole('heading', { name: 'Claim this installation' }).waitFor()
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada Okafor')
    await page.getByRole('button', { name: 'Claim with a passkey' }).click()
    await page.waitForURL(`${url}/`)
    await page.getByRole('button', { name: 'Ada Okafor' }).waitFor()
    const [cookie, ...others] = await client.context.cookies()
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, others.length], [true, 'Strict', 0])

    await page.goto(link)
    await page.getByRole('heading', { name: 'This link is no longer good' }).waitFor()

    await signOut(page, url, 'Ada Okafor')
    assert.equal((await fetch(`${url}/api/v1/sims`)).status, 401)
    assert.equal(
      (await client.context.request.get(`${url}/api/v1/overview`)).status(),
      401,
      'the browser that signed out is a stranger too',
    )

    await page.goto(`${url}/controls?filter=status:met`)
    await page.waitForURL(/\/sign-in\?back=/)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.waitForURL(/\/controls\?filter=status/)
    await page.getByRole('button', { name: 'Ada Okafor' }).waitFor()

    await signOut(page, url, 'Ada Okafor')
    await client.forgetPasskeys()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('alert').waitFor()
    assert.equal(await signedInAs(page, url), null)
    assert.deepEqual(faults, [])
  })

  test('with a password and a code: a wrong code is refused, at the claim and after', async () => {
    await using installation = await startInstallation()
    const { url, link } = installation
    await using client = await clientOf(browser)
    const { page, faults } = client

    await page.goto(link)
    await page.getByRole('textbox', { name: 'Your name' }).fill('Grace Sato')
    await page.getByRole('button', { name: /password and an authenticator app instead/ }).click()
    await page.getByLabel('Password').first().fill('meadow lantern seven otters')
    await page.getByRole('button', { name: 'Go on' }).click()
    const otpauth = (await page.getByRole('link', { name: /^otpauth:/ }).getAttribute('href')) ?? ''
    const secret = fromBase32(new URL(otpauth).searchParams.get('secret') ?? '')
    await page.getByRole('textbox', { name: 'Six digits' }).fill(wrongCode(secret))
    await page.getByRole('button', { name: 'Claim', exact: true }).click()
    await page.getByRole('alert').getByText('this code is not right').waitFor()
    assert.equal(await signedInAs(page, url), null)
    await page.getByRole('textbox', { name: 'Six digits' }).fill(totp(secret, Date.now()))
    await page.getByRole('button', { name: 'Claim', exact: true }).click()
    await page.getByRole('button', { name: 'Grace Sato' }).waitFor()

    await signOut(page, url, 'Grace Sato')
    await page.getByRole('button', { name: /password and an authenticator app instead/ }).click()
    const signIn = async (password: string, code: string): Promise<void> => {
      await page.getByRole('textbox', { name: 'Name' }).fill('Grace Sato')
      await page.getByLabel('Password').first().fill(password)
      await page.getByRole('textbox', { name: 'Six digits' }).fill(code)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    }
    // A code works once: the one of the claim is spent, its neighbour is good already (RFC 6238 §5.2).
    const next = (): string => totp(secret, Date.now() + 30_000)
    await signIn('meadow lantern seven otters', wrongCode(secret))
    await page.getByRole('alert').getByText('name, password, code or passkey is not right').waitFor()
    await signIn('meadow lantern eight otters', next())
    await page.getByRole('alert').waitFor()
    assert.equal(await signedInAs(page, url), null)
    await signIn('meadow lantern seven otters', next())
    // The owner may do everything: from the second time on it takes what no false page can pass on.
    await page.getByRole('heading', { name: 'Add a passkey' }).waitFor()
    await page.getByRole('textbox', { name: 'Name of the passkey' }).fill('Laptop')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('button', { name: 'Grace Sato' }).waitFor()
    assert.deepEqual(faults, [])
  })

  test('a page of another site gets nothing, with the owner signed in', async () => {
    await using installation = await startInstallation()
    const { url, link } = installation
    await using client = await clientOf(browser)
    const { page } = client
    await page.goto(link)
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada Okafor')
    await page.getByRole('button', { name: 'Claim with a passkey' }).click()
    await page.getByRole('button', { name: 'Ada Okafor' }).waitFor()

    // The address of loopback is another site than its name.
    const other = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<title>Elsewhere</title>'))
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    try {
      await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`)
      const tries = [
        `fetch(${JSON.stringify(`${url}/api/v1/session`)}, { credentials: 'include', mode: 'no-cors' })`,
        `fetch(${JSON.stringify(`${url}/api/v1/sign-out`)}, { method: 'POST', credentials: 'include', mode: 'no-cors' })`,
        `fetch(${JSON.stringify(`${url}/api/v1/rules/s6a-auts`)}, { method: 'PATCH', credentials: 'include' })`,
      ]
      const statuses: number[] = []
      page.on('response', (response) => response.url().startsWith(url) && statuses.push(response.status()))
      for (const attempt of tries) await page.evaluate(`${attempt}.then(() => {}, () => {})`)
      // The third is stopped by the browser itself, which asks first and is told nothing (CORS).
      assert.deepEqual(statuses.slice(0, 2), [403, 403])
      assert.ok(
        statuses.slice(2).every((status) => status >= 400),
        String(statuses),
      )
      await page.goto(`${url}/`)
      assert.equal(await signedInAs(page, url), 'Ada Okafor', 'the other site did not sign the owner out')
    } finally {
      other.close()
    }
  })
})

type Client = Awaited<ReturnType<typeof openWithAuthenticator>> & AsyncDisposable & { faults: string[] }

async function clientOf(browser: Browser): Promise<Client> {
  const client = await openWithAuthenticator(browser)
  return { ...client, faults: watchFaults(client.page), [Symbol.asyncDispose]: () => client.close() }
}

async function signOut(page: Page, url: string, name: string): Promise<void> {
  if (!page.url().startsWith(url) || page.url().includes('/claim')) await page.goto(`${url}/`)
  await page.getByRole('button', { name }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
}

/** Who the server takes this browser for; null for nobody. */
async function signedInAs(page: Page, url: string): Promise<string | null> {
  const answer = await page.context().request.get(`${url}/api/v1/session`)
  return ((await answer.json()) as { person: { name: string } | null }).person?.name ?? null
}

/** Six digits that are none of those that would be taken now. */
function wrongCode(secret: Buffer): string {
  const good = [-60_000, -30_000, 0, 30_000, 60_000].map((ms) => totp(secret, Date.now() + ms))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !good.includes(code)) ?? ''
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)))
}
