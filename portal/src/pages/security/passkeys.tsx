import { Trans, useLingui } from '@lingui/react/macro'
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { OwnSecurity } from '../../api/types.ts'
import { makePasskey } from '../../app/passkey.ts'
import { Ago, Button, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Ask } from './ask.tsx'
import { useRenew } from './renew.ts'

type Passkey = OwnSecurity['passkeys'][number]

export function PasskeysPanel({ own }: { own: OwnSecurity }) {
  const [adding, setAdding] = useState(false)
  return (
    <Panel title={<Trans>Passkeys</Trans>} meta={<Trans>on this device, a phone, or a security key</Trans>}>
      {own.passkeys.length === 0 ? (
        <p className="quiet">
          <Trans>None yet. A passkey is bound to the address of this portal: no other page can ask for it.</Trans>
        </p>
      ) : (
        <ul className="own">
          {own.passkeys.map((passkey) => (
            <PasskeyItem key={passkey.id} passkey={passkey} isLast={isLast(own)} />
          ))}
        </ul>
      )}
      <div className="panel-foot">
        <Button primary={own.passkeys.length === 0} onClick={() => setAdding(true)}>
          <Trans>Add a passkey…</Trans>
        </Button>
      </div>
      {adding && <AddPasskey onClose={() => setAdding(false)} />}
    </Panel>
  )
}

function isLast({ passkeys, passwordSince, authenticatorSince, signOns, needsPasskey }: OwnSecurity): boolean {
  const others = signOns > 0 || (!needsPasskey && passwordSince !== null && authenticatorSince !== null)
  return passkeys.length === 1 && !others
}

function PasskeyItem({ passkey, isLast: last }: { passkey: Passkey; isLast: boolean }) {
  const { t } = useLingui()
  const renew = useRenew()
  const [asking, setAsking] = useState<'rename' | 'remove' | null>(null)
  const [typed, setTyped] = useState(passkey.name ?? '')
  const name = passkey.name ?? t`Passkey`
  const at = { params: { path: { id: passkey.id } } }
  const rename = async (): Promise<void> => {
    answerOf(await api.PATCH('/api/v1/self/passkeys/{id}', { ...at, body: { name: typed.trim() } }))
    await renew()
  }
  const remove = async (): Promise<void> => {
    answerOf(await api.DELETE('/api/v1/self/passkeys/{id}', at))
    await renew()
  }
  return (
    <li>
      <Icon name="ok" tone="ok" />
      <div>
        <h3>{name}</h3>
        <p>
          {passkey.synced ? <Trans>kept on several devices by their maker</Trans> : <Trans>on one device</Trans>},{' '}
          <Trans>
            added <Ago at={passkey.createdAt} />
          </Trans>
          ,{' '}
          {passkey.usedAt === null ? (
            <Trans>not used since</Trans>
          ) : (
            <Trans>
              used <Ago at={passkey.usedAt} />
            </Trans>
          )}
        </p>
      </div>
      <div className="btns">
        <Button small onClick={() => setAsking('rename')}>
          <Trans>Rename…</Trans>
        </Button>
        <Button small because={last ? t`It is your last way in: add another one first` : null} onClick={() => setAsking('remove')}>
          <Trans>Remove…</Trans>
        </Button>
      </div>
      {asking === 'rename' && (
        <Ask title={t`Rename ${name}`} action={t`Rename`} onDone={rename} onClose={() => setAsking(null)}>
          <TextInput
            data-autofocus
            label={t`Name of the passkey`}
            value={typed}
            maxLength={64}
            onChange={(e) => setTyped(e.currentTarget.value)}
            required
          />
        </Ask>
      )}
      {asking === 'remove' && (
        <Ask title={t`Remove ${name}?`} action={t`Remove the passkey`} onDone={remove} onClose={() => setAsking(null)}>
          <p>
            <Trans>
              It lets nobody in any more, and your other sessions end. Remove it from its device too, where it would still be offered.
            </Trans>
          </p>
        </Ask>
      )}
    </li>
  )
}

function AddPasskey({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const renew = useRenew()
  const [name, setName] = useState('')
  const add = async (): Promise<void> => {
    const options = answerOf(await api.POST('/api/v1/self/passkeys/options'))
    const response = await makePasskey(options)
    answerOf(await api.POST('/api/v1/self/passkeys', { body: { name: name.trim(), response } }))
    await renew()
  }
  return (
    <Ask title={t`Add a passkey`} action={t`Add the passkey`} onDone={add} onClose={onClose}>
      <TextInput
        data-autofocus
        label={t`Name of the passkey`}
        description={t`By which you will know it again, for example the device that keeps it`}
        value={name}
        maxLength={64}
        onChange={(e) => setName(e.currentTarget.value)}
        required
      />
      <p className="dim">
        <Trans>Then your browser asks where to keep it. Your other sessions end.</Trans>
      </p>
    </Ask>
  )
}
