/** A sentence that the portal writes in the reader's language: a key of its catalogues, and what goes in. */
export interface Message {
  key: string
  params: Record<string, string | number | null>
}

export function say(key: string, params: Message['params'] = {}): Message {
  return { key, params }
}
