import { OperationError } from '#core/errors.ts'
import { predicateText } from '#guard/guard.ts'
import type { MessageView, SignalDetail, SignalRow } from '#platform/http/schemas/signals.ts'
import type { Ports } from '#platform/ports.ts'
import type { SignalHistory, SignalSummary } from '#platform/recorder.ts'
import { findSignal } from '#platform/signal-query.ts'
import { openOctets } from '#platform/signal-writer.ts'
import { describeMessage, messageName } from '#protocols/diameter/describe.ts'
import { diameter } from '#protocols/diameter/dict/all.ts'
import type { TenantDb } from '#store/db.ts'
import type { RuleBook } from './rules.ts'

/** As the API's schema has it: mutable lists, nothing else. */
export function signalRow(summary: SignalSummary): SignalRow {
  return { ...summary, facts: summary.facts.map((fact) => ({ ...fact })), shadow: summary.shadow.map((entry) => ({ ...entry })) }
}

/** One message with its octets read out, and the rule that decided. Throws `signal-unknown` (404). */
export async function signalDetail(
  id: string,
  at: { db: TenantDb; history: SignalHistory; book: RuleBook; ports: Readonly<Partial<Ports>> },
): Promise<SignalDetail> {
  const { db, history, book, ports } = at
  const found = await findSignal(history, db, id)
  if (found === undefined) throw new OperationError('signal-unknown', 404, 'there is no such message, or it is no longer kept')
  const octets = 'row' in found ? await openOctets(ports.subjects, found.row) : found.event
  return {
    ...signalRow(history.summary(found.event)),
    request: messageView(octets.request),
    answer: messageView(octets.answer),
    rule: ruleOf(found.event.ruleId, book, ports),
  }
}

function messageView(octets: Uint8Array | null): MessageView | null {
  if (octets === null) return null
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  // The tree is made of readonly parts; the answer is only written out.
  return {
    hex: buffer.toString('hex'),
    name: messageName(diameter, buffer),
    tree: describeMessage(diameter, buffer) as MessageView['tree'],
  }
}

function ruleOf(ruleId: string, book: RuleBook, ports: Readonly<Partial<Ports>>): SignalDetail['rule'] {
  const rule = book.rules().find(({ id }) => id === ruleId)
  if (rule === undefined) return null
  const { id, says, control, spec, when } = rule
  return {
    id,
    says,
    when: predicateText(when),
    mode: book.modeOf(id),
    control,
    spec,
    requirementIds: [...(ports.controls?.requirementIdsOf(control) ?? [])],
  }
}
