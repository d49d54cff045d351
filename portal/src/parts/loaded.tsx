import { Trans, useLingui } from '@lingui/react/macro'
import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import { ApiError } from '../api/client.ts'
import { useLiveState } from '../app/now.tsx'
import { passkeyFailure } from '../app/passkey.ts'
import { problemText } from '../words/problems.ts'
import { Ago, Button } from './basics.tsx'
import { Icon } from './icon.tsx'

type Outcome<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'dataUpdatedAt' | 'isFetching'> & { refetch: () => unknown }

/** What failed, as a person may say it to another. */
export function useFailure(): (error: unknown) => string {
  const { i18n, t } = useLingui()
  return (error) => {
    if (error instanceof ApiError) return problemText(i18n, error)
    return passkeyFailure(error) ? t`No passkey was given: the browser or the person declined.` : t`the server could not be reached`
  }
}

/**
 * Shows data whenever there is any: old data stays with its age while a retry is offered, and nothing spins over it.
 * Without data it says what is being fetched, or what failed.
 */
export function Loaded<T>({
  query,
  what,
  keepLast = false,
  children,
}: {
  query: Outcome<T>
  what: string
  /** Also over a change of what is asked for: the answer to another window is better than none. */
  keepLast?: boolean
  children: (data: T) => ReactNode
}) {
  const failure = useFailure()
  const last = useRef<{ data: T; at: number } | null>(null)
  useEffect(() => {
    if (query.data !== undefined && query.dataUpdatedAt > 0) last.current = { data: query.data, at: query.dataUpdatedAt }
  }, [query.data, query.dataUpdatedAt])
  const { error } = query
  const data = query.data ?? (keepLast ? last.current?.data : undefined)
  // Ages are counted on the server's clock.
  const { offsetMs } = useLiveState()
  const at = (query.dataUpdatedAt > 0 ? query.dataUpdatedAt : (last.current?.at ?? 0)) + offsetMs
  const why = failure(error)
  if (data !== undefined) {
    return (
      <>
        {error !== null && (
          <div className="banner" role="status">
            <Icon name="att" tone="att" />
            <span>
              <Trans>
                Not live: {what} as of <Ago at={at} />. {why}.
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
      <p className="fetching" role="status">
        <Trans>Fetching {what}…</Trans>
      </p>
    )
  }
  // Asking again brings nothing: it is not there, or not theirs.
  if (error instanceof ApiError && error.status === 404) return <Blank title={<Trans>Nothing here</Trans>} text={why} />
  return (
    <Blank state="failed" title={<Trans>No answer for {what}</Trans>} text={why}>
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
