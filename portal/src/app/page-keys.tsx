import { createContext, type RefObject, useContext, useEffect } from 'react'

/** A key of the page that is shown, as the help lists it. */
export interface PageKey {
  key: string
  label: string
  run: () => void
}

/** The keys of the page that is shown; the frame presses them, so that one switch turns all single keys off. */
export const PageKeysContext = createContext<RefObject<readonly PageKey[]>>({ current: [] })

/** Keys of this page, while it is shown. `keys` must keep its identity (useMemo) while it says the same. */
export function usePageKeys(keys: readonly PageKey[]): void {
  const place = useContext(PageKeysContext)
  useEffect(() => {
    place.current = keys
    return () => {
      if (place.current === keys) place.current = []
    }
  }, [place, keys])
}
