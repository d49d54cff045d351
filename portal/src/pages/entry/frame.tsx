import type { ReactNode } from 'react'
import { LanguageMenu } from '../../app/language-menu.tsx'
import { Brand } from '../../parts/icon.tsx'

/** Pages before anyone is known: one question in the middle, nothing else. */
export function EntryFrame({ title, text, children }: { title: ReactNode; text?: ReactNode; children: ReactNode }) {
  return (
    <main className="entry" id="main">
      <div className="entry-box">
        <div className="brand">
          <Brand />
          Simward
          <LanguageMenu />
        </div>
        <h1>{title}</h1>
        {text !== undefined && <p className="dim">{text}</p>}
        {children}
      </div>
    </main>
  )
}
