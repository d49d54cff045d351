import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptedStep, hotp, otpauthUrl, toBase32, totp } from './totp.ts'

const secret = Buffer.from('12345678901234567890')

test('the vectors of RFC 4226 Appendix D and RFC 6238 Appendix B (SHA-1)', () => {
  const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489']
  for (const [counter, code] of codes.entries()) assert.equal(hotp(secret, counter), code)
  const times: [number, string][] = [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ]
  for (const [seconds, code] of times) assert.equal(totp(secret, seconds * 1000, 8), code)
})

test('a code is good one step around now, and once', () => {
  const now = 1_700_000_000_000
  const step = acceptedStep(secret, totp(secret, now), now, 0)
  assert.ok(step !== null)
  assert.equal(acceptedStep(secret, totp(secret, now), now, step), null)
  assert.notEqual(acceptedStep(secret, totp(secret, now - 30_000), now, 0), null)
  assert.equal(acceptedStep(secret, totp(secret, now - 90_000), now, 0), null)
  assert.equal(acceptedStep(secret, '', now, 0), null)
})

test('the secret as apps take it (RFC 4648 §10)', () => {
  assert.equal(toBase32(Buffer.from('foobar')), 'MZXW6YTBOI')
  assert.equal(toBase32(Buffer.from('fooba')), 'MZXW6YTB')
  assert.match(otpauthUrl(secret, 'Halden IoT', 'ada'), /^otpauth:\/\/totp\/Halden%20IoT:ada\?secret=GEZDGNBV.*&issuer=Halden%20IoT$/)
})
