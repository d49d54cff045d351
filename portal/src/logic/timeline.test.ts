import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SignalRow, TimelineItem } from '../api/types.ts'
import { spacingMs, timelineLines } from './timeline.ts'

const signal = (at: number, over: Partial<SignalRow> = {}): TimelineItem => ({
  id: `s${at}`,
  at,
  lane: 'signalling',
  key: null,
  params: {},
  by: null,
  byName: null,
  signal: {
    id: `s${at}`,
    at,
    interface: 'S6a',
    operation: 'ULR',
    direction: 'in',
    peerId: 'p',
    partnerId: 'brenn',
    partnerName: 'Brenn',
    originHost: 'h',
    originRealm: 'r',
    visitedPlmn: '001-02',
    imsi: '999700000104217',
    providerId: null,
    class: 'standard',
    action: 'reject',
    reason: 'imei-lock',
    ruleId: 'imei-lock',
    facts: [],
    shadow: [],
    alert: true,
    resultCode: 5012,
    latencyMs: 2,
    heldMs: 0,
    vectors: 0,
    ...over,
  },
})
const imposed: TimelineItem = { id: 'i', at: 2, lane: 'policy', key: 'imposed', params: {}, by: 'EIR-2', byName: null, signal: null }

test('repeats collapse, the first of them stays to explain', () => {
  const lines = timelineLines([50, 40, 30, 20, 10].map((s) => signal(s * 1000)).concat(signal(0, { action: 'allow', reason: 'ok' })), 'all')
  assert.deepEqual(
    lines.map((line) => line.items.length),
    [4, 1, 1],
  )
  assert.deepEqual(
    lines.map((line) => line.tone),
    ['ref', 'ref', 'ok'],
  )
  assert.equal(spacingMs(lines[0]?.items ?? []), 10_000)
})

test('other reasons, other networks and long pauses do not collapse', () => {
  const lines = timelineLines([signal(3_600_000), signal(2000), signal(1000, { partnerId: 'estrel' }), signal(0)], 'all')
  assert.equal(lines.length, 4)
})

test('views', () => {
  const items = [signal(3), imposed, signal(1, { action: 'allow', reason: 'ok' })]
  assert.deepEqual(
    timelineLines(items, 'changes').map((line) => line.id),
    ['i'],
  )
  assert.deepEqual(
    timelineLines(items, 'refused').map((line) => line.id),
    ['s3', 'i'],
  )
})
