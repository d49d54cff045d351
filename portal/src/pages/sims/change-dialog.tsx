import { Trans, useLingui } from '@lingui/react/macro'
import { Modal, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { SimChangeAnswer, SimChangePreview, SimDetail } from '../../api/types.ts'
import { Button } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useFailure } from '../../parts/loaded.tsx'
import { problemText } from '../../words/problems.ts'
import { said } from '../../words/server.ts'
import { askServer, type SimAsk } from './ask.ts'

/** What somebody is about to do, in words. */
export interface Intent {
  ask: SimAsk
  title: string
  /** On the button that does it. */
  action: string
  danger?: boolean
  /** The device is typed in the dialog. */
  needsImei?: boolean
}

/**
 * Before one SIM is changed: what the server says will happen, to whom, whether it sticks and who must agree; and why. It
 * stays open with what was typed when the server refuses.
 */
export function ChangeDialog({
  sim,
  intent,
  onDone,
  onClose,
}: {
  sim: SimDetail
  intent: Intent
  onDone: (answer: SimChangeAnswer) => void
  onClose: () => void
}) {
  const { t } = useLingui()
  const failure = useFailure()
  const [reason, setReason] = useState('')
  const [imei, setImei] = useState(sim.imei ?? '')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const imeiFits = !intent.needsImei || /^\d{14}$/.test(imei)
  const ask: SimAsk = intent.needsImei ? { kind: 'imei-lock', imei } : intent.ask
  const preview = usePreview(sim.id, ask, imeiFits)
  const obstacle = !imeiFits
    ? t`An IMEI is given by its first 14 digits`
    : preview.data?.outcome === 'refused' || preview.data?.outcome === 'unchanged'
      ? t`This changes nothing now`
      : reason.trim().length < 3
        ? t`Write the reason first`
        : null
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (obstacle !== null || busy) return
    setBusy(true)
    setError(null)
    try {
      onDone(await askServer(sim.id, ask, { reason: reason.trim(), dryRun: false }))
      onClose()
    } catch (problem) {
      setError(failure(problem))
      setBusy(false)
    }
  }
  const needsOthers = preview.data?.outcome === 'needs-approval'
  return (
    <Modal opened onClose={onClose} title={intent.title} closeButtonProps={{ 'aria-label': t`Close` }} classNames={{ content: 'pop' }}>
      <form className="ask" onSubmit={(event) => void submit(event)}>
        {intent.needsImei && (
          <TextInput
            label={t`IMEI of the device`}
            description={t`14 digits; the check digit is left out`}
            value={imei}
            inputMode="numeric"
            maxLength={14}
            onChange={(event) => setImei(event.currentTarget.value.replaceAll(/\D/g, ''))}
          />
        )}
        <div className="ask-text">
          {preview.isError ? <p className="ref">{failure(preview.error)}</p> : <Effects preview={preview.data} ask={ask} />}
        </div>
        <Textarea
          data-autofocus
          label={t`Reason`}
          description={t`It is kept in the ledger.`}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={error}
          minRows={2}
          maxLength={500}
          autosize
        />
        <div className="btns end">
          <Button onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button primary={!intent.danger} className={intent.danger ? 'danger' : ''} type="submit" busy={busy} because={obstacle}>
            {needsOthers ? t`Ask for approval` : intent.action}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function usePreview(id: string, ask: SimAsk, isReady: boolean) {
  return useQuery({
    queryKey: ['sim-preview', id, ask],
    queryFn: async () => (await askServer(id, ask, { reason: 'preview', dryRun: true })).preview,
    // A release asks for a proof of who is there, which a preview is not worth.
    enabled: isReady && ask.kind !== 'release',
    gcTime: 0,
    retry: false,
  })
}

function Effects({ preview, ask }: { preview: SimChangePreview | undefined; ask: SimAsk }): ReactNode {
  const { i18n } = useLingui()
  if (ask.kind === 'release') return <Lines texts={[said(i18n, { key: 'sim.effect.let-in', params: {} })]} />
  if (preview === undefined) return <p className="dim">…</p>
  if (preview.outcome === 'refused')
    return <p className="ref">{problemText(i18n, { code: preview.code ?? '', detail: preview.detail ?? '', status: 409 })}</p>
  if (preview.outcome === 'unchanged')
    return (
      <p>
        <Trans>It is so already.</Trans>
      </p>
    )
  return <Lines texts={preview.effects.map((effect) => said(i18n, effect))} />
}

function Lines({ texts }: { texts: readonly string[] }) {
  return (
    <ul className="effects" aria-live="polite">
      {texts.map((text) => (
        <li key={text}>
          <Icon name="chev" tone="dim3" size={12} />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  )
}
