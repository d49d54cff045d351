import { type Clock, sleep } from '#core/clock.ts'
import type { Message } from '#protocols/diameter/codec.ts'
import { attachAt } from './encounter.ts'
import { isSuccess, resultOf } from './messages.ts'
import type { Mme, Subject, UpdateOutcome } from './mme.ts'
import type { Actor, Subjects } from './subjects.ts'
import { ask, type Transport } from './transport.ts'
import type { VisitedNetworks } from './visited.ts'
import type { NetworkId, TrafficClass } from './world.ts'

/** A legitimate story that must pass: a false block of a paying device is worse than a missed probe. */

export interface FlowRow {
  name: string
  title: string
  /** Where the flow is described. */
  spec: string
  /** Shows only where there is a Diameter node between: the transport itself answers. */
  needsSocket?: true
  run(stage: FlowStage): Promise<void>
}

export interface FlowResult {
  name: string
  title: string
  passed: boolean
  /** What failed, or what was done. */
  detail: string
}

export interface FlowContext {
  clock: Clock
  visited: VisitedNetworks
  subjects: Subjects
  transportOf(peerId: string): Transport
  /** Moves time forward; absent on a real clock, where a flow that needs days is told without the wait. */
  advance?(ms: number): Promise<void>
}

/** Ends a flow: something legitimate was refused. */
class Refused extends Error {
  override readonly name = 'Refused'
}

export class FlowStage {
  readonly context: FlowContext
  readonly steps: string[] = []

  constructor(context: FlowContext) {
    this.context = context
  }

  take(network: NetworkId, trafficClass?: TrafficClass): Actor {
    return this.context.subjects.take({ network, ...(trafficClass === undefined ? {} : { class: trafficClass }) })
  }

  /** Attaches; a refusal ends the flow. */
  async attach(mme: Mme, subject: Subject, what = 'attach'): Promise<void> {
    const outcome = await attachAt(mme, subject)
    this.must(outcome.accepted, what, outcome.accepted ? '' : `cause ${outcome.cause}`)
  }

  /** A location update that must be accepted. */
  mustUpdate(outcome: UpdateOutcome, what: string): void {
    this.must(outcome.ok, what, outcome.ok ? '' : JSON.stringify(outcome.result))
  }

  /** Sends a message that must get a success; gives the answer. */
  async mustSend(transport: Transport, message: Message, what: string): Promise<Message> {
    const reply = await ask(transport, message)
    if (!reply.ok) throw new Refused(`${what}: no answer (${reply.why})`)
    const { code, experimental } = resultOf(reply.answer)
    this.must(isSuccess(reply.answer), what, `${experimental ? 'experimental ' : ''}result ${code}`)
    return reply.answer
  }

  must(holds: boolean, what: string, otherwise: string): void {
    if (!holds) throw new Refused(`${what}: ${otherwise}`)
    this.steps.push(what)
  }

  /** Waits for something that another message brings, such as a CLR. */
  async mustSoon(holds: () => boolean, what: string): Promise<void> {
    const { clock, advance } = this.context
    for (let waited = 0; waited < 5_000 && !holds(); waited += 20) await (advance === undefined ? sleep(clock, 20) : advance(20))
    this.must(holds(), what, 'it did not happen within 5 s')
  }

  /** Lets time pass where time can be turned. */
  async pass(ms: number): Promise<void> {
    if (this.context.advance !== undefined) await this.context.advance(ms)
  }
}

export async function runFlow(row: FlowRow, context: FlowContext): Promise<FlowResult> {
  const stage = new FlowStage(context)
  try {
    await row.run(stage)
    return { name: row.name, title: row.title, passed: true, detail: stage.steps.join('; ') }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { name: row.name, title: row.title, passed: false, detail: [...stage.steps, error.message].join('; ') }
  }
}
