/** What we need of a key event and of where it happened; fakes in tests. */
export interface Key {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  /** Composing a character with an input method: the keys are its own. */
  isComposing: boolean
  repeat: boolean
  /** The element takes text itself, or a dialog is open over the page. */
  taken: boolean
}

export type Stroke =
  | { kind: 'palette' }
  | { kind: 'help' }
  | { kind: 'filter' }
  /** `g` and a letter. */
  | { kind: 'go'; letter: string }
  /** One that the page may know. */
  | { kind: 'page'; key: string }

/** Between `g` and its letter. */
const chordMs = 1_500

/**
 * Keys as what they mean; null where they mean nothing here. Ctrl K works everywhere. Single keys are for a page that nobody
 * types into, and can be switched off: a voice or a slip must not press them (WCAG 2.1.4).
 */
export function createKeyboard(options: { now: () => number; single: () => boolean }): (key: Key) => Stroke | null {
  let leadAt: number | null = null
  return (event) => {
    const isLed = leadAt !== null && options.now() - leadAt < chordMs
    leadAt = null
    if (event.isComposing) return null
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') return { kind: 'palette' }
    if (event.taken || event.ctrlKey || event.metaKey || event.altKey || !options.single()) return null
    // A key that is held goes on moving, and does nothing else.
    if (event.repeat) return { kind: 'page', key: event.key }
    if (isLed) return { kind: 'go', letter: event.key.toLowerCase() }
    if (event.key === '?') return { kind: 'help' }
    if (event.key === '/') return { kind: 'filter' }
    if (event.key !== 'g') return { kind: 'page', key: event.key }
    leadAt = options.now()
    return null
  }
}

/** Enter on a link or button is its own. */
export function isPressed(key: string, target: EventTarget | null): boolean {
  const element = target as { closest?: (selector: string) => unknown } | null
  return (key === 'Enter' || key === ' ') && (element?.closest?.('a, button, summary') ?? null) !== null
}

/** Where a key belongs to what has the focus, or to what lies over the page. */
export function isTaken(target: EventTarget | null, page: Pick<Document, 'querySelector'>): boolean {
  const element = target as { closest?: (selector: string) => unknown } | null
  const isEditing = element?.closest?.('input, textarea, select, [contenteditable="true"], [role="textbox"], [role="menu"]') ?? null
  return isEditing !== null || page.querySelector('[role="dialog"], [role="alertdialog"]') !== null
}

export const singleKeysKey = 'simward-single-keys'

/** On unless somebody switched them off in this browser. */
export function hasSingleKeys(storage: Pick<Storage, 'getItem'>): boolean {
  try {
    return storage.getItem(singleKeysKey) !== 'off'
  } catch {
    return true
  }
}
