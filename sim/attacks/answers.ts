import { answerTo, type Message, type MessageOf } from '#protocols/diameter/codec.ts'
import type { AttackRow, AttackStage } from '../attack.ts'
import { attachAt, isStillServedBy } from '../encounter.ts'
import { air, isSuccess, ulr, ulrFlags } from '../messages.ts'
import { connectRawPeer, type RawPeer } from '../raw-peer.ts'
import { network, peerRow, sparePeerId } from '../world.ts'

/** Answers that nobody asked for, that come twice, or that come from somebody else. They need a connection of their own. */

const aurelia = network('aurelia')
const estrel = network('estrel')

export const answerAttacks: readonly AttackRow[] = [
  {
    name: 'unsolicited-answer',
    title: 'Answers that nobody asked for',
    claims: 'Estrel sent answers to requests that we never made',
    trustingHss: 'matched one to an open request by chance, or failed over it',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-answer-unsolicited'],
    needsSocket: true,
    async run(stage) {
      await stage.victim()
      await withRawPeer(stage, async (peer) => {
        for (const command of ['AIA', 'ULA', 'IDA', 'CLA'] as const) peer.send(invented(command))
        await mustSurvive(stage, peer)
      })
    },
  },
  {
    name: 'late-answer',
    title: 'The same answer twice',
    claims: 'Estrel answered a request of ours, and then again with something else',
    trustingHss: 'taken the second for the answer to another request',
    clp14: '5.6.1-06',
    expectedRules: ['s6a-answer-unsolicited'],
    needsSocket: true,
    async run(stage) {
      await withRawPeer(stage, async (peer) => {
        const request = await provokeCancel(stage, peer)
        if (request === null) return
        const answer = claOf(request, estrel.mmes[0].host, estrel.realm)
        peer.send(answer)
        peer.send(answer)
        await mustSurvive(stage, peer)
      })
    },
  },
  {
    name: 'altered-answer',
    title: 'An answer in another name',
    claims: 'Estrel answered a request of ours in the name of Aurelia',
    trustingHss: 'believed that Aurelia said it',
    clp14: '5.6.1-07',
    expectedRules: ['s6a-answer-altered'],
    needsSocket: true,
    async run(stage) {
      await withRawPeer(stage, async (peer) => {
        const request = await provokeCancel(stage, peer)
        if (request === null) return
        peer.send(claOf(request, aurelia.mmes[0].host, aurelia.realm))
        await mustSurvive(stage, peer)
      })
    },
  },
]

/** Opens the attackers' line, which the operator lists as a node of Estrel, and closes it afterwards. */
async function withRawPeer(stage: AttackStage, run: (peer: RawPeer) => Promise<void>): Promise<void> {
  const row = peerRow(sparePeerId)
  const peer = await connectRawPeer({ ...stage.rawTarget, identity: row.identity, realm: row.realm })
  try {
    const opened = await peer.open()
    if (opened === null || !isSuccess(opened)) stage.note('the line was not accepted')
    else await run(peer)
  } finally {
    peer.close()
  }
}

/** Registers a device over the line, lets it move to Aurelia, and waits for the CLR that this brings. */
async function provokeCancel(stage: AttackStage, peer: RawPeer): Promise<MessageOf<'CLR'> | null> {
  const { subjects, visited, critical } = stage.context
  const { subject } = subjects.take({ class: critical ? 'critical' : 'standard', network: 'estrel' })
  const origin = stage.attacker({ host: estrel.mmes[0].host, routeRecord: [] })
  const authenticated = await peer.ask(air(origin, { imsi: subject.imsi, plmn: estrel.plmns[0] }))
  const registered = await peer.ask(ulr(origin, { imsi: subject.imsi, plmn: estrel.plmns[0], flags: ulrFlags.initialAttach }))
  if (authenticated === null || registered === null || !isSuccess(registered)) {
    stage.note('no device could be registered over the line')
    return null
  }
  // The vector given above was not used by the card: its next challenge is simply a later one.
  const [mme] = visited.of('aurelia')
  const moved = await attachAt(mme, subject)
  if (!moved.accepted) stage.note('the device could not move')
  stage.watch({ subject, mme })
  const request = await peer.next((message) => message.command === 'CLR')
  return request?.command === 'CLR' ? request : null
}

function claOf(request: MessageOf<'CLR'>, host: string, realm: string): Message {
  return answerTo(request, { 'Origin-Host': host, 'Origin-Realm': realm, 'Auth-Session-State': 1, 'Result-Code': 2001 })
}

function invented(command: 'AIA' | 'ULA' | 'IDA' | 'CLA'): Message {
  const codes = { AIA: 318, ULA: 316, IDA: 319, CLA: 317 } as const
  const { host } = estrel.mmes[0]
  const avps = {
    'Session-Id': `${host};1;1`,
    'Auth-Session-State': 1,
    'Origin-Host': host,
    'Origin-Realm': estrel.realm,
    'Result-Code': 2001,
  }
  const envelope = { code: codes[command], application: 16_777_251, request: false, proxiable: true, error: false, retransmitted: false }
  return { command, ...envelope, hopByHop: 0x5117_0001, endToEnd: 0x5117_0002, avps, others: [] } as Message
}

/** The operator must go on serving: the line answers, or was closed, and a device elsewhere is still known. */
async function mustSurvive(stage: AttackStage, peer: RawPeer): Promise<void> {
  const isAlive = await peer.isAlive()
  stage.note(isAlive ? 'dropped; the connection stays' : 'the connection was closed')
  const other = await stage.victim('brenn')
  if (!(await isStillServedBy(other))) stage.harm('others are no longer served')
}
