import type { NetworkDirectory, SignalEvent } from '#platform/ports.ts'

/** A ULR that passed, of a device abroad, and what the test says of it. */
export function eventOf(over: Partial<SignalEvent>): SignalEvent {
  return {
    id: '00000000-0000-7000-8000-000000000001',
    at: Date.UTC(2026, 0, 1, 12),
    interface: 'S6a',
    operation: 'ULR',
    direction: 'in',
    peerId: 'p',
    partnerId: null,
    originHost: 'mme.example',
    originRealm: 'example',
    visitedPlmn: '001-01',
    imsi: '999700000000001',
    providerId: '00000000-0000-4000-8000-000000000001',
    class: 'standard',
    action: 'allow',
    reason: 'ok',
    ruleId: 'default',
    facts: [],
    shadow: [],
    alert: false,
    resultCode: 2001,
    latencyMs: 1,
    heldMs: 0,
    vectors: 0,
    request: null,
    answer: null,
    ...over,
  }
}

export const partnerId = '00000000-0000-4000-8000-0000000000aa'

/** Two networks of two partners, of which one proves itself. */
export const directory: NetworkDirectory = {
  peers: () => [],
  partners: () => [partner(partnerId, 'Aurelia', '001-01'), partner('00000000-0000-4000-8000-0000000000bb', 'Brenn', '001-02')],
  onChange: () => () => {},
}

function partner(id: string, name: string, plmn: '001-01' | '001-02'): ReturnType<NetworkDirectory['partners']>[number] {
  return {
    id,
    name,
    plmns: [plmn],
    realms: [],
    hosts: [],
    addresses: [],
    nodeNumbers: [],
    location: null,
    via: [],
    topologyHiding: false,
    agreedRate: 50,
    validFrom: 0,
    validUntil: null,
    source: 'test',
    confirmedAt: 0,
    waivers: [],
    equivalentPlmns: [],
    abatement: 'random',
  }
}
