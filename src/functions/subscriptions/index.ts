import { compileSubscriptionData } from '#domain/compile-s6a.ts'
import { effectiveState } from '#domain/effective-state.ts'
import { nextStates } from '#domain/lifecycle.ts'
import type { ImposedState, IntendedState } from '#domain/subscription.ts'
import { avpText } from '#platform/avp-text.ts'
import { defineFunction, type FunctionContext } from '#platform/function.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { SimDetail, SimRow } from '#platform/http/schemas/sims.ts'
import type { Ports } from '#platform/ports.ts'
import type { SignalSummary } from '#platform/recorder.ts'
import { listSignals } from '#platform/signal-query.ts'
import type { ListRow } from '#platform/sim-fields.ts'
import { say } from '#platform/text.ts'
import type { TenantDb } from '#store/db.ts'
import { actionRoutes, serveActions } from './action-routes.ts'
import { Actions } from './actions.ts'
import { createAnnouncer } from './announcer.ts'
import { canConnect } from './can-connect.ts'
import { createChanges } from './changes.ts'
import { type DetailRow, otherImsis, profileOf, readSim } from './detail.ts'
import { watchHeld } from './held.ts'
import { listSims } from './list.ts'
import { ListMemory } from './list-memory.ts'
import { RecentlySeen } from './recently-seen.ts'
import { timelineOf } from './timeline.ts'
import { serveViews, viewRoutes } from './views.ts'

const { listSims: listSimsOperation, getSim, getSimTimeline } = operations

type SubscriptionsContext = FunctionContext<'store' | 'history' | 'ledger' | 'subjects', 'changes'>

/** SIMs as their provider and the operator see them: the table, the page of one, and what happened to it. */
export const subscriptionsFunction = defineFunction({
  name: 'subscriptions',
  config: [],
  provides: ['changes'],
  needs: ['store', 'history', 'ledger', 'subjects'],
  wants: ['approvals'],
  controls: [],
  routes: [listSimsOperation, getSim, getSimTimeline, ...actionRoutes, ...viewRoutes],
  navigation: [{ id: 'sims', path: '/sims', order: 30 }],
  metrics: [],
  async start(ctx) {
    const { history } = ctx.ports
    const seen = new RecentlySeen()
    const memory = new ListMemory()
    const stop = history.onSignal((event) => {
      // What was refused as forged says nothing of where the device is.
      if (event.imsi !== null && event.direction === 'in' && event.action !== 'reject' && event.action !== 'drop')
        seen.note(event.imsi, event.at)
    })
    const announcer = await createAnnouncer({ db: ctx.ports.store, clock: ctx.clock, newId: ctx.newId })
    const changes = createChanges({ clock: ctx.clock, announcer, notices: () => ctx.optional.notices })
    ctx.provide('changes', changes)
    const own = { ...ctx.ports, clock: ctx.clock, log: ctx.log, newId: () => ctx.newId() }
    const actions = new Actions({ ...own, changes, announcer, optional: ctx.optional })
    for (const kind of ['sim-change', 'release-hold']) ctx.optional.approvals?.on(kind, (approval) => actions.execute(approval))
    const held = await watchHeld({ ...own, approvals: () => ctx.optional.approvals })
    await actions.recover()
    serveActions(ctx.serve, actions)
    serveViews(ctx.serve, { now: () => ctx.clock.now(), newId: () => ctx.newId() })
    const now = (): number => ctx.clock.now()
    ctx.serve(listSimsOperation, async ({ db, query }) => {
      const page = await listSims({ db, now: now(), seen, memory, ...query })
      return { ...page, items: page.items.map((row) => simRow(row, seen, ctx.optional, now())) }
    })
    ctx.serve(getSim, async (call) => {
      const row = await readSim(call.db, call.params.id)
      call.setVersion(row.version)
      return await simDetail(row, { db: call.db, seen, ctx })
    })
    ctx.serve(getSimTimeline, async ({ db, params, query }) =>
      timelineOf(await readSim(db, params.id), { db, history, ports: ctx.optional, now: now(), ...query }),
    )
    return {
      async [Symbol.asyncDispose]() {
        stop()
        await held[Symbol.asyncDispose]()
        await announcer[Symbol.asyncDispose]()
        await actions.idle()
      },
    }
  },
})

function partnerName(id: string | null, { network }: Readonly<Partial<Ports>>): string | null {
  return id === null ? null : (network?.partners().find((partner) => partner.id === id)?.name ?? null)
}

function simRow(row: ListRow, seen: RecentlySeen, ports: Readonly<Partial<Ports>>, now: number): SimRow {
  return {
    id: row.id,
    imsi: row.imsi,
    iccid: row.iccid,
    msisdn: row.msisdn,
    provider: { id: row.provider_id, name: row.provider_name },
    class: row.class as SimRow['class'],
    intended: row.intended as IntendedState,
    effective: effectiveState(
      { intended: row.intended as IntendedState, imposed: row.imposed as ImposedState[], holdNextAttach: row.hold_next_attach },
      now,
    ),
    profile: { id: row.profile_id, name: row.profile_name, version: row.profile_version },
    lastSeenAt: seen.lastOf(row.imsi) ?? row.registered_at?.getTime() ?? null,
    visitedPlmn: row.visited_plmn,
    partnerName: partnerName(row.partner_id, ports),
    imei: row.imei,
    label: row.label,
    group: row.group_id === null ? null : { id: row.group_id, name: row.group_name ?? '' },
    planId: row.plan_id,
    held: row.hold_next_attach,
    lockedImei: row.locked_imei,
    use: row.use === 'handset' ? 'handset' : 'iot',
  }
}

async function simDetail(row: DetailRow, at: { db: TenantDb; seen: RecentlySeen; ctx: SubscriptionsContext }): Promise<SimDetail> {
  const { db, seen, ctx } = at
  const now = ctx.clock.now()
  const ports = ctx.optional
  const isRegistered = row.mme_host !== null
  const list: ListRow = {
    ...row,
    registered_at: isRegistered ? row.registered_at : null,
    visited_plmn: isRegistered ? row.visited_plmn : null,
  }
  return {
    ...simRow(list, seen, ports, now),
    canConnect: canConnect(row, await lastAttempt(row.imsi, at), ports, now),
    imposed: row.imposed.map((state) => ({ ...state })),
    changedAt: row.changed_at.getTime(),
    homePlmn: row.home_plmn,
    hssPartition: row.hss_partition,
    version: row.version,
    nextStates: [...nextStates(row.intended)],
    profileView: profileView(row, ports, now),
    card: {
      iccid: row.iccid,
      eid: row.eid,
      formFactor: row.form_factor,
      use: row.use,
      batchId: row.batch_id,
      supplier: row.supplier,
      accreditation: row.accreditation,
      otherImsis: await otherImsis(db, row),
    },
    registration: isRegistered ? registrationView(row) : null,
    expectedNext: expectedNext(row.imsi, ports),
    kcv: row.kcv ?? '',
    algorithm: row.parameters?.algorithm ?? null,
  }
}

/** The newest AIR or ULR that was about the device itself, not about who claimed to speak for it. */
async function lastAttempt(imsi: string, { db, ctx }: { db: TenantDb; ctx: SubscriptionsContext }): Promise<SignalSummary | null> {
  const { items } = await listSignals({
    history: ctx.ports.history,
    db,
    now: ctx.clock.now(),
    filter: `imsi:${imsi} op:AIR,ULR dir:in alert:no`,
    limit: 1,
  })
  return items[0] ?? null
}

function registrationView(row: DetailRow): SimDetail['registration'] {
  return {
    mmeHost: row.mme_host ?? '',
    mmeRealm: row.mme_realm,
    visitedPlmn: row.visited_plmn,
    partnerId: row.partner_id,
    peerId: row.peer_id,
    registeredAt: row.registered_at.getTime(),
    purged: row.purged,
    imei: row.imei,
    imeisv: row.imeisv,
    ratType: row.rat_type,
  }
}

function profileView(row: DetailRow, ports: Readonly<Partial<Ports>>, now: number): SimDetail['profileView'] {
  const profile = profileOf(row)
  const { roamingArea } = profile
  const partners = roamingArea.kind === 'partners' ? roamingArea.partnerIds.map((id) => partnerName(id, ports) ?? id) : []
  return {
    id: profile.id,
    name: profile.name,
    version: profile.version,
    apns: profile.apns.map((apn) => ({ ...apn })),
    voice: profile.voice,
    sms: profile.sms,
    otaSms: profile.otaSms,
    roaming: { kind: roamingArea.kind, partners },
    imeiLock: profile.imeiLock,
    periodicTauSeconds: profile.periodicTauSeconds,
    maxUplinkKbps: profile.maxUplinkKbps,
    maxDownlinkKbps: profile.maxDownlinkKbps,
    compiled: avpText(compileSubscriptionData(profile, row, now)),
  }
}

const nextKeys = { T3411: 'sim.next.t3411', T3402: 'sim.next.t3402', T3346: 'sim.next.t3346', 'periodic-tau': 'sim.next.tau' } as const

function expectedNext(imsi: string, { hss }: Readonly<Partial<Ports>>): SimDetail['expectedNext'] {
  const next = hss?.expectedNext(imsi) ?? null
  return next === null ? null : { from: next.from, to: next.to, because: say(nextKeys[next.because]) }
}
