import type { AttackRow } from '../attack.ts'
import { attachAt } from '../encounter.ts'
import { air, isSuccess } from '../messages.ts'
import { network } from '../world.ts'

/** The attacker lies about load and priority. */

const estrel = network('estrel')
const aurelia = network('aurelia')

export const overloadAttacks: readonly AttackRow[] = [
  {
    name: 'forged-overload-report',
    title: 'A forged overload report',
    claims: 'Estrel announced, in a request, that everybody should send nothing for a day',
    trustingHss: 'stopped sending: no cancellation or change of profile would reach any network',
    clp14: '5.6-03',
    expectedRules: ['s6a-overload-report-in-request'],
    async run(stage) {
      const { subject, mme } = stage.context.subjects.take({ class: stage.context.critical ? 'critical' : 'standard', network: 'estrel' })
      await attachAt(mme, subject)
      const report = {
        'OC-Sequence-Number': 0xffff_ffff_ffffn,
        'OC-Report-Type': 1,
        'OC-Reduction-Percentage': 100,
        'OC-Validity-Duration': 86_400,
      }
      const own = air(stage.attacker({ host: mme.host }), { imsi: subject.imsi, plmn: estrel.plmns[0], doic: true, report })
      const answer = await stage.sendInOrder(own)
      stage.note(answer !== null && isSuccess(answer) ? 'the request itself was in order and was answered' : 'the request was refused')
      // Whether the report worked shows where we must send something: a device that moves is cancelled at its former MME.
      await stage.expectCancellation()
    },
  },
  {
    name: 'forged-priority',
    title: 'Highest priority by claim',
    claims: 'Estrel gave a forged request the highest priority',
    trustingHss: 'served it before everybody else',
    clp14: '5.6.1-08',
    expectedRules: ['s6a-network-not-of-partner'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(air(stage.attacker(), { imsi: subject.imsi, plmn: aurelia.plmns[0], drmp: 0 }))
    },
  },
  {
    name: 'critical-spoofing',
    title: 'Critical devices as a key to the storm gate',
    claims: 'Estrel sent forty requests for critical devices that are in Aurelia',
    trustingHss: 'let them pass ahead of real devices, and given forty vectors',
    clp14: '5.6.1-08',
    expectedRules: ['s6a-network-not-of-partner'],
    async run(stage) {
      const { subject } = await stage.victim()
      const ask = (i: number) => {
        const imsi = i === 0 ? subject.imsi : `99970030000${String(i * 10).padStart(4, '0')}`
        return stage.send(air(stage.attacker(), { imsi, plmn: aurelia.plmns[0], drmp: 0 }))
      }
      await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i)))
    },
  },
]
