import type { Admission } from '#guard/admission-types.ts'
import { type DiameterAnswer, overloadAvps, priorityOf, resultAvps } from '#guard/wire/diameter.ts'
import { answerTo } from '#protocols/diameter/codec.ts'
import type { Message } from '#protocols/diameter/message.ts'
import type { Exchange } from './exchange.ts'
import { s6aApplication } from './outbound.ts'

/** NO_STATE_MAINTAINED (RFC 6733 §8.11; TS 29.272 §7.1.4). */
const noState = 1

/** A request that named no host was routed by realm: the report is about the realm, whose only HSS we are (RFC 7683 §5.2.3). */
function reportType({ signal }: Exchange): 'host' | 'realm' {
  return signal.claimed.destinationHost === undefined ? 'realm' : 'host'
}

/** Whom the guard refused does not learn from the priority that there is such a subscriber, and of which class. */
function mayKnow({ verdict: { action, reason } }: Exchange): boolean {
  return action === 'allow' || reason === 'storm' || reason === 'busy'
}

/** Builds answers: the members that every S6a answer has, and what it says of overload and priority. */
export class Answers {
  readonly #identity: string
  readonly #realm: string
  readonly #admission: Admission

  constructor(options: { identity: string; realm: string; admission: Admission }) {
    this.#identity = options.identity
    this.#realm = options.realm
    this.#admission = options.admission
  }

  build(exchange: Exchange, result: DiameterAnswer, extra: object = {}): Message {
    const { request, signal, state } = exchange
    return answerTo(request, {
      'Vendor-Specific-Application-Id': { 'Vendor-Id': 10415, 'Auth-Application-Id': s6aApplication },
      ...resultAvps(result),
      'Auth-Session-State': noState,
      'Origin-Host': this.#identity,
      'Origin-Realm': this.#realm,
      ...(state === null || !mayKnow(exchange) ? {} : { DRMP: priorityOf[state.row.class] }),
      // Only a request that says it understands overload control gets a report (RFC 7683 §5.1.2).
      ...(signal.facts.overloadControl === true
        ? overloadAvps(this.#admission.olrFor(signal.claimed.originHost), reportType(exchange))
        : {}),
      ...extra,
    })
  }
}
