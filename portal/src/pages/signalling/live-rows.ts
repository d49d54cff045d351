import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useRef, useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { SignalRow } from '../../api/types.ts'
import { useTopic } from '../../app/now.tsx'
import { parseFilter } from '../../logic/filter.ts'
import { matchesLive } from './live-match.ts'

/** The newest rows that are kept in the page; older ones come again by key. */
const keptRows = 2000
const freshMs = 900

/** Stored rows and live ones as one list, newest first. While it is held (a row is open), new ones wait and are counted. */
export function useLiveRows(filter: string, held: boolean) {
  const query = useInfiniteQuery(queries.signals(filter))
  const client = useQueryClient()
  const [live, setLive] = useState<{ filter: string; rows: SignalRow[] }>({ filter, rows: [] })
  const [waiting, setWaiting] = useState<{ filter: string; rows: SignalRow[]; more: number }>({ filter, rows: [], more: 0 })
  const newestAt = useRef(0)
  const terms = useMemo(() => parseFilter(filter), [filter])

  const take = useCallback(
    (rows: SignalRow[]) => {
      newestAt.current = Date.now()
      setLive((now) => ({ filter, rows: [...rows, ...(now.filter === filter ? now.rows : [])].slice(0, keptRows) }))
    },
    [filter],
  )
  const onSignals = useCallback(
    (data: unknown) => {
      const { rows = [], skipped = 0 } = (data ?? {}) as { rows?: SignalRow[]; skipped?: number }
      const results = rows.map((row) => matchesLive(row, terms, row.at))
      // What only the server can judge is read again from it, not guessed.
      if (results.some((result) => result === null) && !held) {
        void client.invalidateQueries({ queryKey: ['signals', filter] }, { cancelRefetch: false })
        return
      }
      const mine = rows.filter((_, i) => results[i] === true).reverse()
      if (held) {
        setWaiting((now) => ({
          filter,
          rows: [...mine, ...(now.filter === filter ? now.rows : [])].slice(0, keptRows),
          more: (now.filter === filter ? now.more : 0) + (terms.length === 0 ? skipped : 0),
        }))
      } else if (mine.length > 0) take(mine)
    },
    [terms, held, filter, client, take],
  )
  useTopic('signals', onSignals)

  const rows = useMemo(() => {
    const stored = query.data?.pages.flatMap((page) => page.items) ?? []
    const mine = live.filter === filter ? live.rows : []
    const known = new Set(mine.map((row) => row.id))
    return [...mine, ...stored.filter((row) => !known.has(row.id))]
  }, [query.data, live, filter])

  const waits = waiting.filter === filter ? waiting : { rows: [], more: 0 }
  const release = useCallback(() => {
    take(waits.rows)
    setWaiting({ filter, rows: [], more: 0 })
  }, [take, waits.rows, filter])
  const isNew = useCallback(
    (row: SignalRow) => live.rows[0] !== undefined && Date.now() - newestAt.current < freshMs && live.rows.slice(0, 40).includes(row),
    [live],
  )

  return { query, rows, waiting: waits.rows.length + waits.more, release, isNew, count: query.data?.pages[0]?.count }
}
