import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { totp } from '#functions/sign-in/totp.ts'
import { buildPortal } from '../../portal/build.ts'
import { startIdentityProvider } from '../identity-provider.ts'
import { insertProvider } from '../subscribers.ts'
import { openBrowser, openWithAuthenticator, watchFaults, withoutChromium } from './browser.ts'
import { type Installation, signInAs, startInstallation } from './installation.ts'

/** Sign-in on the real product in a real browser: factors of one's own, fresh proofs, recovery, another organisation's provider. */
describe('signing in and keeping it safe', { skip: withoutChromium }, () => {
  let browser: Browser
  let installation: Installation
  let url: string

  before(async () => {
    await buildPortal({ log: () => {} })
    browser = await openBrowser()
    installation = await startInstallation({ config: { ssoInsideHosts: ['localhost'] } })
    url = installation.url
  })
  after(async () => {
    await browser?.close()
    await installation?.[Symbol.asyncDispose]()
  })

  /** Lets the last proof of every session be older than a sensitive action takes. */
  const ageProofs = (): Promise<unknown> => installation.db.query(`UPDATE session SET authenticated_at = now() - interval '6 minutes'`)

  async function linkOf(name: string, role: string, providerId: string | null = null): Promise<string> {
    const { personId } = await signInAs(installation, { name, role: role as 'auditor', providerId })
    const link = await installation.ports.enrolment?.link(personId, 'invite', 'an administrator')
    const { search, hash } = new URL(link?.url ?? '')
    assert.equal(search, '', 'the token stands where no browser sends it')
    return `${url}/join${hash}`
  }

  test('invited: a passkey, codes kept; a second passkey after a fresh proof; other sessions end; back by a recovery code', async () => {
    const client = await openWithAuthenticator(browser)
    const { page, context } = client
    const faults = watchFaults(page)
    await page.goto(await linkOf('Ada Okafor', 'operator-engineer'))
    await page.getByRole('heading', { name: 'Welcome, Ada Okafor' }).waitFor()
    await page.getByText('engineer of the operator').waitFor()
    await page.getByRole('button', { name: 'Set up a passkey' }).click()
    const list = page.getByRole('list', { name: 'Recovery codes' })
    await list.waitFor()
    const codes = await list.getByRole('listitem').allTextContents()
    assert.equal(codes.length, 10)
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByRole('button', { name: 'Ada Okafor' }).click()
    await page.getByRole('menuitem', { name: 'My security' }).click()
    await page.getByRole('heading', { name: 'You sign in with what no false page can pass on' }).waitFor()

    const { rows } = await installation.db.query<{ id: string }>(`SELECT id FROM person WHERE name = 'Ada Okafor'`)
    await installation.db.query(
      `INSERT INTO session (token_hash, person_id, created_at, seen_at, expires_at, factors, user_agent, address)
       VALUES ('\\x01', $1, now(), now(), now() + interval '1 hour', '{passkey}', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/605.1', '192.0.2.7')`,
      [rows[0]?.id],
    )
    await ageProofs()
    await page.reload()
    await page.getByText('Safari 18, iPhone').waitFor()
    await page.getByRole('button', { name: 'Add a passkey…' }).click()
    const adding = page.getByRole('dialog', { name: 'Add a passkey' })
    await adding.getByRole('textbox', { name: 'Name of the passkey' }).fill('Key ring')
    await adding.getByRole('button', { name: 'Add the passkey' }).click()
    const proof = page.getByRole('dialog', { name: 'Prove that it is you' })
    await proof.waitFor()
    await page.keyboard.press('Escape')
    await proof.waitFor({ state: 'detached' })
    await adding.getByRole('alert').waitFor()
    await adding.getByRole('button', { name: 'Add the passkey' }).click()
    await proof.getByRole('button', { name: 'Use a passkey' }).click()
    // Proven; but this device has a passkey already, and makes no second one.
    await adding.getByRole('alert').getByText('The passkey was not made').waitFor()
    await client.addAuthenticator()
    await adding.getByRole('button', { name: 'Add the passkey' }).click()
    await page.getByRole('heading', { name: 'Key ring' }).waitFor()
    await page.getByText('Safari 18, iPhone').waitFor({ state: 'detached' })

    // Somebody ended this session: the next step says so, and leads back here afterwards.
    await installation.db.query('DELETE FROM session WHERE person_id = $1', [rows[0]?.id])
    await page.getByRole('button', { name: 'Rename…' }).first().click()
    await page.getByRole('textbox', { name: 'Name of the passkey' }).fill('Laptop')
    await page.getByRole('button', { name: 'Rename', exact: true }).click()
    await page.waitForURL(/\/sign-in\?back=%2Fsecurity&ended=1/)
    await page.getByText('Your session is over').waitFor()

    await page.getByRole('button', { name: 'Use a recovery code instead' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Ada Okafor')
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(codes[3] ?? '')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Add a passkey' }).waitFor()
    await page.getByRole('textbox', { name: 'Name of the passkey' }).fill('New laptop')
    await client.forgetPasskeys()
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('9 codes are left').waitFor()
    assert.deepEqual(faults, [])
    await context.close()
  })

  test('a password is set up with its app, and proves again in the dialog', async () => {
    const client = await openWithAuthenticator(browser)
    const { page } = client
    const faults = watchFaults(page)
    await page.goto(await linkOf('Grace Sato', 'operator-engineer'))
    await page.getByRole('button', { name: /password and an authenticator app instead/ }).click()
    await page.getByLabel('Password').first().fill('meadow lantern seven otters')
    await page.getByRole('button', { name: 'Go on' }).click()
    const secret = await secretOn(page)
    await page.getByRole('textbox', { name: 'Six digits' }).fill(totp(secret, Date.now()))
    await page.getByRole('button', { name: 'Finish' }).click()
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.goto(`${url}/security`)
    await page.getByRole('heading', { name: 'A passkey would be safer' }).waitFor()
    await ageProofs()
    await page.getByRole('button', { name: 'Make new codes…' }).click()
    await page.getByRole('button', { name: 'Make and show them' }).click()
    const proof = page.getByRole('dialog', { name: 'Prove that it is you' })
    await proof.getByLabel('Password').first().fill('meadow lantern seven otters')
    await proof.getByRole('textbox', { name: 'Six digits' }).fill(totp(secret, Date.now() + 30_000))
    await proof.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('list', { name: 'Recovery codes' }).waitFor()
    assert.deepEqual(faults, [])
    await client.close()
  })

  test('an administrator of a customer sets up its provider, tests it, and its people come in by it', async () => {
    await using idp = await startIdentityProvider([`${url}/sign-in/sso`])
    idp.accounts.set('lea', { sub: 'lea', email: 'lea@meadow.example', name: 'Lea Brandt', amr: ['pwd', 'otp'] })
    const { providerId } = await insertProvider(installation.db, 'Meadow Metering', '999709', 1)
    const client = await openWithAuthenticator(browser)
    const { page, context } = client
    const faults = watchFaults(page)
    await signInAs(installation, { name: 'Max Vogel', role: 'provider-admin', providerId }, context)
    await page.goto(`${url}/sign-ons`)
    await page.getByRole('button', { name: 'Add a provider…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add an identity provider' })
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Meadow login')
    await dialog.getByRole('textbox', { name: 'Issuer' }).fill(idp.issuer)
    await dialog.getByRole('textbox', { name: 'Client id' }).fill(idp.clientId)
    await dialog.getByLabel('Client secret').first().fill(idp.clientSecret)
    await dialog.getByRole('textbox', { name: 'Domains of e-mail addresses' }).fill('meadow.example')
    await dialog.getByRole('checkbox', { name: /invited or not/ }).check()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('our people have accounts there')
    await dialog.getByRole('button', { name: 'Add the provider' }).click()
    await page.getByRole('heading', { name: 'Meadow login' }).waitFor()
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText('The provider answers, and fits.').waitFor()

    await context.clearCookies()
    await page.goto(`${url}/sims`)
    await page.waitForURL(/\/sign-in\?back=/)
    await page.getByRole('button', { name: 'Use your organisation’s sign-on instead' }).click()
    const address = page.getByRole('textbox', { name: /E-mail address/ })
    await address.fill('someone@elsewhere.example')
    await page.getByRole('button', { name: 'Continue at your organisation' }).click()
    await page.getByRole('alert').waitFor()
    await address.fill('lea@meadow.example')
    await page.getByRole('button', { name: 'Continue at your organisation' }).click()
    await page.getByRole('heading', { name: 'Your organisation' }).waitFor()
    await page.getByLabel('Sign in as').fill('lea')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${url}/sims`)
    await page.getByRole('button', { name: 'Lea Brandt' }).waitFor()

    // The same answer once more, as from a history or a log: nothing.
    await page.goto(`${url}/sign-in/sso?code=stolen&state=stolen`)
    await page.getByRole('heading', { name: 'Your organisation did not let you in' }).waitFor()
    assert.deepEqual(faults, [])
    await client.close()
  })
})

async function secretOn(page: Page): Promise<Buffer> {
  const otpauth = (await page.getByRole('link', { name: /^otpauth:/ }).getAttribute('href')) ?? ''
  const bits = [...(new URL(otpauth).searchParams.get('secret') ?? '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)))
}
