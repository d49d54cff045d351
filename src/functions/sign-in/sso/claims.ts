import type { Role } from '#platform/permission.ts'
import type { Proof } from '../sessions.ts'

export interface RoleMap {
  claim: string
  roles: Readonly<Record<string, string>>
}

/** Proofs that no false page can pass on: the EAP ACR values of OpenID, and keys in hardware (RFC 8176). */
const resistantAcr = new Set(['phr', 'phrh'])
const resistantAmr = new Set(['phr', 'phrh', 'hwk', 'sc'])
/** What somebody knows, and what somebody has or is (RFC 8176): one of each makes two factors. */
const known = new Set(['pwd', 'pin', 'kba'])
const held = new Set(['otp', 'sms', 'tel', 'swk', 'hwk', 'sc', 'pop', 'fpt', 'face', 'iris', 'vbm'])

type Claims = Readonly<Record<string, unknown>>

/** What the provider says of how it knew the person, as a proof of ours: never more than what it says. */
export function proofOf(claims: Claims, profile: 'openid-connect' | 'mobile-connect'): Proof {
  const amr = textsOf(claims.amr)
  const acr = typeof claims.acr === 'string' ? claims.acr : null
  const isResistant = (acr !== null && resistantAcr.has(acr)) || amr.some((method) => resistantAmr.has(method))
  const isTwo = amr.includes('mfa') || (amr.some((one) => known.has(one)) && amr.some((one) => held.has(one)))
  // Mobile Connect: level of assurance 2 is the phone alone, 3 the phone and a PIN or fingerprint.
  const hasTwo = profile === 'mobile-connect' ? acr === '3' || acr === '4' : isTwo
  const assurance = isResistant ? 3 : hasTwo ? 2 : 1
  const at = typeof claims.auth_time === 'number' ? { at: claims.auth_time * 1000 } : {}
  return { factors: ['oidc'], phishingResistant: isResistant, assurance, ...at }
}

/** True where one of the asked levels was reached, or none was asked. */
export function hasLevel(claims: Claims, asked: readonly string[]): boolean {
  return asked.length === 0 || (typeof claims.acr === 'string' && asked.includes(claims.acr))
}

/** The verified e-mail address, if its domain is the organisation's. */
export function emailOf(claims: Claims, domains: readonly string[]): string | null {
  if (typeof claims.email !== 'string' || claims.email_verified !== true) return null
  const domain = domainOf(claims.email)
  return domain !== null && domains.includes(domain) ? claims.email.toLowerCase() : null
}

/** "ada@Halden.example" or "halden.example": the domain, in lower case and as DNS writes it. */
export function domainOf(typed: string): string | null {
  const text = typed.trim().slice(typed.trim().lastIndexOf('@') + 1)
  if (text === '' || text.length > 253 || /[\s/:?#\\]/.test(text) || !URL.canParse(`https://${text}`)) return null
  const { hostname } = new URL(`https://${text}`)
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(hostname) && !/^\d+(\.\d+)+$/.test(hostname) ? hostname : null
}

/** The roles that the provider's groups stand for here; null where it says nothing of them. */
export function rolesOf(claims: Claims, map: RoleMap | null, allowed: readonly Role[]): Role[] | null {
  if (map === null) return null
  const groups = textsOf(claims[map.claim])
  const roles = allowed.filter((role) => groups.some((group) => Object.hasOwn(map.roles, group) && map.roles[group] === role))
  return roles.length === 0 ? null : roles
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, 1_000) : []
}
