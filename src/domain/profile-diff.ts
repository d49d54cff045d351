import type { AllowedAddress, FixedNumber, ProfileBody } from './profile.ts'

/** One member that two versions of a profile do not share. Values as text; null: not there. */
export interface ProfileDifference {
  /** `sms`, `apns meter.example qci`, `allowedAddresses 192.0.2.0/24`. */
  member: keyof ProfileBody
  /** Which one, where the member is a list: an APN's name, an address, a number. */
  item: string | null
  /** Of an APN: which of its settings. */
  detail: string | null
  before: string | null
  after: string | null
}

/** What differs, in the order of the profile's members. */
export function profileDifferences(before: ProfileBody, after: ProfileBody): ProfileDifference[] {
  return (Object.keys(before) as (keyof ProfileBody)[]).flatMap((member) => {
    if (member === 'apns') return apnDifferences(before, after)
    const [from, to] = [itemsOf(before, member), itemsOf(after, member)]
    const items = [...new Set([...from.keys(), ...to.keys()])]
    return items.flatMap((item) => {
      const [a, b] = [from.get(item) ?? null, to.get(item) ?? null]
      return a === b ? [] : [{ member, item: item === '' ? null : item, detail: null, before: a, after: b }]
    })
  })
}

function apnDifferences(before: ProfileBody, after: ProfileBody): ProfileDifference[] {
  const names = [...new Set([...before.apns, ...after.apns].map(({ name }) => name))]
  return names.flatMap((item): ProfileDifference[] => {
    const [a, b] = [before, after].map(({ apns }) => apns.find(({ name }) => name === item))
    if (a === undefined || b === undefined)
      return [{ member: 'apns', item, detail: null, before: a === undefined ? null : item, after: b === undefined ? null : item }]
    const details = Object.keys(a) as (keyof typeof a)[]
    return details.flatMap((detail): ProfileDifference[] =>
      a[detail] === b[detail] ? [] : [{ member: 'apns', item, detail, before: String(a[detail]), after: String(b[detail]) }],
    )
  })
}

/** A member as named values; a plain one has one value without a name. */
function itemsOf(body: ProfileBody, member: Exclude<keyof ProfileBody, 'apns'>): ReadonlyMap<string, string> {
  switch (member) {
    case 'allowedAddresses':
      return new Map(body.allowedAddresses.map((entry) => [addressText(entry), 'yes']))
    case 'allowedDomains':
      return new Map(body.allowedDomains.map(({ name, apn }) => [apn === null ? name : `${name} (${apn})`, 'yes']))
    case 'fixedNumbers':
      return new Map(body.fixedNumbers.map((entry) => [entry.number, numberText(entry)]))
    case 'equivalentPlmns':
      return new Map(body.equivalentPlmns.map((plmn) => [plmn, 'yes']))
    case 'roamingArea': {
      const { roamingArea } = body
      const partners = roamingArea.kind === 'partners' ? roamingArea.partnerIds : []
      return new Map([['', roamingArea.kind], ...partners.map((id): [string, string] => [id, 'yes'])])
    }
    default:
      return new Map([['', textOf(body[member])]])
  }
}

function textOf(value: boolean | number | string): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

/** `192.0.2.0/24 tcp 443,8883-8884 (meter.example)`. */
function addressText({ cidr, protocol, ports, apn }: AllowedAddress): string {
  const range = ports.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(',')
  return [cidr, protocol === 'any' ? '' : protocol, range, apn === null ? '' : `(${apn})`].filter((part) => part !== '').join(' ')
}

function numberText({ name, forVoice, forSms }: FixedNumber): string {
  return [name, forVoice ? 'voice' : '', forSms ? 'sms' : ''].filter((part) => part !== '').join(', ')
}
