import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  guardWith,
  imsi,
  known,
  network,
  networkWith,
  now,
  realmOf,
  registration,
  signal,
  subscriber,
  type Told,
} from '../guard.fixture.ts'
import type { Known } from '../known.ts'
import type { Reason } from '../verdict.ts'
import { s6aRules } from './s6a.ts'

interface Example {
  told: Told
  known?: Partial<Known>
}

/** For each rule a message that it stops (or notes), and one as near to it as possible that passes. */
const examples: Readonly<Record<(typeof s6aRules)[number]['id'], { stops: readonly Example[]; passes: readonly Example[] }>> = {
  's6a-rsr-wide': {
    stops: [{ told: { operation: 'RSR', facts: { userIdDigits: 5 } } }, { told: { operation: 'RSR' } }],
    // A Reset for one subscriber is stopped by the next rule.
    passes: [],
  },
  's6a-operation-from-outside': {
    stops: ['CLR', 'IDR', 'DSR']
      .map((operation) => ({ told: { operation } }))
      .concat([{ told: { operation: 'RSR', facts: { userIdDigits: 15 } } as Told & { operation: string } }]),
    passes: [{ told: { operation: 'AIR' } }],
  },
  's6a-unknown-peer': {
    stops: [{ told: { peerId: 'stranger' } }, { told: { peerId: 'gone', originRealm: realmOf.brenn } }],
    passes: [{ told: {} }],
  },
  's6a-own-identity': {
    stops: [
      { told: { originRealm: realmOf.ours } },
      { told: { peerId: 'dra.hub', originHost: `hss.${realmOf.ours}` } },
      { told: { peerId: 'dra.hub', claimed: { routeRecord: [`hss.${realmOf.ours}`] } } },
    ],
    passes: [
      { told: { peerId: 'mme.own', originRealm: realmOf.ours, originHost: `mme9.${realmOf.ours}`, claimed: { visitedPlmn: '999-70' } } },
      { told: { peerId: 'dra.hub', claimed: { routeRecord: [`mme1.${realmOf.aurelia}`] } } },
    ],
  },
  's6a-realm-not-of-peer': {
    stops: [
      { told: { originRealm: realmOf.brenn, claimed: { visitedPlmn: '001-02' } } },
      { told: { peerId: 'dra.hub', originRealm: 'evil.example' } },
    ],
    passes: [{ told: { peerId: 'dra.hub', originRealm: realmOf.brenn, claimed: { visitedPlmn: '001-02' } } }],
  },
  's6a-host-not-under-realm': {
    stops: [
      { told: { peerId: 'dra.hub', originHost: `mme1.${realmOf.brenn}` } },
      { told: { peerId: 'dra.hub', originHost: `evil${realmOf.aurelia}` } },
    ],
    passes: [{ told: { peerId: 'dra.hub', originHost: `a.b.${realmOf.aurelia}` } }],
  },
  's6a-node-speaks-for-another': {
    stops: [{ told: { originHost: `mme2.${realmOf.aurelia}` } }],
    passes: [{ told: { peerId: 'dra.hub', originHost: `mme2.${realmOf.aurelia}` } }],
  },
  's6a-destination-is-origin': {
    stops: [{ told: { claimed: { destinationRealm: realmOf.aurelia } } }],
    passes: [
      { told: { peerId: 'mme.own', originRealm: realmOf.ours, originHost: `mme9.${realmOf.ours}`, claimed: { visitedPlmn: '999-70' } } },
    ],
  },
  's6a-destination-not-ours': {
    stops: [{ told: { claimed: { destinationRealm: realmOf.brenn } } }, { told: { claimed: { destinationHost: `hss9.${realmOf.ours}` } } }],
    passes: [{ told: { claimed: { destinationHost: `hss.${realmOf.ours}` } } }],
  },
  's6a-host-format': {
    stops: [
      { told: { peerId: 'dra.hub', originHost: `bad host.${realmOf.aurelia}` } },
      { told: { peerId: 'dra.hub', originHost: `-x.${realmOf.aurelia}` } },
    ],
    passes: [{ told: {} }],
  },
  's6a-realm-format': {
    stops: [plainRealm({})],
    passes: [{ told: {} }, plainRealm({ waivers: ['realm-format'] })],
  },
  's6a-session-id-format': {
    stops: ['x', 'string-s6a;14083216445971228219;1079880429;12f829a2', ';1;2', 'a;1'].map((sessionId) => ({
      told: { claimed: { sessionId } },
    })),
    passes: [{ told: { claimed: { sessionId: 'x;4294967295;0;optional' } } }],
  },
  's6a-m-bits': {
    stops: [{ told: { facts: { unknownMandatoryAvps: 1 } } }],
    passes: [{ told: { facts: { unknownMandatoryAvps: 1 } }, known: { network: networkWith('aurelia', { waivers: ['m-bits'] }) } }],
  },
  's6a-host-unlisted': {
    stops: [{ told: {}, known: { network: networkWith('aurelia', { hosts: [`mme7.${realmOf.aurelia}`] }) } }],
    passes: [{ told: {}, known: { network: networkWith('aurelia', { hosts: [`MME1.${realmOf.aurelia}`.toUpperCase()] }) } }],
  },
  's6a-overload-report-in-request': {
    stops: [{ told: { facts: { overloadReport: true } } }],
    passes: [{ told: { facts: { overloadControl: true, receivedPriority: 0 } } }],
  },
  's6a-peer-rate': {
    stops: [{ told: {}, known: { peerMessagesLastSecond: 20_001 } }],
    passes: [{ told: {}, known: { peerMessagesLastSecond: 20_000 } }],
  },
  's6a-imsi-format': {
    stops: ['99970', '99970x0000000123', '9997000000001234'].map((text) => ({ told: { imsi: text } })),
    passes: [{ told: {} }],
  },
  's6a-imsi-not-ours': { stops: [{ told: { imsi: '001010000000001' } }], passes: [{ told: {} }] },
  's6a-network-not-of-partner': {
    stops: [
      { told: { claimed: { visitedPlmn: '001-02' } } },
      { told: { operation: 'ULR', claimed: { visitedPlmn: '001-001' } } },
      { told: { peerId: 'mme.own', originRealm: realmOf.ours, originHost: `mme9.${realmOf.ours}` } },
    ],
    passes: [{ told: { claimed: { visitedPlmn: '001-11' } } }],
  },
  's6a-mme-number-foreign': {
    stops: [
      { told: { operation: 'ULR', facts: { mmeNumber: '888222333' } } },
      { told: { operation: 'NOR', facts: { mmeNumber: 'not digits' } }, known: { registration: registration() } },
    ],
    passes: [{ told: { operation: 'ULR', facts: { mmeNumber: '999111000001' } } }],
  },
  's6a-partner-not-valid': {
    stops: [
      { told: {}, known: { network: networkWith('aurelia', { validUntil: now }) } },
      { told: {}, known: { network: networkWith('aurelia', { validFrom: now + 1 }) } },
    ],
    passes: [{ told: {}, known: { network: networkWith('aurelia', { validFrom: now, validUntil: now + 1 }) } }],
  },
  's6a-store-unavailable': { stops: [{ told: {}, known: { subscriber: 'unavailable' } }], passes: [{ told: {} }] },
  's6a-imsi-enumeration': {
    stops: [{ told: {}, known: { subscriber: 'absent', absentLastMinute: 601 } }],
    passes: [{ told: {}, known: { absentLastMinute: 601 } }],
  },
  's6a-unknown-subscriber': { stops: [{ told: {}, known: { subscriber: 'absent' } }], passes: [{ told: {} }] },
  's6a-utran-vectors': { stops: [{ told: { facts: { requestedUtranVectors: 1 } } }], passes: [{ told: {} }] },
  's6a-too-many-vectors': {
    stops: [{ told: { facts: { requestedVectors: 33 } } }],
    passes: [{ told: { facts: { requestedVectors: 32 } } }],
  },
  's6a-vectors-trimmed': { stops: [{ told: { facts: { requestedVectors: 6 } } }], passes: [{ told: { facts: { requestedVectors: 5 } } }] },
  's6a-vector-cap': {
    stops: [
      { told: {}, known: { vectorsLastHour: 120 } },
      { told: { facts: { requestedVectors: 5 } }, known: { vectorsLastHour: 116 } },
    ],
    passes: [{ told: { facts: { requestedVectors: 5 } }, known: { vectorsLastHour: 115 } }],
  },
  's6a-ulr-pumping': {
    stops: [{ told: { operation: 'ULR' }, known: { refusedUlrsLastHour: 61 } }],
    passes: [{ told: { operation: 'ULR' }, known: { refusedUlrsLastHour: 30 } }],
  },
  's6a-travel': {
    stops: [travelled(10)],
    passes: [
      travelled(600),
      { told: { operation: 'ULR' }, known: { network: networkWith('aurelia', { location: null }), ...travelled(10).known } },
    ],
  },
  's6a-ulr-out-of-sequence': {
    stops: [
      { told: { operation: 'ULR' }, known: { givenTo: [] } },
      {
        told: { operation: 'ULR' },
        known: { givenTo: ['001-02'], registration: registration({ visitedPlmn: '001-02', partnerId: 'brenn' }) },
      },
      { told: { operation: 'ULR', facts: { initialAttach: false } }, known: { givenTo: [] } },
    ],
    passes: [
      { told: { operation: 'ULR' }, known: { givenTo: ['001-11'] } },
      { told: { operation: 'ULR' }, known: { givenTo: [], registration: registration() } },
    ],
  },
  's6a-ulr-challenge': {
    stops: [
      {
        told: { operation: 'ULR', facts: { initialAttach: false } },
        known: { givenTo: ['001-02'], registration: registration({ visitedPlmn: '001-02', partnerId: 'brenn' }) },
      },
    ],
    passes: [{ told: { operation: 'ULR', facts: { initialAttach: false } }, known: { registration: registration() } }],
  },
  's6a-nor-not-serving-node': {
    stops: [
      { told: { operation: 'NOR' } },
      { told: { operation: 'NOR' }, known: { registration: registration({ mmeHost: `mme2.${realmOf.aurelia}` }) } },
    ],
    passes: [{ told: { operation: 'NOR' }, known: { registration: registration({ mmeHost: `MME1.${realmOf.aurelia}` }) } }],
  },
  's6a-pur-not-serving-node': {
    stops: [
      { told: { operation: 'PUR' } },
      { told: { operation: 'PUR' }, known: { registration: registration({ mmeHost: `mme2.${realmOf.aurelia}` }) } },
    ],
    passes: [{ told: { operation: 'PUR' }, known: { registration: registration() } }],
  },
  's6a-retired': { stops: [effective('retired')], passes: [{ told: {} }] },
  's6a-suspended': { stops: [effective('suspended'), effective('inventory'), effective('quota')], passes: [{ told: {} }] },
  's6a-held': { stops: [effective('held')], passes: [{ told: {} }] },
  's6a-imei-lock-imposed': { stops: [effective('imei-lock')], passes: [{ told: {} }] },
  's6a-roaming-area': {
    stops: [area({ kind: 'partners', partnerIds: ['brenn'] }), area({ kind: 'home-only' })],
    passes: [area({ kind: 'partners', partnerIds: ['aurelia'] }), area({ kind: 'home-only' }, ['001-01'])],
  },
  's6a-imei-lock': {
    stops: [{ told: { operation: 'ULR', imei: '35693803564381' }, known: locked('35693803564380') }],
    passes: [
      { told: { operation: 'ULR', imei: '35693803564380' }, known: locked('35693803564380') },
      { told: { operation: 'ULR' }, known: locked('35693803564380') },
      { told: { operation: 'ULR', imei: '35693803564381' }, known: locked(null) },
    ],
  },
}

function travelled(minutes: number): Example {
  const far = registration({ visitedPlmn: '001-04', partnerId: 'dorvik', registeredAt: now - minutes * 60_000 })
  return { told: { operation: 'ULR' }, known: { registration: far } }
}

function effective(because: 'retired' | 'suspended' | 'inventory' | 'quota' | 'held' | 'imei-lock'): Example {
  return {
    told: {},
    known: { subscriber: subscriber({ effective: { canConnect: false, because, permanent: because === 'retired', by: 'test' } }) },
  }
}

function area(roamingArea: ReturnType<typeof subscriber>['profile']['roamingArea'], equivalentPlmns: readonly '001-01'[] = []): Example {
  return { told: {}, known: { subscriber: subscriber({ profile: { roamingArea, imeiLock: false, equivalentPlmns } }) } }
}

function locked(lockedImei: string | null): Partial<Known> {
  return { subscriber: subscriber({ lockedImei, profile: { roamingArea: { kind: 'anywhere' }, imeiLock: true, equivalentPlmns: [] } }) }
}

function plainRealm(change: { waivers?: readonly ['realm-format'] }): Example {
  const index = networkWith('aurelia', { realms: ['lab.example'], ...change })
  return { told: { peerId: 'dra.hub', originRealm: 'lab.example', index }, known: { network: index } }
}

function judge({ told, known: change }: Example, modes: Parameters<typeof guardWith>[0] = {}) {
  return guardWith(modes).judge(signal({ ...(change?.network === undefined ? {} : { index: change.network }), ...told }), known(change))
}

describe('every S6a rule', () => {
  for (const rule of s6aRules) {
    test(`${rule.id}: stops what it says, passes its neighbour`, () => {
      const { stops, passes } = examples[rule.id]
      for (const example of stops) {
        const verdict = judge(example, { [rule.id]: 'active' })
        assert.equal(verdict.ruleId, rule.id, JSON.stringify(example.told))
        assert.equal(verdict.action, rule.action)
        assert.equal(verdict.reason, rule.reason)
        assert.ok(verdict.facts.length > 0, 'a verdict shows the facts that it rests on')
        const asShadow = judge(example, { [rule.id]: 'shadow' })
        assert.ok(asShadow.shadow.some(({ ruleId }) => ruleId === rule.id))
        assert.notEqual(asShadow.ruleId, rule.id)
        assert.ok(!judge(example, { [rule.id]: 'off' }).shadow.some(({ ruleId }) => ruleId === rule.id))
      }
      for (const example of passes) {
        const verdict = judge(example, { [rule.id]: 'active' })
        assert.equal(verdict.action, 'allow', `${verdict.ruleId} stopped ${JSON.stringify(example.told)}`)
        assert.notEqual(verdict.ruleId, rule.id)
      }
    })
  }
})

test('several parts of one format may be wrong: each waiver is needed, and each use is recorded', () => {
  const odd = { realms: ['string'], waivers: ['host-format', 'realm-format', 'session-id-format'] } as const
  const told: Told = {
    peerId: 'dra.hub',
    originRealm: 'string',
    originHost: 'string',
    claimed: { sessionId: 'string-s6a;14083216445971228219;1;x' },
  }
  const all = judge({ told, known: { network: networkWith('aurelia', odd) } })
  assert.equal(all.action, 'allow')
  assert.deepEqual(all.shadow.map(({ ruleId }) => ruleId).sort(), ['s6a-host-format', 's6a-realm-format', 's6a-session-id-format'])
  for (const waiver of odd.waivers) {
    const fewer = odd.waivers.filter((kept) => kept !== waiver)
    const verdict = judge({ told, known: { network: networkWith('aurelia', { ...odd, waivers: fewer }) } })
    assert.equal(verdict.ruleId, `s6a-${waiver}`)
  }
})

/** What live networks do, however odd it looks. */
describe('legitimate flows pass', () => {
  const ulr = (told: Told = {}): Told => ({ operation: 'ULR', ...told, facts: { initialAttach: false, ...told.facts } })
  const atBrenn = registration({ visitedPlmn: '001-02', partnerId: 'brenn', mmeHost: `mme1.${realmOf.brenn}`, mmeRealm: realmOf.brenn })
  const hidden = { peerId: 'dra.hub', originRealm: realmOf.dorvik, claimed: { visitedPlmn: '001-04' } } as const
  const atDorvik = registration({
    visitedPlmn: '001-04',
    partnerId: 'dorvik',
    mmeHost: `mme-pool-a.${realmOf.dorvik}`,
    mmeRealm: realmOf.dorvik,
  })
  const flows: Readonly<Record<string, Example>> = {
    'first attach: vectors, then the update': { told: { operation: 'ULR' }, known: { givenTo: ['001-01'] } },
    'update within the network over S10, no vectors asked': {
      told: ulr({ peerId: 'dra.hub', originHost: `mme2.${realmOf.aurelia}` }),
      known: { givenTo: [], registration: registration() },
    },
    'update into an equivalent PLMN over S10': {
      told: ulr({ claimed: { visitedPlmn: '001-11' } }),
      known: { givenTo: [], registration: registration() },
    },
    'MME restart: the same node registers again without vectors': { told: ulr(), known: { givenTo: [], registration: registration() } },
    'after a purge the same network comes back with stored vectors': {
      told: ulr(),
      known: { givenTo: [], registration: registration({ purged: true }) },
    },
    'two MMEs of one network race': {
      told: { operation: 'ULR', peerId: 'dra.hub', originHost: `mme3.${realmOf.aurelia}` },
      known: { registration: registration() },
    },
    'a hub carries many realms': { told: { peerId: 'dra.hub', originRealm: realmOf.brenn, claimed: { visitedPlmn: '001-02' } } },
    'a hidden MME shows another name': {
      told: { ...hidden, operation: 'NOR', originHost: `mme-pool-b.${realmOf.dorvik}` },
      known: { registration: atDorvik },
    },
    'a hidden MME registers under another name': {
      told: ulr({ ...hidden, originHost: `mme-pool-c.${realmOf.dorvik}` }),
      known: { givenTo: [], registration: atDorvik },
    },
    'shared network: the PLMN of the other sharer': { told: { claimed: { visitedPlmn: '001-11' } } },
    'a border is crossed every minute': {
      told: { operation: 'ULR' },
      known: { givenTo: ['001-02', '001-01'], registration: { ...atBrenn, registeredAt: now - 60_000 } },
    },
    'stored vectors, ten days old': { told: ulr(), known: { givenTo: ['001-01'], registration: null } },
    'another IMSI of the same card': { told: { imsi: '999700000000999' }, known: { subscriber: subscriber({ imsi: '999700000000999' }) } },
    'the IMEISV changed after an update': { told: { operation: 'ULR', imei: '35693803564380' }, known: locked('35693803564380') },
    'no IMEI signalled': { told: { operation: 'ULR' }, known: locked('35693803564380') },
    'a partner that renumbered its hosts': { told: {}, known: { network: networkWith('aurelia', { hosts: [`old.${realmOf.aurelia}`] }) } },
    'no Route-Record, no Destination-Host': { told: { peerId: 'dra.hub' } },
    'cut-over day: nobody has a history': { told: { operation: 'ULR' }, known: { givenTo: [], cutOverComplete: false } },
  }
  for (const [name, example] of Object.entries(flows)) {
    test(name, () => {
      const verdict = judge(example)
      assert.equal(verdict.action, 'allow', `${verdict.ruleId}: ${JSON.stringify(verdict.facts)}`)
    })
  }

  test('cut-over day is recorded', () => {
    const verdict = judge({ told: { operation: 'ULR' }, known: { givenTo: [], cutOverComplete: false } })
    assert.deepEqual(
      verdict.shadow.map(({ ruleId }) => ruleId),
      ['s6a-ulr-out-of-sequence', 's6a-ulr-challenge'],
    )
  })

  test('an update across networks over S10 is asked about, not refused', () => {
    const verdict = judge({ told: ulr(), known: { givenTo: ['001-02'], registration: atBrenn } })
    assert.equal(verdict.action, 'challenge')
  })
})

describe('attacks are refused, whatever the class of the subscription', () => {
  const victim = registration({ mmeHost: `mme1.${realmOf.brenn}`, mmeRealm: realmOf.brenn, visitedPlmn: '001-02', partnerId: 'brenn' })
  const stolen: Partial<Known> = { registration: victim, givenTo: ['001-02'] }
  const attacks: Readonly<Record<string, { example: Example; reason: Reason }>> = {
    'location by IDR': { example: { told: { operation: 'IDR' }, known: stolen }, reason: 'operation-from-outside' },
    'cut off by CLR': { example: { told: { operation: 'CLR' }, known: stolen }, reason: 'operation-from-outside' },
    'strip by DSR': { example: { told: { operation: 'DSR' }, known: stolen }, reason: 'operation-from-outside' },
    'reset of all': {
      example: { told: { operation: 'RSR', facts: { userIdDigits: 5 } }, known: stolen },
      reason: 'operation-from-outside',
    },
    'forged ULR to draw messages and our CLR': { example: { told: { operation: 'ULR' }, known: stolen }, reason: 'out-of-sequence' },
    'forged ULR in the name of the real network': {
      example: { told: { operation: 'ULR', originRealm: realmOf.brenn, claimed: { visitedPlmn: '001-02' } }, known: stolen },
      reason: 'forged-realm',
    },
    'vectors for a network that is not the partner': {
      example: { told: { claimed: { visitedPlmn: '001-02' } }, known: stolen },
      reason: 'forged-network',
    },
    'vectors in bulk': { example: { told: { facts: { requestedVectors: 64 } }, known: stolen }, reason: 'vector-cap' },
    'vectors in a loop': { example: { told: {}, known: { ...stolen, vectorsLastHour: 120 } }, reason: 'vector-cap' },
    'vectors without separation bit': {
      example: { told: { facts: { requestedUtranVectors: 1 } }, known: stolen },
      reason: 'separation-bit',
    },
    'purge by a stranger': { example: { told: { operation: 'PUR' }, known: stolen }, reason: 'not-registered-node' },
    'notify by a stranger': { example: { told: { operation: 'NOR' }, known: stolen }, reason: 'not-registered-node' },
    'messages drawn by ULR': { example: { told: { operation: 'ULR', facts: { mmeNumber: '888' } } }, reason: 'forged-network' },
    'messages drawn by NOR': {
      example: { told: { operation: 'NOR', facts: { mmeNumber: '888' } }, known: { registration: registration() } },
      reason: 'forged-network',
    },
    'S6c over the S6a link': { example: { told: { operation: '16777312/8388647' } }, reason: 'operation-from-outside' },
    'our own name from outside': {
      example: { told: { peerId: 'dra.hub', originRealm: realmOf.ours, originHost: `hss.${realmOf.ours}` } },
      reason: 'own-identity-from-outside',
    },
    'a host under another realm': { example: { told: { peerId: 'dra.hub', originHost: `mme1.${realmOf.brenn}` } }, reason: 'forged-host' },
    'an unlisted peer': { example: { told: { peerId: 'stranger' } }, reason: 'unknown-peer' },
    'IMSIs tried out': { example: { told: {}, known: { subscriber: 'absent', absentLastMinute: 700 } }, reason: 'rate-cap' },
    'counters pumped by refused ULRs': { example: { told: { operation: 'ULR' }, known: { refusedUlrsLastHour: 100 } }, reason: 'rate-cap' },
  }
  for (const [name, { example, reason }] of Object.entries(attacks)) {
    for (const ofClass of ['standard', 'critical'] as const) {
      test(`${name} (${ofClass})`, () => {
        const victimOf = example.known?.subscriber ?? subscriber({ class: ofClass })
        const verdict = judge({ ...example, known: { ...example.known, subscriber: victimOf } })
        assert.equal(verdict.action, 'reject', verdict.ruleId)
        assert.equal(verdict.reason, reason)
      })
    }
  }

  test('a report of overload in a request is noted and has no effect', () => {
    const verdict = judge({ told: { facts: { overloadReport: true, receivedPriority: 0 } } })
    assert.deepEqual([verdict.action, verdict.ruleId, verdict.alert], ['allow', 's6a-overload-report-in-request', true])
  })
})

test('no rule gives a sticky reason for what a peer says', () => {
  const sticky: readonly Reason[] = ['unknown-subscriber', 'not-subscribed', 'outside-roaming-area', 'banned']
  const rows = s6aRules.filter(({ reason }) => sticky.includes(reason)).map(({ id }) => id)
  assert.deepEqual(rows, ['s6a-unknown-subscriber', 's6a-retired', 's6a-roaming-area'])
})

test('the world of the tests is as it says', () => {
  assert.equal(network.plmnOfImsi(imsi), '999-70')
})
