import type { AttackRow } from '../attack.ts'
import { attachAt, authenticateAt } from '../encounter.ts'
import { air } from '../messages.ts'
import { network } from '../world.ts'

/** The attacker wants keys, or wants the keys of a device out of step. */

const estrel = network('estrel')

export const vectorAttacks: readonly AttackRow[] = [
  {
    name: 'vector-harvest',
    title: 'Vectors by the hundred',
    claims: 'Estrel asked for 255 vectors of a device that is not there',
    trustingHss: 'given as many as fit: a stock for months of impersonation, and SQN run ahead',
    clp14: '5.6-04',
    expectedRules: ['s6a-too-many-vectors'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(air(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0], vectors: 255 }))
    },
  },
  {
    name: 'vector-greed',
    title: 'More vectors than one answer carries',
    claims: 'Estrel asked for 32 vectors at once',
    trustingHss: 'given all 32',
    clp14: '5.6-04',
    expectedRules: ['s6a-vectors-trimmed', 's6a-too-many-vectors'],
    bound: 5,
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(air(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0], vectors: 32 }))
    },
  },
  {
    name: 'vector-loop',
    title: 'Vectors in a loop',
    claims: 'Estrel asked for five vectors sixty times over',
    trustingHss: 'given 300 vectors',
    clp14: '5.6-04',
    expectedRules: ['s6a-vector-cap'],
    bound: 120,
    isLoud: true,
    async run(stage) {
      const { subject } = await stage.victim()
      for (let round = 0; round < 60; round++) {
        await stage.send(air(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0], vectors: 5 }))
      }
      if (stage.vectors >= 300) stage.harm('no cap stopped the loop')
    },
  },
  {
    name: 'utran-vectors',
    title: '3G vectors over the 4G interface',
    claims: 'Estrel asked S6a for UTRAN vectors, which lack the separation bit',
    trustingHss: 'given CK and IK in the clear: enough to compute KASME for any network',
    clp14: '3.1-03',
    expectedRules: ['s6a-utran-vectors'],
    async run(stage) {
      const { subject } = await stage.victim()
      await stage.send(air(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0], vectors: 5, access: 'UTRAN' }))
    },
  },
  {
    name: 'auts-forged',
    title: 'Invented resynchronisation',
    claims: 'Estrel sent a resynchronisation that no card made',
    trustingHss: 'moved the sequence number where the attacker wants it, and the device could not authenticate',
    clp14: '3.1-03',
    expectedRules: ['s6a-auts'],
    async run(stage) {
      const actor = await stage.victim()
      const resynchronisation = Buffer.alloc(30, 0x5a)
      await stage.send(air(stage.attacker(), { imsi: actor.subject.imsi, plmn: estrel.plmns[0], resynchronisation }))
      const after = await authenticateAt(actor.mme, actor.subject)
      if (!after.ok || after.resynchronised) stage.harm('the device had to resynchronise')
    },
  },
  {
    name: 'auts-replay',
    title: 'Replayed resynchronisation',
    claims: 'Estrel replayed a resynchronisation that a device of ours once made there',
    trustingHss: 'set the sequence number back: the next challenge is one that the card has already seen',
    clp14: '3.1-03',
    expectedRules: ['s6a-auts'],
    // A genuine but old AUTS from a network where the device may be: it gets what any request of that network gets.
    bound: 1,
    async run(stage) {
      const { subject, mme } = stage.context.subjects.take({
        class: stage.context.critical ? 'critical' : 'standard',
        network: 'estrel',
      })
      await attachAt(mme, subject)
      const recorded = await recordAuts(stage, subject.imsi, (rand, autn) => subject.usim?.authenticate(rand, autn))
      if (recorded === null) {
        stage.note('no challenge could be recorded')
        return
      }
      for (let i = 0; i < 3; i++) await authenticateAt(mme, subject)
      const before = subject.usim?.sqnMs ?? 0
      await stage.send(air(stage.attacker(), { imsi: subject.imsi, plmn: estrel.plmns[0], resynchronisation: recorded }))
      const after = await authenticateAt(mme, subject)
      if (!after.ok || after.resynchronised || (subject.usim?.sqnMs ?? 0) <= before) stage.harm('the sequence number went back')
    },
  },
]

/** RAND || AUTS as a device once made it: its card is shown the same challenge twice. */
async function recordAuts(
  stage: Parameters<AttackRow['run']>[0],
  imsi: string,
  challenge: (rand: Buffer, autn: Buffer) => { ok: boolean; auts?: Buffer } | undefined,
): Promise<Buffer | null> {
  const answer = await stage.sendInOrder(air(stage.attacker(), { imsi, plmn: estrel.plmns[0] }))
  if (answer?.command !== 'AIA') return null
  const vector = answer.avps['Authentication-Info']?.['E-UTRAN-Vector']?.[0]
  if (vector === undefined) return null
  challenge(vector.RAND, vector.AUTN)
  const repeated = challenge(vector.RAND, vector.AUTN)
  return repeated?.auts === undefined ? null : Buffer.concat([vector.RAND, repeated.auts])
}
