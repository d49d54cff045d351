import { OperationError } from '#core/errors.ts'
import { s6aRules } from '#guard/rules/s6a.ts'
import { defineFunction, type Serve } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import type { Ports } from '#platform/ports.ts'
import { listSignals } from '#platform/signal-query.ts'
import { screeningControls } from './controls.ts'
import { type Change, createDirectory, type Directory } from './directory.ts'
import { partnerView, peerView, registeredByPartner } from './network-view.ts'
import { ruleView } from './rule-view.ts'
import { createRuleBook, type RuleBook } from './rules.ts'
import { signalDetail, signalRow } from './signals.ts'

const {
  listPartners,
  getPartner,
  putPartner,
  listPeers,
  getPeer,
  putPeer,
  deletePeer,
  listRules,
  setRuleMode,
  listSignals: listSignalsOperation,
  getSignal,
} = operations

/** Who may speak to us and for whom, by which rules, and what they said. */
export const screeningFunction = defineFunction({
  name: 'screening',
  config: [],
  provides: ['network', 'rules'],
  needs: ['store', 'ledger'],
  controls: screeningControls(s6aRules),
  routes: [
    listPartners,
    getPartner,
    putPartner,
    listPeers,
    getPeer,
    putPeer,
    deletePeer,
    listRules,
    setRuleMode,
    listSignalsOperation,
    getSignal,
  ],
  navigation: [
    { id: 'signalling', path: '/signalling', order: 20 },
    { id: 'partners', path: '/partners', order: 40 },
  ],
  metrics: [{ name: 'simward_rule_mode', kind: 'gauge', help: 'Mode of each rule: 0 off, 1 learn, 2 shadow, 3 active', labels: ['rule'] }],
  async start(ctx) {
    const { store, ledger } = ctx.ports
    const directory = await createDirectory({ store, ledger, clock: ctx.clock })
    const book = await createRuleBook({ store, ledger, clock: ctx.clock, rules: s6aRules })
    ctx.provide('network', directory)
    ctx.provide('rules', book)
    const modes = { off: 0, learn: 1, shadow: 2, active: 3 } as const
    ctx.metrics.collect('simward_rule_mode', () => s6aRules.map(({ id }) => ({ labels: { rule: id }, value: modes[book.modeOf(id)] })))

    const now = (): number => ctx.clock.now()
    servePartners(ctx.serve, directory, ctx.optional, now)
    servePeers(ctx.serve, directory, ctx.optional)
    ctx.serve(listRules, () => whole(book.rules().map((rule) => ruleView(rule, book, ctx.optional))))
    ctx.serve(setRuleMode, async (call) => {
      const { params, body } = call
      await book.setMode(params.id, body.mode, changeBy(call, body.reason))
      return ruleView(ruleById(book, params.id), book, ctx.optional)
    })
    ctx.serve(listSignalsOperation, async ({ query, db }) => {
      const page = await listSignals({ history: historyOf(ctx.optional), db, now: now(), ...query })
      return { ...page, items: page.items.map(signalRow) }
    })
    ctx.serve(getSignal, ({ params, db }) => signalDetail(params.id, { db, history: historyOf(ctx.optional), book, ports: ctx.optional }))
    return {
      async [Symbol.asyncDispose]() {
        await directory.close()
        await book.close()
      },
    }
  },
})

function servePartners(serve: Serve, directory: Directory, ports: Readonly<Partial<Ports>>, now: () => number): void {
  const view = async (id: string, { db }: Pick<Call, 'db'>) => {
    const partner = directory.partners().find((row) => row.id === id)
    if (partner === undefined) throw new OperationError('partner-unknown', 404, `there is no partner ${id}`)
    const registered = (await registeredByPartner(db)).get(id) ?? 0
    return partnerView(partner, { ports, peers: directory.peers(), now: now(), registered })
  }
  serve(listPartners, async ({ db }) => {
    const registered = await registeredByPartner(db)
    const rows = directory
      .partners()
      .map((partner) => partnerView(partner, { ports, peers: directory.peers(), now: now(), registered: registered.get(partner.id) ?? 0 }))
    return whole(rows.toSorted(worstFirst))
  })
  serve(getPartner, (call) => view(call.params.id, call))
  serve(putPartner, async (call) => {
    const { changeReason, ...body } = call.body
    await directory.putPartner({ ...body, id: call.params.id }, changeBy(call, changeReason))
    return await view(call.params.id, call)
  })
}

function servePeers(serve: Serve, directory: Directory, ports: Readonly<Partial<Ports>>): void {
  const view = (id: string) => {
    const peer = directory.peers().find((row) => row.id === id)
    if (peer === undefined) throw new OperationError('peer-unknown', 404, `there is no peer ${id}`)
    return peerView(peer, ports.links?.links() ?? [])
  }
  serve(listPeers, () => whole(directory.peers().map((peer) => peerView(peer, ports.links?.links() ?? []))))
  serve(getPeer, ({ params }) => view(params.id))
  serve(putPeer, async (call) => {
    const { changeReason, ...body } = call.body
    await directory.putPeer({ ...body, id: call.params.id }, changeBy(call, changeReason))
    return view(call.params.id)
  })
  serve(deletePeer, async (call) => {
    await directory.deletePeer(call.params.id, { ...changeBy(call, call.query.reason), isRehearsal: call.isRehearsal })
  })
}

interface HasSuccess {
  name: string
  live: { success: number | null; refused: number }
}

/** Attacked ones, then those that fail most, then those that say nothing. */
function worstFirst(a: HasSuccess, b: HasSuccess): number {
  const badness = ({ live }: HasSuccess): number => (live.refused > 0 ? 2 : 0) + (live.success === null ? 0.5 : 1 - live.success)
  return badness(b) - badness(a) || a.name.localeCompare(b.name)
}

function ruleById(book: RuleBook, id: string) {
  const rule = book.rules().find((row) => row.id === id)
  if (rule === undefined) throw new OperationError('rule-unknown', 404, `there is no rule ${id}`)
  return rule
}

function historyOf(ports: Readonly<Partial<Ports>>) {
  if (ports.history === undefined) throw new OperationError('not-running', 503, 'messages are not recorded in this process')
  return ports.history
}

function changeBy({ identity, address }: Pick<Call, 'identity' | 'address'>, reason: string | undefined): Change {
  return { actor: identity?.personId ?? 'nobody', reason: reason ?? '', address }
}

function whole<T>(items: T[]): { items: T[]; next: null; count: { value: number; capped: false } } {
  return { items, next: null, count: { value: items.length, capped: false } }
}
