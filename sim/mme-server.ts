import { type Plmn, plmnToBytes } from '#core/bcd.ts'
import type { Clock } from '#core/clock.ts'
import { answerTo, type Message, type MessageOf } from '#protocols/diameter/codec.ts'
import type { AvpsOf, ValueOf } from '#protocols/diameter/dict/all.ts'
import type { RequestHandler } from './transport.ts'

/** What an MME answers to the home network: CLR, IDR, DSR, RSR (TS 29.272 §5.2.1.2, §5.2.2, §5.2.4). */

export interface MmeContext {
  /** Wall time, ms. */
  registeredAt: number
  plmn: Plmn
  /** Access points of its profile. Names only: the octets of a message are not kept. */
  apns: readonly string[]
  /** A Reset came: at the device's next activity the MME updates the HSS (TS 29.272 §5.2.4.1.2). */
  restorationNeeded: boolean
  /** The device went to another MME over S10; this one waits for the CLR (TS 23.401 §5.3.3.1). */
  handedOver: boolean
}

/** One request from the home network. */
export interface Received {
  /** Wall time, ms. */
  at: number
  command: string
  imsi: string
  originHost: string
}

const receivedKept = 256

/** IDR-Flags (TS 29.272 §7.3.103). */
const idrFlags = { userState: 4, location: 8 } as const

/** User-State (TS 29.272 §7.3.114). */
const userStates = { detached: 0, reachable: 2 } as const

export interface MmeServerOptions {
  host: string
  realm: string
  plmn: Plmn
  clock: Clock
  contexts: Map<string, MmeContext>
  received: Received[]
  onCancelled?: ((imsi: string, cancellationType: number) => void) | undefined
}

export function createMmeServer(options: MmeServerOptions): RequestHandler {
  const { contexts, received, clock } = options
  const origin = { 'Origin-Host': options.host, 'Origin-Realm': options.realm, 'Auth-Session-State': 1 }
  const done = { ...origin, 'Result-Code': 2001 }
  // DIAMETER_ERROR_USER_UNKNOWN: not registered here (TS 29.272 §7.4.3.1).
  const unknown = { ...origin, 'Experimental-Result': { 'Vendor-Id': 10415, 'Experimental-Result-Code': 5001 } }

  const answers = {
    CLR(request: MessageOf<'CLR'>): Message {
      const imsi = request.avps['User-Name']
      if (contexts.delete(imsi)) options.onCancelled?.(imsi, request.avps['Cancellation-Type'])
      // An IMSI that is not known here is a success too (TS 29.272 §5.2.1.2.2).
      return answerTo(request, done)
    },
    IDR(request: MessageOf<'IDR'>): Message {
      const context = contexts.get(request.avps['User-Name'])
      if (context === undefined) return answerTo(request, unknown)
      const apns = apnsOf(request.avps['Subscription-Data'])
      if (apns.length > 0) context.apns = apns
      const flags = request.avps['IDR-Flags'] ?? 0
      return answerTo(request, {
        ...done,
        ...((flags & idrFlags.userState) === 0 ? {} : userState(context.handedOver ? userStates.detached : userStates.reachable)),
        ...((flags & idrFlags.location) === 0 || context.handedOver ? {} : location(options.plmn)),
      })
    },
    DSR(request: MessageOf<'DSR'>): Message {
      return answerTo(request, contexts.has(request.avps['User-Name']) ? done : unknown)
    },
    RSR(request: MessageOf<'RSR'>): Message {
      const prefixes = request.avps['User-Id'] ?? []
      for (const [imsi, context] of contexts) {
        if (prefixes.length === 0 || prefixes.some((prefix) => imsi.startsWith(prefix))) context.restorationNeeded = true
      }
      return answerTo(request, done)
    },
  }

  return (request, respond) => {
    const avps = request.avps as { readonly 'User-Name'?: string; readonly 'Origin-Host'?: string }
    received.push({ at: clock.now(), command: request.command, imsi: avps['User-Name'] ?? '', originHost: avps['Origin-Host'] ?? '' })
    if (received.length > receivedKept) received.shift()
    switch (request.command) {
      case 'CLR':
        return respond(answers.CLR(request))
      case 'IDR':
        return respond(answers.IDR(request))
      case 'DSR':
        return respond(answers.DSR(request))
      case 'RSR':
        return respond(answers.RSR(request))
      default:
        return respond(null)
    }
  }
}

export function apnsOf(profile: ValueOf<'Subscription-Data'> | undefined): readonly string[] {
  return (profile?.['APN-Configuration-Profile']?.['APN-Configuration'] ?? []).map((each) => each['Service-Selection'])
}

function userState(state: number): Pick<AvpsOf<'IDA'>, 'EPS-User-State'> {
  return { 'EPS-User-State': { 'MME-User-State': { 'User-State': state } } }
}

/** Tracking area 1 and cell 1 of the network (TS 29.272 §7.3.117, §7.3.118). */
function location(plmn: Plmn): Pick<AvpsOf<'IDA'>, 'EPS-Location-Information'> {
  const octets = plmnToBytes(plmn)
  return {
    'EPS-Location-Information': {
      'MME-Location-Information': {
        'E-UTRAN-Cell-Global-Identity': Buffer.concat([octets, Buffer.of(0, 0, 0, 1)]),
        'Tracking-Area-Identity': Buffer.concat([octets, Buffer.of(0, 1)]),
        'Age-Of-Location-Information': 0,
      },
    },
  }
}
