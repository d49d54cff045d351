import { Trans } from '@lingui/react/macro'

/** What the change will do, field by field, before it is done. */
export function ChangeList({ changes }: { changes: readonly { field: string; from: string; to: string }[] }) {
  return (
    <>
      <p>
        <Trans>It takes effect at once, for every message from then on:</Trans>
      </p>
      <dl className="changes">
        {changes.map(({ field, from, to }) => (
          <div key={field}>
            <dt className="mono">{field}</dt>
            <dd>
              <del className="mono dim3">{from}</del> <span className="mono">{to}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}
