import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackoff } from './backoff.ts'
import { nextPeerState, peerStateTable, winsElection } from './peer-state.ts'

test('one row for each state and event; every state can be reached and left', () => {
  const keys = peerStateTable.map((row) => `${row.from} ${row.event}`)
  assert.equal(new Set(keys).size, keys.length)
  const states = new Set(peerStateTable.map((row) => row.from))
  for (const state of states) {
    assert.ok(
      peerStateTable.some((row) => row.to === state && row.from !== state),
      `${state} is reached`,
    )
    assert.ok(
      peerStateTable.some((row) => row.from === state && row.to !== state),
      `${state} is left`,
    )
  }
  for (const row of peerStateTable) assert.ok(states.has(row.to))
})

test('every state but Closed ends on Stop, Timeout or a lost connection', () => {
  for (const { from } of peerStateTable) {
    if (from === 'Closed') continue
    const ways = ['Stop', 'Timeout', 'I-Peer-Disc', 'R-Peer-Disc'] as const
    assert.ok(
      ways.some((event) => ['Closed', 'Closing'].includes(nextPeerState(from, event)?.to ?? '')),
      from,
    )
  }
})

test('an open state is entered with Open and nothing else is', () => {
  for (const row of peerStateTable) {
    const enters = row.to.endsWith('-Open') && row.from !== row.to
    assert.equal(row.actions.includes('Open'), enters, `${row.from} ${row.event}`)
  }
})

test('the greater identity wins an election, whatever the case; a prefix loses', () => {
  assert.equal(winsElection('b.example', 'a.example'), true)
  assert.equal(winsElection('A.example', 'b.example'), false)
  assert.equal(winsElection('B.example', 'a.example'), true)
  assert.equal(winsElection('a.example.org', 'a.example'), true)
  assert.equal(winsElection('same.example', 'SAME.example'), false)
})

test('pauses double up to the longest, each between half and the whole', () => {
  let random = 0
  const backoff = createBackoff(1000, 5000, () => random)
  assert.deepEqual(
    [backoff.nextMs(), backoff.nextMs(), backoff.nextMs(), backoff.nextMs(), backoff.nextMs()],
    [500, 1000, 2000, 2500, 2500],
  )
  random = 1
  assert.equal(backoff.nextMs(), 5000)
  backoff.reset()
  assert.equal(backoff.nextMs(), 1000)
})
