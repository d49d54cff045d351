import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, Modal, NativeSelect } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Acknowledgement } from '../../api/types.ts'
import { useMay, useSession } from '../../app/session.tsx'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Ago, Button, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded, useFailure } from '../../parts/loaded.tsx'
import { acknowledgementWords, permissionWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'

export type Bearer = Acknowledgement['bearer']

/** Who signed that SMS or USSD is weak, and which profiles stand on it. */
export function AcknowledgementPanel() {
  const { t, i18n } = useLingui()
  const query = useQuery(queries.acknowledgements())
  const profiles = useQuery(queries.profiles()).data?.items ?? []
  const client = useQueryClient()
  const may = useMay('profiles:write')
  const lock = may ? null : t`Changing profiles needs the permission profiles:write; your role does not have it.`
  const [signing, setSigning] = useState<Bearer | null>(null)
  const [withdrawing, setWithdrawing] = useState<Acknowledgement | null>(null)
  const nameOf = (id: string): string => profiles.find(({ provider }) => provider.id === id)?.provider.name ?? ''
  const withdraw = async (reason: string): Promise<void> => {
    if (withdrawing === null) return
    answerOf(await api.POST('/api/v1/acknowledgements/{id}/withdraw', { params: { path: { id: withdrawing.id } }, body: { reason } }))
    await client.invalidateQueries()
  }
  return (
    <Panel title={<Trans>Acknowledged weakness of SMS and USSD</Trans>}>
      <Loaded query={query} what={t`the acknowledgements`}>
        {({ items }) => (
          <>
            <p className="quiet">
              <Trans>A profile carries SMS or USSD only while a person of its provider stands for it: both are weak by design.</Trans>
            </p>
            <ul className="costs">
              {items
                .filter(({ withdrawnAt }) => withdrawnAt === null)
                .map((one) => {
                  const who = one.personName ?? t`somebody of the operator`
                  return (
                    <li key={one.id}>
                      <Icon name="ok" size={12} tone="ok" />
                      <div>
                        <b>
                          {word(i18n, permissionWords, one.bearer)} {nameOf(one.providerId)}
                        </b>
                        <p>
                          <Trans>
                            Signed by {who} <Ago at={one.signedAt} />.
                          </Trans>{' '}
                          {one.dependents.length === 0 ? (
                            <Trans>No profile stands on it now.</Trans>
                          ) : (
                            one.dependents.map(({ id, name }) => (
                              <Link key={id} className="link" to={`/profiles/${id}`}>
                                {name}{' '}
                              </Link>
                            ))
                          )}
                        </p>
                      </div>
                      <Button small because={lock} onClick={() => setWithdrawing(one)}>
                        <Trans>Withdraw…</Trans>
                      </Button>
                    </li>
                  )
                })}
            </ul>
            <div className="btns">
              <Button small because={lock} onClick={() => setSigning('sms')}>
                <Trans>Acknowledge SMS…</Trans>
              </Button>
              <Button small because={lock} onClick={() => setSigning('ussd')}>
                <Trans>Acknowledge USSD…</Trans>
              </Button>
            </div>
          </>
        )}
      </Loaded>
      {signing !== null && <AcknowledgeDialog bearer={signing} onClose={() => setSigning(null)} />}
      {withdrawing !== null && (
        <AskReason
          title={t`Withdraw the acknowledgement`}
          action={t`Withdraw`}
          text={
            withdrawing.dependents.length === 0 ? (
              <p>
                <Trans>No profile in force stands on it.</Trans>
              </p>
            ) : (
              <p>
                <Trans>
                  {withdrawing.dependents.length} profiles in force stand on it. They stay in force, their devices go on, and they are shown
                  as not acknowledged until you change them: {withdrawing.dependents.map(({ name }) => name).join(', ')}.
                </Trans>
              </p>
            )
          }
          onDone={withdraw}
          onClose={() => setWithdrawing(null)}
        />
      )}
    </Panel>
  )
}

/** The sentences, one by one, and a signature that the server asks a fresh proof for. */
export function AcknowledgeDialog({
  bearer,
  providerId,
  onClose,
  onSigned,
}: {
  bearer: Bearer
  providerId?: string | undefined
  onClose: () => void
  onSigned?: () => void
}) {
  const { t, i18n } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const text = useQuery(queries.acknowledgements()).data?.texts.find((each) => each.bearer === bearer)
  const provider = useProviderChoice(providerId)
  const [read, setRead] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const because = !read ? t`Say first that you have read it` : provider.missing ? t`Say for which provider` : null
  const name = word(i18n, permissionWords, bearer)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (because !== null || busy || text === undefined) return
    setBusy(true)
    try {
      const body = { bearer, textVersion: text.version, ...(provider.id === undefined ? {} : { providerId: provider.id }) }
      answerOf(await api.POST('/api/v1/acknowledgements', { body }))
      await client.invalidateQueries()
      onSigned?.()
      onClose()
    } catch (problem) {
      setError(failure(problem))
      setBusy(false)
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t`How weak ${name} is`}
      closeButtonProps={{ 'aria-label': t`Close` }}
      classNames={{ content: 'pop' }}
    >
      <form className="ask" onSubmit={(event) => void submit(event)}>
        <ul className="costs">
          {text?.text.map((key) => (
            <li key={key}>
              <Icon name="att" size={12} tone="att" />
              <div>
                <p>{word(i18n, acknowledgementWords, key)}</p>
              </div>
            </li>
          ))}
        </ul>
        {provider.field}
        <Checkbox
          checked={read}
          onChange={(event) => setRead(event.currentTarget.checked)}
          label={t`I have read this, and our service needs ${name} all the same`}
        />
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
        <div className="btns end">
          <Button onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button primary type="submit" busy={busy} because={because}>
            <Trans>Sign</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  )
}

/** The operator's people say for which provider; a provider's own need not. */
export function useProviderChoice(given?: string): { id: string | undefined; missing: boolean; field: React.ReactNode } {
  const { t } = useLingui()
  const isOperator = useSession()?.permissions.includes('organisations:read') === true
  const providers = useQuery({ ...queries.providerNames(), enabled: isOperator && given === undefined }).data?.items ?? []
  const [chosen, setChosen] = useState('')
  const isAsked = isOperator && given === undefined
  const id = given ?? (chosen === '' ? undefined : chosen)
  const field = isAsked ? (
    <NativeSelect
      label={t`Provider`}
      value={chosen}
      onChange={(event) => setChosen(event.currentTarget.value)}
      data={[{ value: '', label: t`Choose…` }, ...providers.map((one) => ({ value: one.id, label: one.name }))]}
    />
  ) : null
  return { id: isOperator ? id : undefined, missing: isAsked && chosen === '', field }
}
