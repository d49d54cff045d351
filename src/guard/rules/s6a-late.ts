import type { Rule } from '../rule.ts'

/**
 * Rules whose event is seen later than the request: by a link, the authentication centre, admission control or a
 * challenged node. `judgeLate` judges one row with what that place found, named in `signal.facts`.
 */
const answers = ['AIA', 'ULA', 'PUA', 'NOA', 'CLA', 'IDA', 'DSA', 'RSA'] as const
const row = { interface: 'S6a', alert: true, defaultMode: 'active' } as const

export const s6aLateRules = [
  {
    ...row,
    id: 's6a-answer-unsolicited',
    operations: answers,
    when: { fact: 'answerExpected', is: false },
    action: 'drop',
    reason: 'unsolicited-answer',
    control: 'signalling-screening',
    says: 'An answer came that nobody asked for, or too late; it is dropped.',
    spec: 'RFC 6733 §6.2.1',
  },
  {
    ...row,
    id: 's6a-answer-altered',
    operations: answers,
    when: { fact: 'answerUnaltered', is: false },
    action: 'drop',
    reason: 'unsolicited-answer',
    control: 'signalling-screening',
    says: 'An answer differs from the request in its origin, session or command; it is dropped.',
    spec: 'RFC 6733 §6.2.1, §8.8',
  },
  {
    ...row,
    id: 's6a-auts',
    operations: ['AIR'],
    when: { fact: 'autsFresh', is: false },
    action: 'reject',
    reason: 'replay',
    control: 'vector-protection',
    says: 'A resynchronisation is forged or was sent before; the sequence number stays as it is.',
    spec: 'TS 33.102 §6.3.5',
  },
  {
    ...row,
    id: 's6a-ulr-challenged',
    operations: ['ULR'],
    when: {
      any: [
        { fact: 'oldNode', is: 'present' },
        {
          all: [
            { fact: 'oldNode', is: 'silent' },
            { fact: 'travelPlausible', is: false },
          ],
        },
      ],
    },
    action: 'reject',
    learnsUntilCutOver: true,
    reason: 'out-of-sequence',
    control: 'signalling-sequence',
    says: 'The old node still serves the device, or is silent and the way is too far.',
    spec: 'TS 29.272 §5.2.2.1',
  },
  {
    ...row,
    id: 's6a-admission',
    operations: ['AIR', 'ULR'],
    when: { not: { fact: 'admitted', is: 'yes' } },
    action: 'reject',
    alert: false,
    reason: 'storm',
    control: 'storm-control',
    says: 'More devices ask than there is capacity for; this one is to come back later.',
    spec: 'TS 24.301 §5.5.1.2.6, CLP.14 §5.10',
  },
] as const satisfies readonly Rule[]

/** Throws where there is no such row: a programmer's fault. */
export function lateRule(id: string): Rule {
  const found = s6aLateRules.find((rule) => rule.id === id)
  if (found === undefined) throw new Error(`no late rule ${id}`)
  return found
}
