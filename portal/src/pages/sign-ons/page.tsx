import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { SignOn } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Answer, Button, Identifier, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { personRoleWords } from '../../words/person-roles.ts'
import { word } from '../../words/say.ts'
import { SignOnForm } from './form.tsx'
import { type Tested, TestOutcome } from './tested.tsx'

/** Identity providers by which the people of an organisation come in. */
export function SignOnsPage() {
  const { t } = useLingui()
  const query = useQuery(queries.signOns())
  const mayWrite = useMay('people:write')
  const [adding, setAdding] = useState(false)
  const because = mayWrite ? null : t`This needs the permission people:write; your role does not have it.`
  return (
    <Page title={t`Single sign-on`}>
      <Loaded query={query} what={t`the sign-ons`}>
        {({ items, redirect }) => (
          <>
            <Answer
              state={items.some(({ enabled }) => enabled) ? 'ok' : 'unknown'}
              title={
                items.some(({ enabled, own }) => enabled && own) ? (
                  <Trans>Your people can sign in at your own provider</Trans>
                ) : (
                  <Trans>Your people sign in with what they set up here</Trans>
                )
              }
              text={
                <Trans>
                  Whoever leaves your organisation there, cannot come in here any more. Passkeys that were set up here stay until removed.
                </Trans>
              }
            >
              <div className="btns">
                <Button primary because={because} onClick={() => setAdding(true)}>
                  <Trans>Add a provider…</Trans>
                </Button>
              </div>
            </Answer>
            <div className="grid one">
              <Panel title={<Trans>Identity providers</Trans>} meta={<Trans>OpenID Connect, Mobile Connect</Trans>}>
                {items.length === 0 ? (
                  <Blank
                    title={<Trans>None yet</Trans>}
                    text={t`Register Simward at your provider with the address below, then add the provider here.`}
                  />
                ) : (
                  <ul className="own">
                    {items.map((signOn) => (
                      <SignOnItem key={signOn.id} signOn={signOn} because={because} />
                    ))}
                  </ul>
                )}
                <dl className="facts wide-facts">
                  <dt>
                    <Trans>Redirect URI</Trans>
                  </dt>
                  <dd>
                    <Identifier value={redirect} />
                  </dd>
                </dl>
              </Panel>
            </div>
          </>
        )}
      </Loaded>
      {adding && <SignOnForm signOn={null} onClose={() => setAdding(false)} />}
    </Page>
  )
}

function SignOnItem({ signOn, because }: { signOn: SignOn; because: string | null }) {
  const { t, i18n } = useLingui()
  const client = useQueryClient()
  const [asking, setAsking] = useState<'change' | 'remove' | null>(null)
  const [tested, setTested] = useState<Tested | null>(null)
  const [busy, setBusy] = useState(false)
  const at = { params: { path: { id: signOn.id } } }
  const notMine = signOn.own ? because : t`It is another organisation’s: you may remove it, not change it.`
  const role = word(i18n, personRoleWords, signOn.defaultRole)
  const domains = new Intl.ListFormat(i18n.locale).format(signOn.domains)
  const test = async (): Promise<void> => {
    setBusy(true)
    const { data, error } = await api.POST('/api/v1/sign-ons/{id}/test', at)
    setTested(data ?? { ok: false, problem: String((error as { detail?: unknown } | undefined)?.detail ?? ''), checks: [] })
    setBusy(false)
  }
  const remove = async (reason: string): Promise<void> => {
    answerOf(await api.DELETE('/api/v1/sign-ons/{id}', { ...at, body: { reason } }))
    await client.invalidateQueries({ queryKey: ['sign-ons'] })
  }
  return (
    <li>
      <Icon name={signOn.enabled ? 'ok' : 'no'} tone={signOn.enabled ? 'ok' : 'dim3'} />
      <div>
        <h3>
          {signOn.name}
          {signOn.organisation !== null && <span className="dim">, {signOn.organisation}</span>}
        </h3>
        <p>
          <span className="mono">{signOn.issuer}</span>
        </p>
        <p>
          {domains}, {signOn.autoCreate ? <Trans>new people come in as {role}</Trans> : <Trans>only people who were invited</Trans>}
          {!signOn.enabled && (
            <>
              , <Trans>switched off</Trans>
            </>
          )}
        </p>
        {signOn.publicJwk !== null && (
          <p>
            <Trans>Public key for the provider:</Trans> <Identifier value={JSON.stringify(signOn.publicJwk)} shown="ES256" />
          </p>
        )}
        {tested !== null && <TestOutcome tested={tested} />}
      </div>
      <div className="btns">
        <Button small busy={busy} because={because} onClick={() => void test()}>
          <Trans>Test</Trans>
        </Button>
        <Button small because={notMine} onClick={() => setAsking('change')}>
          <Trans>Change…</Trans>
        </Button>
        <Button small because={because} onClick={() => setAsking('remove')}>
          <Trans>Remove…</Trans>
        </Button>
      </div>
      {asking === 'change' && <SignOnForm signOn={signOn} onClose={() => setAsking(null)} />}
      {asking === 'remove' && (
        <AskReason
          title={t`Remove ${signOn.name}?`}
          action={t`Remove the sign-on`}
          text={
            <p>
              <Trans>
                Nobody of {domains} signs in that way any more. Whoever has no passkey or password here needs a link to set one up.
              </Trans>
            </p>
          }
          onDone={remove}
          onClose={() => setAsking(null)}
        />
      )}
    </li>
  )
}
