import { toTbcd } from '#core/bcd.ts'
import type { AttackRow } from '../attack.ts'
import { attachAt, authenticateAt } from '../encounter.ts'
import { air, nor, pur, ulr, ulrFlags } from '../messages.ts'
import { network } from '../world.ts'

/** The attacker is a partner under its own name, and says what does not follow from what went before. */

const estrel = network('estrel')
const aurelia = network('aurelia')

export const sequenceAttacks: readonly AttackRow[] = [
  {
    name: 'ulr-without-vectors',
    title: 'Attached without keys',
    claims: 'Estrel said that a device has just attached there, and never asked for its keys',
    trustingHss: 'moved the registration: a device cannot attach without being authenticated',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-ulr-out-of-sequence'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(ulr(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0], flags: ulrFlags.initialAttach }))
    },
  },
  {
    name: 'forged-cancel',
    title: 'A location update whose only aim is our cancellation',
    claims: 'Estrel said that a device moved there from Aurelia',
    trustingHss: 'cancelled the device at Aurelia, where it still was',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-ulr-challenge', 's6a-ulr-challenged'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(ulr(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0], flags: 0 }))
    },
  },
  {
    name: 'purge-not-registered',
    title: 'Purge by a stranger',
    claims: 'Estrel purged a device that is registered at Aurelia',
    trustingHss: 'marked the device as gone: nothing would reach it any more',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-pur-not-serving-node'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(pur(stage.attacker(), subject.imsi))
    },
  },
  {
    name: 'notify-not-registered',
    title: 'Notification by a stranger',
    claims: 'Estrel reported new equipment for a device that is registered at Aurelia',
    trustingHss: 'written down the false equipment',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-nor-not-serving-node'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(nor(stage.attacker(), { imsi: subject.imsi, imei: '00101999999999' }))
    },
  },
  {
    name: 'foreign-sms-number',
    title: 'Short messages to somewhere else',
    claims: 'Estrel named a number of Aurelia as the place for the short messages of a device',
    trustingHss: 'sent the next one-time code there',
    clp14: '5.6.1-07',
    expectedRules: ['s6a-mme-number-foreign'],
    async run(stage) {
      const { subject, mme } = stage.context.subjects.take({ class: stage.context.critical ? 'critical' : 'standard', network: 'estrel' })
      await attachAt(mme, subject)
      const number = toTbcd(`${aurelia.nodeNumbers[0]?.replace('+', '') ?? ''}001`)
      const options = { imsi: subject.imsi, plmn: estrel.plmns[0], mmeNumberForMtSms: number }
      await authenticateAt(mme, subject)
      await stage.send(ulr(stage.attacker({ host: mme.host }), options))
      await stage.send(nor(stage.attacker({ host: mme.host }), options))
    },
  },
  {
    name: 'counter-pumping',
    title: 'Pumping counters by refused updates',
    claims: 'Estrel repeated a refused location update eighty times',
    trustingHss: 'counted each as a steering attempt, so that steering gives up and the device stays where it should not',
    clp14: '5.6-05',
    expectedRules: ['s6a-ulr-pumping', 's6a-ulr-out-of-sequence'],
    isLoud: true,
    async run(stage) {
      const { subject } = await stage.victim()
      for (let i = 0; i < 80; i++) {
        await stage.send(ulr(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0], flags: ulrFlags.initialAttach }))
      }
    },
  },
  {
    name: 'imsi-enumeration',
    title: 'Trying out numbers',
    claims: 'Estrel asked for 700 IMSIs that do not exist',
    trustingHss: 'answered each: those that exist stand out',
    clp14: '5.6-04',
    expectedRules: ['s6a-imsi-enumeration', 's6a-unknown-subscriber'],
    isLoud: true,
    async run(stage) {
      for (let i = 0; i < 700; i++) {
        const imsi = `9997009${String(i).padStart(8, '0')}`
        await stage.send(air(stage.attacker(), { imsi, plmn: estrel.plmns[0] }))
      }
    },
  },
]
