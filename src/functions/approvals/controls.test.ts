import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalPort } from '#platform/approval.ts'
import type { CheckContext } from '#platform/control.ts'
import type { Ports } from '#platform/ports.ts'
import { approvalControls } from './controls.ts'

const now = 1_000_000_000_000

async function statusOf(id: string, ports: object): Promise<string> {
  const control = approvalControls.find((one) => one.id === id)
  assert.ok(control !== undefined)
  const context: CheckContext = { now, ports: ports as Partial<Ports>, config: () => null }
  return (await control.check(context)).status
}

test('receipts are met by one that verified, signed by persons', async () => {
  const approvals = (last: ReturnType<ApprovalPort['receiptCheck']>) => ({ approvals: { receiptCheck: () => last } })
  assert.equal(await statusOf('approval-receipts', {}), 'unknown')
  assert.equal(await statusOf('approval-receipts', approvals(null)), 'offered')
  assert.equal(await statusOf('approval-receipts', approvals({ at: now, ok: false, signed: true })), 'not-met')
  assert.equal(await statusOf('approval-receipts', approvals({ at: now, ok: true, signed: false })), 'unknown')
  assert.equal(await statusOf('approval-receipts', approvals({ at: now, ok: true, signed: true })), 'met')
})

test('human approval is met by what was executed with enough of them, and broken by one without', async () => {
  const ports = (row: object) => ({ approvals: {}, store: { query: async () => ({ rows: [row], affected: 1 }) } })
  assert.equal(await statusOf('human-approval', {}), 'unknown')
  assert.equal(await statusOf('human-approval', ports({ executed: 0n, short: 0n, newest: null })), 'offered')
  assert.equal(await statusOf('human-approval', ports({ executed: 3n, short: 0n, newest: new Date(now) })), 'met')
  assert.equal(await statusOf('human-approval', ports({ executed: 3n, short: 1n, newest: new Date(now) })), 'not-met')
})
