import { createContext, type ReactNode, useContext, useEffect } from 'react'

export interface Place {
  title: string
  /** Identifiers stand in monospace. */
  mono?: boolean
  parent?: { title: string; to: string }
}

/** The top bar's place; set by the page that is shown. */
export const PlaceContext = createContext<(place: Place) => void>(() => {})

/** Every page: its name in the top bar and in the window's title, then its content. */
export function Page({
  title,
  mono = false,
  parent,
  children,
}: {
  title: string
  mono?: boolean
  parent?: { title: string; to: string }
  children: ReactNode
}) {
  const setPlace = useContext(PlaceContext)
  const parentTitle = parent?.title
  const parentTo = parent?.to
  useEffect(() => {
    document.title = `${title} · Simward`
    setPlace({
      title,
      mono,
      ...(parentTitle === undefined || parentTo === undefined ? {} : { parent: { title: parentTitle, to: parentTo } }),
    })
  }, [title, mono, parentTitle, parentTo, setPlace])
  return children
}
