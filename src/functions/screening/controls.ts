import type { Rule } from '#guard/rule.ts'
import type { ControlDefinition } from '#platform/control.ts'
import { type RuleControlRow, ruleControl } from '#platform/rule-control.ts'

const onlyS6a = 'Diameter S6a only: what comes by MAP or GTP passes elsewhere and is not seen here.'

/** The controls that screening rules name. */
const rows: readonly RuleControlRow[] = [
  {
    id: 'signalling-screening',
    wholeFor: ['clp14:5.6-04'],
    partOf: ['clp14:5.6.1-06', 'clp14:5.6.1-07', 'clp14:3-05'],
    how: 'Every request is judged by these rules before the subscriber is looked up; one that claims what its link does not prove is refused.',
    limits: onlyS6a,
  },
  {
    id: 'peer-authorisation',
    wholeFor: ['clp14:5.6-04'],
    partOf: ['clp14:3-02', 'clp14:3-03', 'clp14:5.6.1-07'],
    how: 'A connection serves only what its peer row allows; nobody is let in who is not on record.',
    limits: 'Without TLS a peer is known by its address and name only; see the control diameter-tls.',
  },
  {
    id: 'partner-data',
    wholeFor: [],
    partOf: ['clp14:5.6.1-07', 'clp14:5.8.3-04'],
    how: 'The partner must be in force, and its nodes be those that it lists.',
    limits: 'As good as the partner’s own data; each partner shows its age.',
  },
  {
    id: 'signalling-rate',
    wholeFor: ['clp14:5.6-03'],
    partOf: ['clp14:5.6-05', 'clp14:5.8.3-08'],
    how: 'Rates per peer, per partner and per subscriber, above which messages are refused.',
    limits: onlyS6a,
  },
  {
    id: 'signalling-sequence',
    wholeFor: [],
    partOf: ['clp14:5.6.1-07', 'clp14:3.1-03'],
    how: 'A network that never got vectors for a subscriber cannot move its registration there; notifications count only from the serving node.',
    limits: 'Only learns until the cut-over is complete.',
  },
  {
    id: 'signalling-availability',
    wholeFor: [],
    partOf: ['clp14:5.6-03'],
    how: 'While the store cannot say whether a subscriber exists, devices are told to try again, never that they are unknown.',
    limits: null,
  },
  {
    id: 'subscription-state',
    wholeFor: [],
    partOf: ['clp14:3-03', 'clp14:5.1-02'],
    how: 'Only subscriptions that are meant to connect and that no control stopped are served.',
    limits: null,
  },
  {
    id: 'vector-protection',
    wholeFor: ['clp14:5.6-04'],
    partOf: ['clp14:3.1-03', 'clp14:5.2.4-05'],
    how: 'Authentication vectors go only to the network that asks over its own link, few at a time, with the separation bit that the interface needs.',
    limits: onlyS6a,
  },
  {
    id: 'roaming-area',
    wholeFor: [],
    partOf: ['clp14:5.8.3-04', 'clp14:5.1-02'],
    how: 'A subscription is served only in the networks that its profile names.',
    limits: null,
  },
  {
    id: 'imei-lock',
    wholeFor: [],
    partOf: ['clp14:3.1-03'],
    how: 'A card whose profile binds it to a device is refused in another one, when the visited network reports the device.',
    limits: 'Visited networks often leave the IMEI out; an absent one is no mismatch.',
  },
]

/** One control for each group of rules. */
export function screeningControls(rules: readonly Rule[]): readonly ControlDefinition[] {
  return rows.map((row) => ruleControl(row, rules))
}
