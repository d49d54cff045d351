import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority } from './authority.ts'

test('an issued certificate chains to its authority, fits its key and carries its names', () => {
  const authority = createAuthority('Test authority', Date.UTC(2026, 0, 1))
  const issued = authority.issue({ commonName: 'hss.example', dnsNames: ['hss.example', 'hss2.example'] })
  const ca = new X509Certificate(authority.ca)
  const certificate = new X509Certificate(issued.cert)
  assert.ok(ca.ca)
  assert.ok(ca.verify(ca.publicKey))
  assert.ok(certificate.checkIssued(ca))
  assert.ok(certificate.verify(ca.publicKey))
  assert.ok(certificate.checkPrivateKey(createPrivateKey(issued.key)))
  assert.equal(certificate.subject, 'CN=hss.example')
  assert.equal(certificate.subjectAltName, 'DNS:hss.example, DNS:hss2.example')
  assert.equal(certificate.validToDate.toISOString(), '2027-01-01T00:00:00.000Z')
  assert.equal(new X509Certificate(authority.issue({ commonName: 'mme.example' }).cert).subjectAltName, undefined)
})
