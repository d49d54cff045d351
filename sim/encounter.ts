import type { RequestResult } from '#links/diameter/types.ts'
import type { AttachOutcome } from './device.ts'
import type { NorOptions } from './messages.ts'
import { isSuccess } from './messages.ts'
import type { AuthOutcome, Mme, Subject, UpdateOptions, UpdateOutcome } from './mme.ts'
import type { Actor } from './subjects.ts'

/** What an MME does, as promises, for stories told step by step. */

export function attachAt(mme: Mme, subject: Subject): Promise<AttachOutcome> {
  return new Promise((resolve) => mme.attach(subject, resolve))
}

export function authenticateAt(mme: Mme, subject: Subject, plmn = mme.plmn): Promise<AuthOutcome> {
  return new Promise((resolve) => mme.authenticate(subject, resolve, plmn))
}

export function updateAt(mme: Mme, subject: Subject, options: UpdateOptions = {}): Promise<UpdateOutcome> {
  return new Promise((resolve) => mme.updateLocation(subject, options, resolve))
}

export function purgeAt(mme: Mme, imsi: string): Promise<RequestResult> {
  return new Promise((resolve) => mme.purge(imsi, resolve))
}

export function notifyAt(mme: Mme, options: NorOptions): Promise<RequestResult> {
  return new Promise((resolve) => mme.notify(options, resolve))
}

/** Whether the home network still knows the device at this MME: it was not cancelled, and its NOR is accepted. */
export async function isStillServedBy(actor: Pick<Actor, 'subject' | 'mme'>): Promise<boolean> {
  if (!actor.mme.contexts.has(actor.subject.imsi)) return false
  const reply = await notifyAt(actor.mme, { imsi: actor.subject.imsi, imei: actor.subject.imei, softwareVersion: '01' })
  return reply.ok && isSuccess(reply.answer)
}
