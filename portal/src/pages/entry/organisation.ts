import { answerOf, api } from '../../api/client.ts'

/** Kept by the tab that begins, until the identity provider sends it back: another browser cannot end what this one began. */
const bindingKey = 'simward-sign-on'

interface Kept {
  binding: string
  back: string
}

/** Sends the browser to the organisation's provider; false where a telephone number is needed first. */
export async function goToOrganisation(organisation: string, back: string, more: { msisdn?: string; fresh?: boolean }): Promise<boolean> {
  const body = { organisation, origin: location.origin, ...more }
  const begun = answerOf(await api.POST('/api/v1/sign-in/sso', { body }))
  if ('needs' in begun) return false
  sessionStorage.setItem(bindingKey, JSON.stringify({ binding: begun.binding, back } satisfies Kept))
  location.assign(begun.url)
  return true
}

/** What this tab kept; once. */
export function takeKept(): Kept {
  const text = sessionStorage.getItem(bindingKey)
  sessionStorage.removeItem(bindingKey)
  return text === null ? { binding: '', back: '/' } : (JSON.parse(text) as Kept)
}

/** Only a place of this portal: an address elsewhere would make the sign-in page a springboard. */
export function safePlace(asked: string | null): string {
  return asked?.startsWith('/') === true && !asked.startsWith('//') && !asked.includes('\\') ? asked : '/'
}
