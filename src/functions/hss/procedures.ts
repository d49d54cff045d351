import { limits } from '#core/limits.ts'
import { compileSubscriptionData } from '#domain/compile-s6a.ts'
import type { Known } from '#guard/known.ts'
import type { MessageOf } from '#protocols/diameter/message.ts'
import { makeVectors, planAir, readAir } from './air.ts'
import type { Desk } from './desk.ts'
import { type Exchange, success } from './exchange.ts'
import { cancellation } from './outbound.ts'
import { needsCancel, nodeKeyOf, withGivenTo } from './registration.ts'
import { confirmSeq } from './sqn.ts'
import type { Registration } from './subscriber.ts'
import type { SubscriberState } from './subscriber-state.ts'

/** What the HSS does with a request that the guard has judged. One procedure per operation that MMEs may ask for. */
export type Procedure = (desk: Desk, exchange: Exchange, state: SubscriberState, known: Known) => void

/** ULR-Flags (TS 29.272 §7.3.7), ULA-Flags (§7.3.8), PUA-Flags (§7.3.48). */
const skipSubscriberData = 1 << 2
const separationIndication = 1 << 0
const freezeMTmsi = 1 << 0

/** TS 29.272 §5.2.3.1: authentication information. */
const authenticate: Procedure = (desk, exchange, state) => {
  if (desk.refusedByGuard(exchange)) return
  desk.admit(exchange, 'AIR', state, (current) => giveVectors(desk, exchange, current))
}

function giveVectors(desk: Desk, exchange: Exchange, state: SubscriberState): void {
  const { avps } = exchange.request as MessageOf<'AIR'>
  const { imsi } = state.row
  const asked = readAir(avps, limits.hss.vectorsPerRequest)
  const plan = planAir(state, asked, desk.seqBlock(), (auts) => desk.isReplayedAuts(imsi, auts))
  if (!plan.ok) {
    desk.refuseAir(exchange, plan.because)
    return
  }
  if (plan.resync !== 'none') desk.noteResynchronisation(exchange, plan.resync)
  const { originHost: host, originRealm: realm, visitedPlmn = '' } = exchange.signal.claimed
  const givenBefore = state.givenTo
  const givenTo = withGivenTo(givenBefore, visitedPlmn)
  const isNewNetwork = givenTo !== givenBefore
  state.givenTo = givenTo
  const ind = desk.indOf(nodeKeyOf({ host, realm }, desk.partnerOf(exchange)))
  const answer = (): void => {
    const info = makeVectors(state, plan, { plmn: avps['Visited-PLMN-Id'], ind, rand: desk.rand })
    exchange.vectors = plan.eutran + plan.utran
    desk.countVectors(exchange, state)
    desk.answer(exchange, success, { 'Authentication-Info': info })
  }
  // An answer must not overtake one that waits for the store: SEQ rises within each IND in the order sent.
  if (plan.reserve === null && !isNewNetwork && !desk.isWriting(state)) {
    answer()
    return
  }
  const reserve = plan.reserve ?? state.seq.reserved
  const write = { kind: 'auth', imsi, seqReserved: reserve, givenTo } as const
  desk.commit(
    exchange,
    state,
    write,
    () => {
      confirmSeq(state.seq, reserve)
      answer()
    },
    (states) => {
      if (isNewNetwork) for (const each of states) each.givenTo = each.givenTo.filter((plmn) => plmn !== visitedPlmn)
    },
  )
}

/** TS 29.272 §5.2.1.1: update location. */
const updateLocation: Procedure = (desk, exchange, state, known) => {
  if (exchange.verdict.action === 'challenge') {
    // Somebody else may be holding the device: the node of record is asked before anything changes or any CLR leaves.
    desk.challenge(exchange, state, known, () => admitUpdate(desk, exchange, state))
    return
  }
  if (desk.refusedByGuard(exchange)) return
  admitUpdate(desk, exchange, state)
}

function admitUpdate(desk: Desk, exchange: Exchange, state: SubscriberState): void {
  desk.admit(exchange, 'ULR', state, (current) => register(desk, exchange, current))
}

function register(desk: Desk, exchange: Exchange, state: SubscriberState): void {
  const { avps } = exchange.request as MessageOf<'ULR'>
  const former = state.registration
  const registration = registrationOf(desk, exchange)
  const hides = desk.partnerOf(exchange)?.topologyHiding === true
  const { imsi } = state.row
  const givenBefore = state.givenTo
  state.registration = registration
  state.givenTo = [registration.visitedPlmn]
  desk.commit(
    exchange,
    state,
    { kind: 'registration', imsi, registration, givenTo: state.givenTo },
    () => {
      desk.completed(imsi)
      desk.lockImei(state, registration.imei)
      const isSkipped = (avps['ULR-Flags'] & skipSubscriberData) !== 0
      desk.answer(exchange, success, {
        'ULA-Flags': separationIndication,
        ...(isSkipped ? {} : { 'Subscription-Data': subscriptionData(desk, state) }),
      })
      if (needsCancel(former, registration, hides)) desk.cancel(imsi, former, cancellation.mmeUpdate)
    },
    (states) => {
      desk.failed(imsi)
      for (const each of states) if (each.registration === registration) each.givenTo = givenBefore
      takeBack(states, registration, former)
    },
  )
}

export function subscriptionData(desk: Pick<Desk, 'now'>, state: Pick<SubscriberState, 'row'>): ReturnType<typeof compileSubscriptionData> {
  const { row } = state
  return compileSubscriptionData(
    row.profile,
    { msisdn: row.msisdn, intended: row.intended, imposed: row.imposed, class: row.class },
    desk.now(),
  )
}

function registrationOf(desk: Desk, exchange: Exchange): Registration {
  const { signal, link } = exchange
  const { avps } = exchange.request as MessageOf<'ULR'>
  const terminal = avps['Terminal-Information']
  return {
    mmeHost: signal.claimed.originHost,
    mmeRealm: signal.claimed.originRealm,
    visitedPlmn: signal.claimed.visitedPlmn ?? '',
    partnerId: desk.partnerOf(exchange)?.id ?? null,
    peerId: link.peerId,
    registeredAt: desk.now(),
    purged: false,
    imei: signal.imei ?? null,
    softwareVersion: softwareVersionOf(terminal?.['Software-Version']),
    ratType: avps['RAT-Type'],
  }
}

/** Two digits (TS 23.003 §6.2.2); anything else says nothing. */
function softwareVersionOf(text: string | undefined): string | null {
  return text !== undefined && /^\d{2}$/.test(text) ? text : null
}

/** TS 29.272 §5.2.1.3. From another node than the registered one: success, and nothing changes. */
const purge: Procedure = (desk, exchange, state) => {
  const isForeign = exchange.verdict.reason === 'not-registered-node'
  if (!isForeign && desk.refusedByGuard(exchange)) return
  if (isForeign || state.registration === null) {
    desk.answer(exchange, success, { 'PUA-Flags': 0 })
    return
  }
  const former = state.registration
  const registration: Registration = { ...former, purged: true }
  state.registration = registration
  desk.commit(
    exchange,
    state,
    { kind: 'registration', imsi: state.row.imsi, registration, givenTo: state.givenTo },
    () => desk.answer(exchange, success, { 'PUA-Flags': freezeMTmsi }),
    (states) => takeBack(states, registration, former),
  )
}

function takeBack(states: Iterable<SubscriberState>, registration: Registration, former: Registration | null): void {
  for (const each of states) if (each.registration === registration) each.registration = former
}

/** TS 29.272 §5.2.5.1. */
const notify: Procedure = (desk, exchange, state) => {
  if (desk.refusedByGuard(exchange)) return
  const { imei } = exchange.signal
  const former = state.registration
  if (imei === undefined || former === null || former.imei === imei) {
    desk.answer(exchange, success)
    return
  }
  const registration: Registration = { ...former, imei }
  state.registration = registration
  desk.commit(
    exchange,
    state,
    { kind: 'registration', imsi: state.row.imsi, registration, givenTo: state.givenTo },
    () => desk.answer(exchange, success),
    (states) => takeBack(states, registration, former),
  )
}

export const procedures: Readonly<Record<string, Procedure>> = { AIR: authenticate, ULR: updateLocation, PUR: purge, NOR: notify }
