import { Trans, useLingui } from '@lingui/react/macro'
import { type DragEvent, useRef, useState } from 'react'
import { bytesText } from '../../logic/format.ts'
import { Button } from '../../parts/basics.tsx'

const templates = { change: 'sims.csv', csv: 'changes.csv', import: 'import.csv' } as const

/** A place to drop a CSV file, which a keyboard reaches as a button. */
export function FileDrop({ kind, file, onFile }: { kind: keyof typeof templates; file: File | null; onFile: (file: File | null) => void }) {
  const { t, i18n } = useLingui()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    onFile(event.dataTransfer.files[0] ?? null)
  }
  return (
    <section
      className={`drop${over ? ' over' : ''}`}
      aria-label={t`File`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p>
        {file === null ? (
          <Trans>Drop a CSV file here: UTF-8, its first line names the columns, up to a million rows.</Trans>
        ) : (
          <>
            <b>{file.name}</b>, {bytesText(file.size, i18n.locale)}
          </>
        )}
      </p>
      {kind === 'import' && (
        <p>
          <Trans>Keys are sealed while the file is read; neither pages nor files show them again.</Trans>
        </p>
      )}
      <input
        ref={input}
        type="file"
        accept=".csv,text/csv"
        className="hidden-text"
        aria-label={t`CSV file`}
        tabIndex={-1}
        onChange={(event) => onFile(event.currentTarget.files?.[0] ?? null)}
      />
      <div className="btns">
        <Button onClick={() => input.current?.click()}>
          {file === null ? <Trans>Choose a file</Trans> : <Trans>Choose another file</Trans>}
        </Button>
        <a className="btn" href={`/api/v1/jobs/templates/${templates[kind]}`} download={templates[kind]}>
          <Trans>Template</Trans>
        </a>
      </div>
    </section>
  )
}
