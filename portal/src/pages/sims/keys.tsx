import { useLingui } from '@lingui/react/macro'
import { useMemo } from 'react'
import { usePageKeys } from '../../app/page-keys.tsx'

export interface ListKeys {
  move(by: 1 | -1): void
  select(): void
  open(): void
}

/** j and k move, x selects, Enter opens. `/` is the filter's, `?` lists them all. */
export function useListKeys(keys: ListKeys): void {
  const { t } = useLingui()
  usePageKeys(
    useMemo(
      () => [
        { key: 'j', label: t`one row down`, run: () => keys.move(1) },
        { key: 'k', label: t`one row up`, run: () => keys.move(-1) },
        { key: 'x', label: t`select the row, or not`, run: keys.select },
        { key: 'Enter', label: t`open the row`, run: keys.open },
      ],
      [keys, t],
    ),
  )
}
