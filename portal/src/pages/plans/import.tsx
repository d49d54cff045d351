import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { answerOf } from '../../api/client.ts'
import type { UsageImport } from '../../api/types.ts'
import { bytesText, count } from '../../logic/format.ts'
import { Button } from '../../parts/basics.tsx'
import { useFailure } from '../../parts/loaded.tsx'
import { importFaultWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'

const columns = 'imsi,from,to,bytes_up,bytes_down,reference'
const shownFaults = 12

/** The file goes as it is: first only looked at, then counted. */
async function send(file: File, dryRun: boolean): Promise<UsageImport> {
  const response = await fetch(`/api/v1/usage/import?dryRun=${dryRun}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'text/csv' },
    body: file,
  })
  const body: unknown = await response.json().catch(() => null)
  return answerOf<UsageImport>(response.ok ? { data: body as UsageImport, response } : { error: body, response })
}

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const [report, setReport] = useState<UsageImport | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const run = async (chosen: File, dryRun: boolean): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      setReport(await send(chosen, dryRun))
      if (!dryRun) await client.invalidateQueries({ queryKey: ['plans'] })
    } catch (problem) {
      setReport(null)
      setError(failure(problem))
    }
    setBusy(false)
  }
  const choose = (chosen: File | null): void => {
    setFile(chosen)
    setReport(null)
    if (chosen !== null) void run(chosen, true)
  }
  const rows = count(report?.recorded ?? 0, i18n.locale)
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t`Import usage records`}
      closeButtonProps={{ 'aria-label': t`Close` }}
      classNames={{ content: 'pop' }}
    >
      <div className="ask">
        <p className="dim">
          <Trans>
            CSV in UTF-8. Its first line names the columns <span className="mono">{columns}</span>; times as 2026-01-31T10:00:00Z. Each
            reference counts once, so that a file can be sent again.
          </Trans>
        </p>
        <input
          ref={input}
          type="file"
          accept=".csv,text/csv"
          className="hidden-text"
          aria-label={t`CSV file`}
          tabIndex={-1}
          onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)}
        />
        <div className="btns">
          <Button onClick={() => input.current?.click()} busy={busy}>
            {file === null ? <Trans>Choose a file</Trans> : <Trans>Choose another file</Trans>}
          </Button>
          {file !== null && (
            <span className="dim">
              {file.name}, {bytesText(file.size, i18n.locale)}
            </span>
          )}
        </div>
        {error !== null && (
          <p className="ref" role="alert">
            {error}
          </p>
        )}
        {report !== null && <Report report={report} />}
        <div className="btns end">
          <Button onClick={onClose}>
            <Trans>Close</Trans>
          </Button>
          <Button
            primary
            busy={busy}
            because={
              file === null || report === null
                ? t`Choose a file first`
                : !report.dryRun
                  ? t`It is counted`
                  : report.recorded === 0
                    ? t`There is no new record in it`
                    : null
            }
            onClick={() => file !== null && void run(file, false)}
          >
            <Trans>Count {rows} records</Trans>
          </Button>
        </div>
      </div>
    </Modal>
  )
}

function Report({ report }: { report: UsageImport }) {
  const { i18n } = useLingui()
  const { locale } = i18n
  const [recorded, bytes] = [count(report.recorded, locale), bytesText(report.bytes, locale)]
  return (
    <section role="status" className="ask-text">
      <p>
        {report.dryRun ? (
          <Trans>
            {recorded} records would count, {bytes}.
          </Trans>
        ) : (
          <Trans>
            {recorded} records counted, {bytes}.
          </Trans>
        )}{' '}
        <Trans>
          {count(report.duplicates, locale)} counted before, {count(report.unknown, locale)} about no SIM of yours,{' '}
          {count(report.wrong, locale)} wrong.
        </Trans>
      </p>
      {report.faults.length > 0 && (
        <table className="tbl">
          <tbody>
            {report.faults.slice(0, shownFaults).map((fault) => (
              <tr key={`${fault.line} ${fault.code}`}>
                <td className="w88">
                  <Trans>line {fault.line}</Trans>
                </td>
                <td className="mono dim w100">{fault.column}</td>
                <td>{word(i18n, importFaultWords, fault.code)}</td>
                <td className="mono dim">{fault.value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
