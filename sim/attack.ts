import { type Clock, sleep } from '#core/clock.ts'
import type { Message } from '#protocols/diameter/codec.ts'
import type { S6aResult } from './causes.ts'
import { attachAt, isStillServedBy } from './encounter.ts'
import { hasProfile, isSuccess, type Origin, resultOf, vectorsIn } from './messages.ts'
import type { Actor, Subjects } from './subjects.ts'
import { ask, type Transport } from './transport.ts'
import type { VisitedNetworks } from './visited.ts'
import { type NetworkId, network as networkRow, peerOfMme } from './world.ts'

/** What an attack is, and what it needs to run. The attacks themselves are rows in `attacks.ts`. */

export interface AttackRow {
  name: string
  title: string
  /** Who claimed to be whom, or asked for what. */
  claims: string
  /** What an HSS that trusts its peers would have given. */
  trustingHss: string
  /** Requirement of GSMA CLP.14 that refusing it serves. */
  clp14: string
  /** The rules of the guard of which one is expected to decide; empty where the connection itself refuses. */
  expectedRules: readonly string[]
  /** Vectors that policy lets any partner have, so that they are no leak; default 0. */
  bound?: number
  /** Needs a connection of its own, below the Diameter node. */
  needsSocket?: true
  /** Sends hundreds of messages: for tests rather than for a story. */
  isLoud?: true
  run(stage: AttackStage): Promise<void>
}

export interface AttackOutcome {
  name: string
  critical: boolean
  /** Of the decisive answer; null: none came. */
  answer: S6aResult | null
  /** Vectors that the attacker got. */
  vectors: number
  profile: boolean
  /** The attacked device lost its registration, or its keys their freshness. */
  harmed: boolean
  /** The attacker gained nothing beyond the bound, and nobody was harmed. */
  refused: boolean
  /** One line for people. */
  detail: string
}

export interface AttackContext {
  clock: Clock
  visited: VisitedNetworks
  subjects: Subjects
  transportOf(peerId: string): Transport
  /** Attack a critical device. */
  critical: boolean
  /** Where the operator listens in plain TCP; absent without sockets, and then rows with `needsSocket` cannot run. */
  rawAt?: { host: string; port: number }
  /** Moves time forward; absent on a real clock. */
  advance?(ms: number): Promise<void>
}

/** The attacker's network, and the connection it is attacking over. */
const attackerNetwork: NetworkId = 'estrel'

/** What an attack works with; it keeps the score. */
export class AttackStage {
  readonly context: AttackContext
  readonly #victims: Pick<Actor, 'subject' | 'mme'>[] = []
  readonly #details: string[] = []
  #answer: S6aResult | null = null
  #vectors = 0
  #profile = false
  #harmed = false
  #gained = false

  constructor(context: AttackContext) {
    this.context = context
  }

  /** The attacker's own identity; `over` is what it lies about. */
  attacker(over: Partial<Origin> = {}): Origin {
    return this.context.visited.of(attackerNetwork)[0].origin(over)
  }

  /** A registered device, of the class under attack, at home in a network (default Aurelia). */
  async victim(network: NetworkId = 'aurelia'): Promise<Actor> {
    const actor = this.context.subjects.take({ class: this.context.critical ? 'critical' : 'standard', network })
    const outcome = await attachAt(actor.mme, actor.subject)
    if (!outcome.accepted) throw new Error(`the victim ${actor.subject.imsi} could not attach: cause ${outcome.cause}`)
    this.#victims.push(actor)
    return actor
  }

  /** Sends over a peer's connection, by default the attacker network's, and counts what comes back. */
  async send(message: Message, peerId?: string): Promise<Message | null> {
    const own = this.context.visited.of(attackerNetwork)[0]
    const via = peerId ?? peerOfMme(networkRow(attackerNetwork), own.host).id
    const reply = await ask(this.context.transportOf(via), message)
    if (!reply.ok) {
      this.note(`no answer (${reply.why})`)
      return null
    }
    this.count(reply.answer)
    return reply.answer
  }

  /** A request that the sender may make; only its result is kept, what it brings is no leak. */
  async sendInOrder(message: Message): Promise<Message | null> {
    const own = this.context.visited.of(attackerNetwork)[0]
    const reply = await ask(own.transport, message)
    if (!reply.ok) return null
    this.#answer = resultOf(reply.answer)
    return reply.answer
  }

  /** Another device whose registration must be whole at the end. */
  watch(actor: Pick<Actor, 'subject' | 'mme'>): void {
    this.#victims.push(actor)
  }

  /** Where a raw connection goes. */
  get rawTarget(): { host: string; port: number; clock: Clock } {
    const { rawAt, clock } = this.context
    if (rawAt === undefined) throw new Error('this attack needs sockets')
    return { ...rawAt, clock }
  }

  /** A device moves between two honest networks; the former must hear of it. */
  async expectCancellation(): Promise<void> {
    const actor = this.context.subjects.take({ class: 'standard', network: 'fennmark' })
    await attachAt(actor.mme, actor.subject)
    const [elsewhere] = this.context.visited.of('brenn')
    await attachAt(elsewhere, actor.subject)
    const cameWithin = await until(this.context, 3_000, () => !actor.mme.contexts.has(actor.subject.imsi))
    if (!cameWithin) this.harm('no cancellation reached the former network')
  }

  /** Counts an answer that the attacker got. A success to a request that should have been refused is a gain. */
  count(answer: Message): void {
    this.#answer = resultOf(answer)
    this.#vectors += vectorsIn(answer)
    this.#profile ||= hasProfile(answer)
    // A purge by a foreign node is answered with success and changes nothing; what it did is seen at the victim.
    if (isSuccess(answer) && answer.command !== 'PUA' && answer.command !== 'AIA') this.#gained = true
  }

  /** Counts an answer to a request that was in order; only its result is of interest. */
  countHarmless(answer: Message): void {
    this.#answer = resultOf(answer)
  }

  get vectors(): number {
    return this.#vectors
  }

  /** Something that should not have happened. */
  harm(detail: string): void {
    this.#harmed = true
    this.note(detail)
  }

  note(detail: string): void {
    if (this.#details.length < 8 && !this.#details.includes(detail)) this.#details.push(detail)
  }

  async outcome(row: AttackRow): Promise<AttackOutcome> {
    for (const victim of this.#victims) {
      if (!(await isStillServedBy(victim))) this.harm(`${victim.subject.imsi} is no longer registered at ${victim.mme.host}`)
    }
    const tooMany = this.#vectors > (row.bound ?? 0)
    if (this.#vectors > 0) this.note(`${this.#vectors} vectors given${tooMany ? '' : ', within what policy allows'}`)
    return {
      name: row.name,
      critical: this.context.critical,
      answer: this.#answer,
      vectors: this.#vectors,
      profile: this.#profile,
      harmed: this.#harmed,
      refused: !tooMany && !this.#profile && !this.#harmed && !this.#gained,
      detail: this.#details.join('; '),
    }
  }
}

/** Looks every 20 ms until something holds; false after `timeoutMs`. */
async function until({ clock, advance }: AttackContext, timeoutMs: number, holds: () => boolean): Promise<boolean> {
  for (let waited = 0; waited <= timeoutMs; waited += 20) {
    if (holds()) return true
    await (advance === undefined ? sleep(clock, 20) : advance(20))
  }
  return holds()
}

/** Runs one attack from a fresh score. */
export async function runAttack(row: AttackRow, context: AttackContext): Promise<AttackOutcome> {
  const stage = new AttackStage(context)
  await row.run(stage)
  return stage.outcome(row)
}
