import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadRequirements } from '#catalogue/requirements.ts'
import type { AdmissionSnapshot } from '#guard/admission-types.ts'
import { s6aRules } from '#guard/rules/s6a.ts'
import type { CheckContext, CheckResult, ControlDefinition } from '#platform/control.ts'
import type { Ports } from '#platform/ports.ts'
import { authenticationControls } from './authentication.ts'
import { checkDefinitions } from './index.ts'
import { loadControls } from './load.ts'
import { subscriptionControls } from './subscriptions.ts'
import { transportControls } from './transport.ts'

const own = [...authenticationControls, ...loadControls, ...subscriptionControls, ...transportControls]
const now = 1_000_000_000
const seen = new Map<string, Set<string>>()

async function check(id: string, ports: Partial<Record<keyof Ports, unknown>>, config: Record<string, unknown> = {}): Promise<CheckResult> {
  const definition = own.find((control) => control.id === id) as ControlDefinition
  const context: CheckContext = { now, ports: ports as Partial<Ports>, config: (key) => config[key] ?? null }
  const result = await definition.check(context)
  // What does not run says nothing of the check.
  if (Object.keys({ ...ports, ...config }).length > 0) seen.set(id, (seen.get(id) ?? new Set()).add(result.status))
  return result
}

const answering = (row: object) => ({ store: { query: async () => ({ rows: [row], affected: 1 }) } })
const statusOf = async (...args: Parameters<typeof check>): Promise<string> => (await check(...args)).status

test('every control names rows of the catalogue, and nothing that is not there', () => {
  checkDefinitions(own, loadRequirements())
  assert.throws(
    () => checkDefinitions([{ ...own[0], wholeFor: ['clp14:9.9-99'] } as ControlDefinition], loadRequirements()),
    /names clp14:9\.9-99, which is not/,
  )
  assert.throws(() => checkDefinitions([own[0], own[0]] as ControlDefinition[], loadRequirements()), /two controls have the id/)
  assert.ok(s6aRules.length > 0)
})

test('what does not run is unknown', async () => {
  for (const { id } of own.filter((control) => control.id !== 'portal-encryption')) assert.equal(await statusOf(id, {}), 'unknown', id)
})

test('authentication is met by vectors in fact given, and grows old', async () => {
  const hss = (lastVectorAt: number | null, MILENAGE = 5, TUAK = 0) => ({
    hss: {
      authentication: () => ({
        vectors: { MILENAGE, TUAK },
        lastVectorAt,
        resynchronised: 0,
        resynchronisationRefused: 0,
        unsealedKeys: 0,
      }),
    },
  })
  assert.equal(await statusOf('authentication', hss(null, 0)), 'unknown')
  assert.equal(await statusOf('authentication', hss(now - 1_000)), 'met')
  assert.equal(await statusOf('authentication', hss(now - 4_000_000)), 'unknown')
  assert.equal(await statusOf('tuak', hss(now)), 'offered')
  assert.equal(await statusOf('tuak', hss(now, 0, 3)), 'met')
})

test('COMP128, or a key that is not sealed, is not met', async () => {
  assert.equal(await statusOf('no-comp128', answering({ batches: 0n, other: null })), 'unknown')
  assert.equal(await statusOf('no-comp128', answering({ batches: 4n, other: null })), 'met')
  assert.equal(await statusOf('no-comp128', answering({ batches: 4n, other: 'COMP128-1' })), 'not-met')
  const sealed = { hss: { authentication: () => ({ unsealedKeys: 0 }) } }
  assert.equal(await statusOf('key-sealing', { ...sealed, ...answering({ keys: 9n, bad: 0n }) }), 'met')
  assert.equal(await statusOf('key-sealing', { ...sealed, ...answering({ keys: 9n, bad: 1n }) }), 'not-met')
  assert.equal(
    await statusOf('key-sealing', { hss: { authentication: () => ({ unsealedKeys: 1 }) }, ...answering({ keys: 9n, bad: 0n }) }),
    'not-met',
  )
})

test('storm admission is met by a storm that was survived, not by quiet', async () => {
  const per = (critical: number) => ({ critical, standard: 0, deferrable: 0 })
  const admission = (over: Partial<AdmissionSnapshot>) => ({
    admission: { snapshot: () => ({ capacityPerSecond: 50, peakCompleted: 50, storm: null, ...over }) },
  })
  const storm = (devices: number, back: number, until: number | null) => ({
    since: 1,
    until,
    devices: per(devices),
    back: per(back),
    p50: per(1),
    p95: per(1),
  })
  assert.equal(await statusOf('storm-admission', admission({})), 'unknown')
  assert.equal(await statusOf('storm-admission', admission({ storm: storm(300, 300, null) })), 'unknown')
  assert.equal(await statusOf('storm-admission', admission({ storm: storm(300, 300, now) })), 'met')
  assert.equal(await statusOf('storm-admission', admission({ storm: storm(300, 299, now) })), 'not-met')
  assert.equal(await statusOf('storm-admission', admission({ peakCompleted: 51, storm: storm(300, 300, now) })), 'not-met')
  assert.equal(await statusOf('storm-admission', admission({ storm: storm(0, 0, now) })), 'unknown')
})

test('critical subscriptions are managed by two, signed and kept', async () => {
  const managed = (receipt: object | null, ledger: object | null = { at: now, ok: true }) => ({
    approvals: { receiptCheck: () => receipt },
    ledgerStatus: { verification: () => ledger },
  })
  const signed = { at: now, ok: true, signed: true }
  assert.equal(await statusOf('critical-management', managed(signed)), 'met')
  assert.equal(await statusOf('critical-management', managed({ ...signed, signed: false })), 'offered')
  assert.equal(await statusOf('critical-management', managed({ ...signed, ok: false })), 'not-met')
  assert.equal(await statusOf('critical-management', managed(signed, { at: now, ok: false })), 'not-met')
  assert.equal(await statusOf('critical-management', managed(null)), 'offered')
})

test('IoT and handset cards are apart where somebody says so', async () => {
  assert.equal(await statusOf('card-segregation', answering({ marked: 2n, mixed: 0n })), 'met')
  assert.equal(await statusOf('card-segregation', answering({ marked: 2n, mixed: 1n })), 'not-met')
  assert.equal(await statusOf('card-segregation', answering({ marked: 0n, mixed: 0n })), 'offered')
})

test('a partition of its own counts only while a process serves it', async () => {
  assert.equal(await statusOf('long-lived-partition', answering({ sims: 3n, served: 3n })), 'met')
  assert.equal(await statusOf('long-lived-partition', answering({ sims: 3n, served: 0n })), 'offered')
  assert.equal(await statusOf('long-lived-partition', answering({ sims: 0n, served: 0n })), 'offered')
})

test('an attach that a person let in proves it for a while', async () => {
  assert.equal(await statusOf('attach-approval', answering({ released: new Date(now - 1_000) })), 'met')
  assert.equal(await statusOf('attach-approval', answering({ released: null })), 'offered')
  assert.equal(await statusOf('attach-approval', answering({ released: new Date(now - 31 * 86_400_000) })), 'offered')
})

test('critical devices that a control stopped count against it; a person’s decision does not', async () => {
  const stopped = (by: string) => answering({ critical: true, stopped: [[{ by }]] })
  assert.equal(await statusOf('critical-protection', answering({ critical: true, stopped: null })), 'met')
  assert.equal(await statusOf('critical-protection', stopped('imei-lock')), 'not-met')
  assert.equal(await statusOf('critical-protection', stopped('01900000-0000-7000-8000-000000000001')), 'met')
  assert.equal(await statusOf('critical-protection', answering({ critical: false, stopped: null })), 'unknown')
})

test('one external link in plain TCP makes the control not met; own links are inside', async () => {
  const link = (peerId: string, tls: object | null, up = true) => ({ peerId, up, tls })
  const ports = (...links: object[]) => ({
    links: { links: () => links },
    network: {
      peers: () => [
        { id: 'ipx', linkClass: 'ipx' },
        { id: 'nat', linkClass: 'national' },
        { id: 'own', linkClass: 'own' },
      ],
    },
  })
  assert.equal(await statusOf('diameter-tls', ports()), 'unknown')
  assert.equal(await statusOf('diameter-tls', ports(link('own', null))), 'unknown')
  assert.equal(await statusOf('diameter-tls', ports(link('ipx', {}), link('own', null))), 'met')
  assert.equal(await statusOf('diameter-tls', ports(link('ipx', {}), link('nat', null))), 'not-met')
  assert.equal(await statusOf('diameter-tls', ports(link('ipx', {}), link('nat', null, false))), 'met')
})

test('ledger and portal', async () => {
  const ledger = (at: number, ok: boolean) => ({ ledgerStatus: { verification: () => ({ at, ok }) } })
  assert.equal(await statusOf('ledger', ledger(now - 10_000, true)), 'met')
  assert.equal(await statusOf('ledger', ledger(now - 10_000, false)), 'not-met')
  assert.equal(await statusOf('ledger', ledger(now - 700_000, true)), 'unknown')
  assert.equal(await statusOf('portal-encryption', {}, { httpTlsCert: '/x.pem' }), 'met')
  assert.equal(await statusOf('portal-encryption', {}, { httpBehindProxy: true }), 'unknown')
  assert.equal(await statusOf('portal-encryption', {}, { httpHost: '127.0.0.1' }), 'not-met')
})

test('classes of devices, use of cards, and second factors', async () => {
  assert.equal(await statusOf('device-priority', answering({ critical: true, others: true })), 'met')
  assert.equal(await statusOf('device-priority', answering({ critical: true, others: false })), 'unknown')
  assert.equal(await statusOf('card-use', answering({ cards: 2n, unsaid: 0n })), 'met')
  assert.equal(await statusOf('card-use', answering({ cards: 2n, unsaid: 1n })), 'not-met')
  const people = (mode: string, single: bigint, claimed = true) => ({
    installation: { mode },
    sessions: { claimed: async () => claimed },
    ...answering({ persons: 2n, single }),
  })
  assert.equal(await statusOf('portal-sign-in', people('open', 0n)), 'met')
  assert.equal(await statusOf('portal-sign-in', people('open', 1n)), 'not-met')
  assert.equal(await statusOf('portal-sign-in', people('open', 0n, false)), 'unknown')
  assert.equal(await statusOf('portal-sign-in', people('demo', 0n)), 'not-applicable')
})

test('each control has been seen met, and seen otherwise', { skip: isFiltered() }, () => {
  const wanting = own.filter(({ id }) => seen.get(id)?.has('met') !== true || seen.get(id)?.size === 1).map(({ id }) => id)
  assert.deepEqual(wanting, [], 'show above what makes it met, and what does not')
})

/** With a name pattern the tests above did not all run. */
function isFiltered(): boolean {
  return process.execArgv.some((argument) => argument.startsWith('--test-name-pattern'))
}
