import { attachAt, authenticateAt, notifyAt, purgeAt, updateAt } from './encounter.ts'
import type { FlowRow, FlowStage } from './flow.ts'
import { air, isSuccess, pur, resultOf, ulr, ulrFlags, vectorsIn } from './messages.ts'
import type { Actor } from './subjects.ts'
import type { ask } from './transport.ts'
import { network, networkRows } from './world.ts'

/** The legitimate flows that concern S6a, each of which screening has falsely blocked somewhere. */

const hour = 3_600_000
const day = 24 * hour

async function registered(stage: FlowStage, id: Parameters<FlowStage['take']>[0]): Promise<Actor> {
  const actor = stage.take(id)
  await stage.attach(actor.mme, actor.subject, `attach in ${network(id).name}`)
  return actor
}

export const legitimateFlows: readonly FlowRow[] = [
  {
    name: 'attach-everywhere',
    title: 'First attach in every network',
    spec: 'TS 23.401 §5.3.2.1',
    async run(stage) {
      for (const { id } of networkRows) await registered(stage, id)
    },
  },
  {
    name: 's10-within-network',
    title: 'Update to another MME of the same network, with the context over S10',
    spec: 'TS 23.401 §5.3.3.1',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'aurelia')
      const next = stage.context.visited.of('aurelia').find((each) => each !== mme) ?? mme
      mme.handOver(subject.imsi)
      stage.mustUpdate(await updateAt(next, subject, { flags: 0 }), 'ULR without AIR')
      await stage.mustSoon(() => !mme.contexts.has(subject.imsi), 'the former MME is cancelled')
    },
  },
  {
    name: 's10-across-networks',
    title: 'Update to a neighbouring network, with the context over S10',
    spec: 'TS 23.401 §5.3.3.1',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'aurelia')
      const [next] = stage.context.visited.of('brenn')
      mme.handOver(subject.imsi)
      stage.mustUpdate(await updateAt(next, subject, { flags: 0 }), 'ULR without AIR from the neighbour')
      await stage.mustSoon(() => !mme.contexts.has(subject.imsi), 'the former MME is cancelled')
    },
  },
  {
    name: 'mme-restart',
    title: 'An MME restarts and updates from stored context',
    spec: 'TS 23.007 §14',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'brenn')
      mme.restart()
      stage.mustUpdate(await updateAt(mme, subject, { flags: 0 }), 'ULR without AIR from the same MME')
    },
  },
  {
    name: 'stored-vectors',
    title: 'Attach with a vector that the MME kept',
    spec: 'TS 33.401 §6.1.4',
    async run(stage) {
      const { subject, mme } = stage.take('fennmark')
      const authenticated = await authenticateAt(mme, subject)
      stage.must(authenticated.ok, 'AIR', 'no vector')
      await stage.pass(3 * hour)
      stage.mustUpdate(await updateAt(mme, subject), 'ULR long after its AIR')
      const other = stage.context.visited.of('fennmark').find((each) => each !== mme) ?? mme
      stage.mustUpdate(await updateAt(other, subject), 'initial attach at the next MME with the vectors of the first')
    },
  },
  {
    name: 'purge-from-old-mme',
    title: 'A late purge from the former MME',
    spec: 'TS 29.272 §5.2.1.3.3',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'aurelia')
      const [next] = stage.context.visited.of('brenn')
      await stage.attach(next, subject, 'attach in Brenn')
      const purged = await purgeAt(mme, subject.imsi)
      stage.must(purged.ok && isSuccess(purged.answer), 'PUR from the former MME is answered with success', 'refused')
      const noted = await notifyAt(next, { imsi: subject.imsi, imei: subject.imei })
      stage.must(noted.ok && isSuccess(noted.answer), 'the device is still registered in Brenn', 'its registration is gone')
    },
  },
  {
    name: 'purge-and-return',
    title: 'A device is purged and comes back',
    spec: 'TS 29.272 §5.2.1.3',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'fennmark')
      const purged = await purgeAt(mme, subject.imsi)
      stage.must(purged.ok && isSuccess(purged.answer), 'PUR', 'refused')
      await stage.attach(mme, subject, 'attach again')
    },
  },
  {
    name: 't-flag',
    title: 'A request is sent again with the T flag',
    spec: 'RFC 6733 §3, §5.5.4',
    needsSocket: true,
    async run(stage) {
      const { subject, mme } = stage.take('aurelia')
      const endToEnd = 0x7a00_0000 + (stage.context.clock.now() % 0xff_ffff)
      const message = { ...air(mme.origin(), { imsi: subject.imsi, plmn: mme.plmn }), endToEnd }
      const first = await stage.mustSend(mme.transport, message, 'AIR')
      const second = await stage.mustSend(mme.transport, { ...message, retransmitted: true }, 'the same AIR with T flag')
      stage.must(autnOf(first) !== '' && autnOf(first) === autnOf(second), 'it got the stored answer', 'it got a new vector')
      await stage.attach(mme, subject, 'attach')
    },
  },
  {
    name: 'two-mmes-racing',
    title: 'Two MMEs ask for one device at the same time',
    spec: 'TS 33.102 Annex C.1',
    async run(stage) {
      const { subject } = stage.take('aurelia')
      const [one, two] = stage.context.visited.of('aurelia')
      if (two === undefined) return
      const both = await Promise.all([authenticateAt(one, subject), authenticateAt(two, subject)])
      for (const each of both) stage.must(each.ok && !each.resynchronised, 'the card accepts the vector', 'it had to resynchronise')
      const updates = await Promise.all([updateAt(one, subject), updateAt(two, subject)])
      for (const each of updates) stage.mustUpdate(each, 'ULR')
      await stage.attach(two, subject, 'attach afterwards')
    },
  },
  {
    name: 'hub-with-many-realms',
    title: 'One hub carries several networks',
    spec: 'RFC 6733 §2.8.1',
    async run(stage) {
      await registered(stage, 'dorvik')
      await registered(stage, 'pelagos')
      await registered(stage, 'dorvik')
    },
  },
  {
    name: 'hidden-names',
    title: 'A network hides its nodes: one MME shows several names',
    spec: 'TS 33.210 §5.1; IR.88 topology hiding',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'dorvik')
      const cancelled = mme.received.filter(({ command, imsi }) => command === 'CLR' && imsi === subject.imsi).length
      for (const host of ['edge-7', 'edge-12']) {
        const renamed = `${host}.${network('dorvik').realm}`
        stage.mustUpdate(await updateAt(mme, subject, { flags: 0, host: renamed }), `ULR as ${host}`)
        const noted = await stage.mustSend(
          mme.transport,
          pur(mme.origin({ host: `edge-9.${network('dorvik').realm}` }), subject.imsi),
          'PUR under a third name',
        )
        stage.must(isSuccess(noted), 'it is taken', 'refused')
      }
      const after = mme.received.filter(({ command, imsi }) => command === 'CLR' && imsi === subject.imsi).length
      stage.must(after === cancelled, 'no cancellation for a mere change of name', 'the device was cancelled')
    },
  },
  {
    name: 'mocn',
    title: 'A shared radio network: the same MME serves two PLMNs',
    spec: 'TS 23.251 §4.2',
    async run(stage) {
      const { subject, mme } = stage.take('aurelia')
      const shared = network('aurelia').plmns[1] ?? mme.plmn
      const authenticated = await authenticateAt(mme, subject)
      stage.must(authenticated.ok, 'AIR for its own PLMN', 'refused')
      stage.mustUpdate(await updateAt(mme, subject, { plmn: shared }), 'ULR for the shared PLMN')
      const again = await authenticateAt(mme, subject, shared)
      stage.must(again.ok, 'AIR for the shared PLMN', 'refused')
    },
  },
  {
    name: 'border-hops',
    title: 'A device at a land border changes network every minute',
    spec: 'TS 23.122 §4.4',
    async run(stage) {
      const { subject } = stage.take('aurelia')
      const sides = [stage.context.visited.of('aurelia')[0], stage.context.visited.of('brenn')[0]]
      for (let hop = 0; hop < 12; hop++) {
        const mme = sides[hop % 2]
        if (mme !== undefined) await stage.attach(mme, subject, `hop ${hop + 1}`)
        await stage.pass(60_000)
      }
    },
  },
  {
    name: 'maritime',
    title: 'From a ship to land and back: a network without a place',
    spec: 'ITU-T E.212 Annex A',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'pelagos')
      await stage.attach(stage.context.visited.of('fennmark')[0], subject, 'attach ashore')
      await stage.attach(mme, subject, 'attach aboard again')
    },
  },
  {
    name: 'psm-silence',
    title: 'A device in power saving mode is silent for ten days',
    spec: 'TS 23.682 §4.5.4',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'fennmark')
      await stage.pass(10 * day)
      stage.mustUpdate(await updateAt(mme, subject, { flags: 0 }), 'update after the silence')
      await stage.pass(10 * day)
      await stage.attach(mme, subject, 'attach after another')
    },
  },
  {
    name: 'multi-imsi',
    title: 'A multi-IMSI card changes its IMSI',
    spec: 'TS 31.102 §4.2.2',
    async run(stage) {
      const first = stage.context.subjects.take({ index: 498 })
      const second = stage.context.subjects.take({ index: 499 })
      stage.must(first.sim.iccid === second.sim.iccid, 'two subscriptions of one card', 'they are not')
      await stage.attach(first.mme, first.subject, 'attach with the first IMSI')
      await stage.attach(first.mme, second.subject, 'attach with the second, same equipment')
      await stage.attach(first.mme, first.subject, 'and back')
    },
  },
  {
    name: 'imeisv-change',
    title: 'The software version of the equipment changes',
    spec: 'TS 23.003 §6.2.2',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'aurelia')
      const noted = await notifyAt(mme, { imsi: subject.imsi, imei: subject.imei, softwareVersion: '42' })
      stage.must(noted.ok && isSuccess(noted.answer), 'NOR with the new version', 'refused')
      await stage.attach(mme, { ...subject, softwareVersion: '43' }, 'attach with a later one')
      await stage.attach(mme, { ...subject, imei: `${subject.imei ?? ''}0` }, 'attach with 15 digits of IMEI')
    },
  },
  {
    name: 'imei-absent',
    title: 'The visited network sends no IMEI',
    spec: 'TS 29.272 §7.3.3',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'brenn')
      const { imei: _imei, ...without } = subject
      await stage.attach(mme, without, 'attach without Terminal-Information')
    },
  },
  {
    name: 'renumbered-partner',
    title: 'A partner put a new MME into service and its data are old',
    spec: 'IR.21',
    async run(stage) {
      const { subject, mme } = stage.take('estrel')
      const host = `mme21.${network('estrel').realm}`
      const origin = mme.origin({ host, routeRecord: [host] })
      await stage.mustSend(mme.transport, air(origin, { imsi: subject.imsi, plmn: mme.plmn }), 'AIR from an MME that no list has')
      const flags = ulrFlags.initialAttach
      await stage.mustSend(mme.transport, ulr(origin, { imsi: subject.imsi, plmn: mme.plmn, flags, imei: subject.imei }), 'ULR')
    },
  },
  {
    name: 'resynchronisation',
    title: 'A card ahead of us resynchronises',
    spec: 'TS 33.102 §6.3.5',
    async run(stage) {
      const { subject, mme } = await registered(stage, 'brenn')
      const { usim } = subject
      if (usim === null) return
      for (let ind = 0; ind < 32; ind++) usim.setSqn((Math.floor(usim.sqnMs / 32) + 500) * 32 + ind)
      const after = await authenticateAt(mme, subject)
      stage.must(after.ok && after.resynchronised, 'the card resynchronised and accepted the next vector', 'it did not')
      const plain = await authenticateAt(mme, subject)
      stage.must(plain.ok && !plain.resynchronised, 'and the next without', 'it had to again')
    },
  },
  {
    name: 'five-vectors',
    title: 'An MME asks for the usual few vectors',
    spec: 'TS 29.272 §7.3.14',
    async run(stage) {
      const { subject, mme } = stage.take('aurelia')
      const answer = await stage.mustSend(
        mme.transport,
        air(mme.origin(), { imsi: subject.imsi, plmn: mme.plmn, vectors: 3 }),
        'AIR for three',
      )
      stage.must(vectorsIn(answer) >= 1, 'it got some', 'it got none')
      await stage.attach(mme, subject, 'attach')
    },
  },
]

/** Everyday traffic: devices attach, some move, some are switched off. Gives what was refused, which should be nothing. */
export async function runDayTraffic(
  stage: FlowStage,
  actors: readonly Actor[],
): Promise<{ attaches: number; refused: { imsi: string; detail: string }[] }> {
  const refused: { imsi: string; detail: string }[] = []
  let attaches = 0
  for (const [i, { subject, mme }] of actors.entries()) {
    const outcome = await attachAt(mme, subject)
    attaches += 1
    if (!outcome.accepted) refused.push({ imsi: subject.imsi, detail: `attach: cause ${outcome.cause}` })
    else if (i % 7 === 3) await report(refused, subject.imsi, purgeAt(mme, subject.imsi))
    else if (i % 5 === 1) await report(refused, subject.imsi, notifyAt(mme, { imsi: subject.imsi, imei: subject.imei }))
  }
  stage.steps.push(`${attaches} attaches`)
  return { attaches, refused }
}

async function report(refused: { imsi: string; detail: string }[], imsi: string, sent: ReturnType<typeof ask>): Promise<void> {
  const reply = await sent
  if (!reply.ok) refused.push({ imsi, detail: reply.why })
  else if (!isSuccess(reply.answer)) refused.push({ imsi, detail: `result ${resultOf(reply.answer).code}` })
}

function autnOf(answer: Parameters<typeof vectorsIn>[0]): string {
  if (answer.command !== 'AIA') return ''
  return answer.avps['Authentication-Info']?.['E-UTRAN-Vector']?.[0]?.AUTN.toString('hex') ?? ''
}
