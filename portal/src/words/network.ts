import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const linkClassWords: Words = {
  own: msg({ message: 'our own', context: 'link class' }),
  national: msg({ message: 'national', context: 'link class' }),
  ipx: msg({ message: 'IPX', context: 'link class' }),
}

export const roleWords: Words = {
  node: msg({ message: 'node', context: 'peer role' }),
  agent: msg({ message: 'agent', context: 'peer role' }),
}

export const waiverWords: Words = {
  'host-format': msg`malformed Origin-Host accepted`,
  'realm-format': msg`malformed Origin-Realm accepted`,
  'session-id-format': msg`malformed Session-Id accepted`,
  'm-bits': msg`wrongly set M bits accepted`,
}

/** How a link stands. */
export const linkStateWords: Words = {
  closed: msg({ message: 'closed', context: 'link' }),
  connecting: msg({ message: 'connecting', context: 'link' }),
  opening: msg({ message: 'opening', context: 'link' }),
  open: msg({ message: 'open', context: 'link' }),
  suspect: msg({ message: 'suspect: no answer to the watchdog', context: 'link' }),
  closing: msg({ message: 'closing', context: 'link' }),
}
