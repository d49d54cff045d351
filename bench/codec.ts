import { answerTo, decode, encode, type Message, type MessageOf, requestOf } from '#protocols/diameter/codec.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import type { AvpsOf } from '#protocols/diameter/message.ts'
import { type Bench, type Comparison, interleave, round, timeHere } from './bench.ts'

/**
 * Decoding a request and encoding its answer, per second of one core. The reference is what the engine itself offers for
 * the same values: JSON.parse of the request's and JSON.stringify of the answer's AVPs (octets as hexadecimal text). It
 * checks no grammar, so that 1.0 x means: the wire format, its checks and the Failed-AVP at hand cost no more than JSON.
 */

const variants = 256
const perRound = 100_000
const rounds = 7

export const bench: Bench = {
  name: 'codec',
  summary: 'Diameter requests decoded and answers encoded per second of one core, against JSON.parse and JSON.stringify of the same values',
  async *run() {
    for (const { name, aim, request, answer } of [airAia(), ulrUla()]) {
      const ours = createOurs(request, answer)
      const theirs = createTheirs(request, answer)
      const result = await interleave(
        [timeHere(ours.exchange), timeHere(theirs), timeHere(ours.decode), timeHere(ours.encode)],
        perRound,
        rounds,
      )
      yield { name, aim, ...figures(result), requestOctets: ours.requestOctets, answerOctets: ours.answerOctets }
    }
  },
}

function figures({ rates, rounds: taken }: Comparison) {
  const [both = Number.NaN, reference = Number.NaN, decoded = Number.NaN, encoded = Number.NaN] = rates
  return {
    ours: Math.round(both),
    reference: Math.round(reference),
    ratio: round(both / reference, 3),
    unit: 'exchanges per CPU second',
    referenceIs: 'JSON.parse of the request and JSON.stringify of the answer, same values',
    microseconds: round(1e6 / both, 2),
    decodeMicroseconds: round(1e6 / decoded, 2),
    encodeMicroseconds: round(1e6 / encoded, 2),
    oursByRound: taken[0],
    referenceByRound: taken[1],
  }
}

type MakeRequest = (number: number) => MessageOf<'AIR'> | MessageOf<'ULR'>
type MakeAnswer = (request: Message) => Message

function createOurs(makeRequest: MakeRequest, makeAnswer: MakeAnswer) {
  const requests = Array.from({ length: variants }, (_, i) => encode(diameter, makeRequest(i)))
  const answers = requests.map((octets) => makeAnswer(decode(diameter, octets)))
  // What is made is kept, or the compiler may see that nobody wants it.
  const kept: { octets: Buffer | undefined; message: Message | undefined } = { octets: undefined, message: undefined }
  const at = <T>(list: readonly T[], i: number): T => list[i % variants] as T
  return {
    requestOctets: at(requests, 0).length,
    answerOctets: encode(diameter, at(answers, 0)).length,
    exchange(count: number): void {
      for (let i = 0; i < count; i++) kept.octets = encode(diameter, makeAnswer(decode(diameter, at(requests, i))))
    },
    decode(count: number): void {
      for (let i = 0; i < count; i++) kept.message = decode(diameter, at(requests, i))
    },
    encode(count: number): void {
      for (let i = 0; i < count; i++) kept.octets = encode(diameter, at(answers, i))
    },
  }
}

function createTheirs(makeRequest: MakeRequest, makeAnswer: MakeAnswer): (count: number) => void {
  const hex = (_: string, value: unknown): unknown => {
    const isOctets = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value
    return isOctets ? Buffer.from(value.data as number[]).toString('hex') : value
  }
  const requests = Array.from({ length: variants }, (_, i) => JSON.stringify(makeRequest(i), hex))
  const answers = Array.from({ length: variants }, (_, i): unknown => JSON.parse(JSON.stringify(makeAnswer(makeRequest(i)), hex)))
  const kept: { text: string; message: unknown } = { text: '', message: null }
  return (count) => {
    for (let i = 0; i < count; i++) {
      kept.message = JSON.parse(requests[i % variants] ?? '')
      kept.text = JSON.stringify(answers[i % variants])
    }
  }
}

const home = { host: 'hss.epc.mnc001.mcc001.3gppnetwork.org', realm: 'epc.mnc001.mcc001.3gppnetwork.org' }
const visited = { host: 'mme01.epc.mnc099.mcc999.3gppnetwork.org', realm: 'epc.mnc099.mcc999.3gppnetwork.org' }
const application = { 'Vendor-Id': 10415, 'Auth-Application-Id': 16777251 }
const plmn = Buffer.from('99f999', 'hex')

function fromVisited(number: number) {
  return {
    'Session-Id': `${visited.host};1700000000;${number};s6a`,
    'Vendor-Specific-Application-Id': application,
    'Auth-Session-State': 1,
    'Origin-Host': visited.host,
    'Origin-Realm': visited.realm,
    'Destination-Realm': home.realm,
    'User-Name': `00101${String(number).padStart(10, '0')}`,
    'Visited-PLMN-Id': plmn,
    'Route-Record': ['dra.hub.example'],
  }
}

const fromHome = {
  'Vendor-Specific-Application-Id': application,
  'Result-Code': 2001,
  'Auth-Session-State': 1,
  'Origin-Host': home.host,
  'Origin-Realm': home.realm,
}

interface Case {
  name: string
  aim: string
  request: MakeRequest
  answer: MakeAnswer
}

function airAia(): Case {
  const asked = { 'Number-Of-Requested-Vectors': 1, 'Immediate-Response-Preferred': 0 }
  const octets = (length: number, value: number) => Buffer.alloc(length, value)
  const vector = { 'Item-Number': 1, RAND: octets(16, 1), XRES: octets(8, 2), AUTN: octets(16, 3), KASME: octets(32, 4) }
  return {
    name: 'codec-air',
    aim: 'under 8 microseconds for both',
    request: (number) =>
      requestOf(diameter, 'AIR', { ...fromVisited(number), 'Requested-EUTRAN-Authentication-Info': asked }, { endToEnd: number }),
    answer: (request) => answerTo(request as MessageOf<'AIR'>, { ...fromHome, 'Authentication-Info': { 'E-UTRAN-Vector': [vector] } }),
  }
}

function ulrUla(): Case {
  const subscription = subscriptionData()
  return {
    name: 'codec-ulr',
    aim: 'printed, none set',
    request: (number) =>
      requestOf(
        diameter,
        'ULR',
        {
          ...fromVisited(number),
          'RAT-Type': 1004,
          'ULR-Flags': 34,
          'Terminal-Information': { IMEI: '35693803564380', 'Software-Version': '01' },
        },
        { endToEnd: number },
      ),
    answer: (request) => answerTo(request as MessageOf<'ULR'>, { ...fromHome, 'ULA-Flags': 1, 'Subscription-Data': subscription }),
  }
}

function subscriptionData(): NonNullable<AvpsOf<'ULA'>['Subscription-Data']> {
  const rate = { 'Max-Requested-Bandwidth-UL': 1_000_000, 'Max-Requested-Bandwidth-DL': 1_000_000 }
  const priority = { 'Priority-Level': 9, 'Pre-emption-Capability': 1, 'Pre-emption-Vulnerability': 0 }
  return {
    'Subscriber-Status': 0,
    MSISDN: Buffer.from('99990000000001', 'hex'),
    'Network-Access-Mode': 2,
    'Access-Restriction-Data': 32,
    AMBR: rate,
    'APN-Configuration-Profile': {
      'Context-Identifier': 1,
      'All-APN-Configurations-Included-Indicator': 0,
      'APN-Configuration': [
        {
          'Context-Identifier': 1,
          'PDN-Type': 0,
          'Service-Selection': 'iot.example',
          'EPS-Subscribed-QoS-Profile': { 'QoS-Class-Identifier': 9, 'Allocation-Retention-Priority': priority },
          'VPLMN-Dynamic-Address-Allowed': 0,
          AMBR: rate,
        },
      ],
    },
  }
}
