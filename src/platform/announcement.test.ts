import assert from 'node:assert/strict'
import { test } from 'node:test'
import { announcementsOf, readAnnouncement, readReport, type Told, writeAnnouncement, writeProgress, writeReport } from './announcement.ts'

const id = '01936b2e-5e4c-7d2a-8b1f-0123456789ab'
const imsis = Array.from({ length: 600 }, (_, i) => `9997000${String(i).padStart(8, '0')}`)

test('announcements come back as they were written, a bare IMSI among them', () => {
  for (const announcement of [
    { id, tell: true, imsis },
    { id: null, tell: true, imsis: imsis.slice(0, 3) },
    { id: null, tell: false, imsis },
  ]) {
    assert.deepEqual(readAnnouncement(writeAnnouncement(announcement)), announcement)
  }
  assert.deepEqual(readAnnouncement('999700000000001'), { id: null, tell: true, imsis: ['999700000000001'] })
})

test('what is announced at once fits a notification, its report as well', () => {
  const parts = announcementsOf(imsis)
  assert.deepEqual(parts.flat(), imsis)
  for (const part of parts) {
    const told = part.map(
      (imsi, i): Told => ({ imsi, outcome: 'failed', operation: 'CLR', resultCode: 5012, at: 1_767_268_800_000 + i * 90_000 }),
    )
    const payloads = [writeAnnouncement({ id, tell: true, imsis: part }), writeReport({ id, told })]
    for (const payload of payloads) assert.ok(payload.length < 8_000, String(payload.length))
    assert.deepEqual(readReport(payloads[1] ?? ''), { id, told })
  }
})

test('progress names what is under way; nonsense says nothing of anybody', () => {
  assert.deepEqual(readReport(writeProgress([id, 'b'])), { underWay: [id, 'b'] })
  assert.deepEqual(readReport('x!12!hello,999700000000001:y,'), { id: 'x', told: [] })
})
