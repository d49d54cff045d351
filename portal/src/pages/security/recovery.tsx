import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { OwnSecurity } from '../../api/types.ts'
import { Ago, Button, Panel } from '../../parts/basics.tsx'
import { RecoveryCodes } from '../../parts/recovery-codes.tsx'
import { Ask } from './ask.tsx'
import { useRenew } from './renew.ts'

export function RecoveryPanel({ own }: { own: OwnSecurity }) {
  const { t } = useLingui()
  const renew = useRenew()
  const [asking, setAsking] = useState(false)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const kept = own.recoveryCodes
  const left = kept?.left ?? 0
  const make = async (): Promise<void> => setCodes(answerOf(await api.POST('/api/v1/self/recovery-codes')).codes)
  const done = (): void => {
    setCodes(null)
    void renew()
  }
  return (
    <Panel title={<Trans>Recovery codes</Trans>} meta={<Trans>each works once</Trans>}>
      <p className="quiet">
        {kept === null ? (
          <Trans>None. They let you in when the device that holds your passkey is lost.</Trans>
        ) : (
          <>
            {plural(left, { one: '# code is left', other: '# codes are left' })},{' '}
            <Trans>
              made <Ago at={kept.madeAt} />
            </Trans>
          </>
        )}
      </p>
      <div className="panel-foot">
        <Button onClick={() => setAsking(true)}>{kept === null ? <Trans>Make codes…</Trans> : <Trans>Make new codes…</Trans>}</Button>
      </div>
      {asking && (
        <Ask title={t`Make recovery codes`} action={t`Make and show them`} onDone={make} onClose={() => setAsking(false)}>
          <p>
            <Trans>They are shown once. Codes made before stop working, and your other sessions end.</Trans>
          </p>
        </Ask>
      )}
      {codes !== null && (
        <Modal
          opened
          size="lg"
          onClose={done}
          closeOnClickOutside={false}
          title={t`Keep your recovery codes`}
          closeButtonProps={{ 'aria-label': t`Close` }}
          classNames={{ content: 'pop' }}
        >
          <div className="ask">
            <RecoveryCodes codes={codes} onKept={done} />
          </div>
        </Modal>
      )}
    </Panel>
  )
}
