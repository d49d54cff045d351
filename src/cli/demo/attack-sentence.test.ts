import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attackSentence, resultText } from './attack-sentence.ts'

const forged = {
  claims: 'Estrel claimed to be Aurelia',
  trustingHss: 'moved the registration to Estrel',
  answer: { code: 5012, experimental: false },
  vectors: 0,
  refused: true,
  ruleId: 's6a-network-not-of-partner',
  clp14: '5.6.1-07',
}

test('one sentence says who, what trust would have cost, what came of it, by which rule, for which requirement', () => {
  assert.equal(
    attackSentence(forged),
    'Estrel claimed to be Aurelia; an HSS that trusts its peers would have moved the registration to Estrel; ' +
      'it got 5012 DIAMETER_UNABLE_TO_COMPLY and no vector, refused by rule s6a-network-not-of-partner (CLP.14 5.6.1-07).',
  )
})

test('an attack that passed does not read as one that was refused', () => {
  const passed = attackSentence({ ...forged, refused: false, answer: { code: 2001, experimental: false }, vectors: 1 })
  assert.match(passed, /it got 2001 DIAMETER_SUCCESS and 1 vector, no rule stopped it: s6a-network-not-of-partner did not act/)
  assert.doesNotMatch(passed, /refused/)
})

test('a closed connection, and codes whose name depends on who defined them', () => {
  assert.match(attackSentence({ ...forged, answer: null, ruleId: null }), /no answer and no vector, refused by the connection itself/)
  assert.equal(resultText({ code: 5001, experimental: true }), '5001 DIAMETER_ERROR_USER_UNKNOWN')
  assert.equal(resultText({ code: 5001, experimental: false }), '5001 DIAMETER_AVP_UNSUPPORTED')
  assert.equal(resultText({ code: 7777, experimental: false }), '7777')
})
