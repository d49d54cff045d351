import { Trans, useLingui } from '@lingui/react/macro'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../api/client.ts'
import { Ago, Button } from './basics.tsx'
import { Icon } from './icon.tsx'

type Outcome<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'dataUpdatedAt' | 'isFetching'> & { refetch: () => unknown }

/** What failed, as a person may say it to another. */
export function useFailure(): (error: unknown) => string {
  const { t } = useLingui()
  return (error) => {
    if (!(error instanceof ApiError)) return t`the server could not be reached`
    return error.detail === '' ? `HTTP ${error.status}` : error.detail
  }
}

/**
 * Shows data whenever there is any: old data stays with its age while a retry is offered, and nothing spins over it.
 * Without data it says what is being fetched, or what failed.
 */
export function Loaded<T>({ query, what, children }: { query: Outcome<T>; what: string; children: (data: T) => ReactNode }) {
  const failure = useFailure()
  const { data, error } = query
  if (data !== undefined) {
    return (
      <>
        {error !== null && (
          <div className="banner" role="status">
            <Icon name="att" tone="att" />
            <span>
              <Trans>
                Not live: {what} as of <Ago at={query.dataUpdatedAt} />. {failure(error)}.
              </Trans>
            </span>
            <Button small busy={query.isFetching} onClick={() => void query.refetch()}>
              <Trans>Try again</Trans>
            </Button>
          </div>
        )}
        {children(data)}
      </>
    )
  }
  if (error === null) {
    return (
      <p className="waiting" role="status">
        <Trans>Fetching {what}…</Trans>
      </p>
    )
  }
  return (
    <Blank state="failed" title={<Trans>No answer for {what}</Trans>} text={failure(error)}>
      <Button primary busy={query.isFetching} onClick={() => void query.refetch()}>
        <Trans>Try again</Trans>
      </Button>
    </Blank>
  )
}

/** An empty or failed place: what would be here, why it is not, and the one step that brings it. */
export function Blank({
  state = 'empty',
  title,
  text,
  children,
}: {
  state?: 'empty' | 'failed'
  title: ReactNode
  text?: ReactNode
  children?: ReactNode
}) {
  return (
    <div className="blank" role={state === 'failed' ? 'alert' : undefined}>
      <Icon name={state === 'failed' ? 'att' : 'no'} size={24} tone={state === 'failed' ? 'att' : 'dim3'} />
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {children !== undefined && <div className="btns">{children}</div>}
    </div>
  )
}
