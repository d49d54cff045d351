/** A place that was chosen in the palette. */
export interface Recent {
  id: string
  to: string
  icon: string
  text: string
  beside: string
  mono: boolean
}

const key = 'simward-recent'
const most = 6

/**
 * For this tab alone, and gone with it: what somebody looked up is nobody else's business. `storage` is the tab's own.
 */
export function readRecent(storage: Pick<Storage, 'getItem'>): Recent[] {
  try {
    const found: unknown = JSON.parse(storage.getItem(key) ?? '[]')
    return Array.isArray(found) ? found.filter(isRecent).slice(0, most) : []
  } catch {
    return []
  }
}

export function remember(storage: Pick<Storage, 'getItem' | 'setItem'>, chosen: Recent): void {
  const rest = readRecent(storage).filter(({ id }) => id !== chosen.id)
  try {
    storage.setItem(key, JSON.stringify([chosen, ...rest].slice(0, most)))
  } catch {
    // Not kept then.
  }
}

export function forgetRecent(storage: Pick<Storage, 'removeItem'>): void {
  try {
    storage.removeItem(key)
  } catch {
    // There is nothing to forget then.
  }
}

function isRecent(value: unknown): value is Recent {
  if (typeof value !== 'object' || value === null) return false
  const { id, to, icon, text, beside, mono } = value as Record<string, unknown>
  const texts = [id, to, icon, text, beside].every((one) => typeof one === 'string' && one.length < 200)
  // Only addresses of our own.
  return texts && typeof mono === 'boolean' && String(to).startsWith('/') && !String(to).startsWith('//')
}
