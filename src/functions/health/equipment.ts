import type { SignalEvent } from '#platform/ports.ts'
import type { Member } from './members.ts'
import type { EquipmentChange } from './write.ts'

/** A device that stays is written anew this often: what is read is then no older. */
const renewMs = 600_000

/**
 * What the registration on record shows beside what was seen before. Fourteen digits are compared: another software
 * version is no other device, and a ULR without an IMEI says nothing (it is common abroad).
 */
export function changeOf(member: Member): EquipmentChange | null {
  const { imsi, providerId, hasAgreement, imei, formerImei, plmn, registeredAt } = member
  if (!hasAgreement || imei === null || formerImei === null || registeredAt === null) return null
  const [from, to] = [formerImei.slice(0, 14), imei.slice(0, 14)]
  if (from === to) return null
  return { imsi, providerId, outcome: 'registered', from, to, plmn, count: 1, firstAt: registeredAt, lastAt: registeredAt }
}

/** Whether the row of what was seen has to be written. */
export function isNews(member: Member): boolean {
  const { registeredAt, seenAt, imei, formerImei, hasAgreement } = member
  if (registeredAt === null) return false
  if (seenAt === null || registeredAt - seenAt >= renewMs) return true
  return hasAgreement ? imei !== null && imei !== formerImei : formerImei !== null
}

/** The device that an IMEI lock kept out, as the facts of the verdict say. */
export function lockedOut(event: SignalEvent): EquipmentChange | null {
  const { imsi, providerId, reason, action, at } = event
  if (imsi === null || providerId === null || reason !== 'imei-lock' || action !== 'reject') return null
  const digits = (name: string): string | undefined => /^\d{14}/.exec(event.facts.find((fact) => fact.name === name)?.value ?? '')?.[0]
  const [from, to] = [digits('locked IMEI'), digits('IMEI')]
  if (from === undefined || to === undefined) return null
  return { imsi, providerId, outcome: 'refused', from, to, plmn: event.visitedPlmn ?? '', count: 1, firstAt: at, lastAt: at }
}
