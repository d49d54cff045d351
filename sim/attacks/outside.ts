import type { AttackRow, AttackStage } from '../attack.ts'
import { clr, dsr, idr, type Origin, rsr } from '../messages.ts'
import { home, network } from '../world.ts'

/** Operations that only a home network sends to a serving node, sent to us from outside. */

const estrel = network('estrel')

/** A host of Estrel's that calls itself an HSS. */
function claimedHss(stage: AttackStage): Origin {
  return stage.attacker({ host: `hss.${estrel.realm}`, destinationHost: home.hssHost })
}

export const outsideAttacks: readonly AttackRow[] = [
  {
    name: 'cancel-location',
    title: 'Cancellation from outside',
    claims: 'Estrel told us to cancel the registration of a device of ours',
    trustingHss: 'passed it on: the serving MME would have detached the device',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-operation-from-outside'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(clr(claimedHss(stage), subject.imsi))
    },
  },
  {
    name: 'insert-subscriber-data',
    title: 'Location query from outside',
    claims: 'Estrel asked where a device of ours is, in the form of an IDR',
    trustingHss: 'passed it on and returned the cell: the device can be followed',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-operation-from-outside'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(idr(claimedHss(stage), subject.imsi))
    },
  },
  {
    name: 'delete-subscriber-data',
    title: 'Withdrawal from outside',
    claims: 'Estrel told us to withdraw the access points of a device of ours',
    trustingHss: 'passed it on: the device would stay attached and have no data',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-operation-from-outside'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(dsr(claimedHss(stage), subject.imsi))
    },
  },
  {
    name: 'reset',
    title: 'Reset from outside',
    claims: 'Estrel announced that the HSS of one device had restarted',
    trustingHss: 'passed it on: the device is registered anew at its next activity',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-operation-from-outside', 's6a-rsr-wide'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(rsr(claimedHss(stage), [subject.imsi]))
    },
  },
  {
    name: 'reset-wide',
    title: 'Reset of everybody',
    claims: 'Estrel announced a restart for every IMSI that begins with our network code',
    trustingHss: 'passed it on: every device of ours registers again at once',
    clp14: '5.6-03',
    expectedRules: ['s6a-rsr-wide'],
    async run(stage) {
      await stage.victim()
      await stage.send(rsr(claimedHss(stage), [home.imsiPrefix]))
    },
  },
]
