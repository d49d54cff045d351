/**
 * How processes tell each other over the database's notifications that subscriptions changed, and what serving nodes made
 * of it. A payload stays below the 8,000 octets that PostgreSQL takes.
 */

/** `*`: forget every subscriber. Else an announcement as below; a bare list of IMSIs is told and not reported. */
export const subscriberChannel = 'subscriber'
/** Progress and reports of announcements. */
export const toldChannel = 'subscriber_told'
/** An IMSI whose next attach waits for a person has tried. */
export const heldChannel = 'subscriber_held'

/** IMSIs of one announcement: its report, with a result for each, fits one payload. */
const announcedAtOnce = 256

/** As many IMSIs as one payload takes, each. */
export function announcementsOf(imsis: readonly string[]): string[][] {
  const parts: string[][] = []
  for (let i = 0; i < imsis.length; i += announcedAtOnce) parts.push(imsis.slice(i, i + announcedAtOnce))
  return parts
}

export interface Announcement {
  /** Names the report; null: nobody waits for one. */
  id: string | null
  /** Serving nodes are told; otherwise the caches forget and that is all. */
  tell: boolean
  imsis: readonly string[]
}

/** `<id>!imsi,imsi` tells and reports, `-!imsi,imsi` only forgets. */
export function writeAnnouncement({ id, tell, imsis }: Announcement): string {
  if (!tell) return `-!${imsis.join(',')}`
  return id === null ? imsis.join(',') : `${id}!${imsis.join(',')}`
}

export function readAnnouncement(payload: string): Announcement {
  const mark = payload.indexOf('!')
  const id = mark < 0 ? null : payload.slice(0, mark)
  const imsis = payload
    .slice(mark + 1)
    .split(',')
    .filter((imsi) => imsi !== '')
  return id === '-' ? { id: null, tell: false, imsis } : { id, tell: true, imsis }
}

/** What the serving node of one SIM made of it. */
export interface Told {
  imsi: string
  outcome: 'confirmed' | 'failed' | 'not-registered'
  /** What was sent; null: nothing. */
  operation: 'IDR' | 'CLR' | null
  /** Result-Code or Experimental-Result-Code of the answer; null: none came. */
  resultCode: number | null
  /** Wall time. */
  at: number
}

export interface Report {
  id: string
  told: readonly Told[]
}

const operations = { IDR: 'I', CLR: 'C' } as const
const outcomes = { confirmed: 'y', failed: 'n', 'not-registered': '-' } as const

/** Ids of announcements that somebody is at. */
export function writeProgress(ids: readonly string[]): string {
  return ids.join(',')
}

/** `<id>!<base time>!imsi:yI2001+12,...`, times relative to the base. */
export function writeReport({ id, told }: Report): string {
  const base = Math.min(...told.map(({ at }) => at))
  const parts = told.map(({ imsi, outcome, operation, resultCode, at }) => {
    const sent = operation === null ? '' : operations[operation]
    return `${imsi}:${outcomes[outcome]}${sent}${resultCode ?? ''}+${(at - base).toString(36)}`
  })
  return `${id}!${base}!${parts.join(',')}`
}

/** A report, or the ids of which somebody says that they are under way. */
export function readReport(payload: string): Report | { underWay: readonly string[] } {
  const [id = '', base, list] = payload.split('!')
  if (base === undefined || list === undefined) return { underWay: id.split(',') }
  return { id, told: list.split(',').flatMap((part) => readTold(part, Number(base))) }
}

const part = /^(\d{6,15}):([yn-])([IC]?)(\d*)\+([0-9a-z]+)$/

function readTold(text: string, base: number): Told[] {
  const found = part.exec(text)
  if (found === null) return []
  const [, imsi = '', outcome, operation, code, at = '0'] = found
  return [
    {
      imsi,
      outcome: outcome === 'y' ? 'confirmed' : outcome === 'n' ? 'failed' : 'not-registered',
      operation: operation === 'I' ? 'IDR' : operation === 'C' ? 'CLR' : null,
      resultCode: code === '' ? null : Number(code),
      at: base + Number.parseInt(at, 36),
    },
  ]
}
