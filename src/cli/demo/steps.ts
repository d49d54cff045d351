import type { DemoStep } from '#platform/demo.ts'
import type { Message } from '#platform/text.ts'
import { wrap } from './draw.ts'

/** The story's steps as the terminal tells them and the portal shows them. */
export interface Telling {
  /** Starts a step; the returned function ends it with what came of it. */
  step(id: string, chapter: string, say: Message): (end: { ok: boolean; say?: Message; link?: string }) => void
  /** Lines for the terminal only, as they are: charts, tables. */
  lines(text: readonly string[]): void
  /** A paragraph for the terminal only, broken into lines and moved in by `indent` columns. */
  note(text: string, indent?: number): void
  /** A heading for the terminal. */
  chapter(title: string): void
  steps(): readonly DemoStep[]
}

/** Columns that the terminal's text keeps to: readable beside a browser, and over ssh. */
const textWidth = 100

/** `write` gets whole lines. */
export function createTelling(now: () => number, write: (line: string) => void): Telling {
  const steps: DemoStep[] = []
  const block = (lead: string, text: string): void => {
    const hanging = ' '.repeat(lead.length)
    for (const [i, line] of wrap(text, textWidth - lead.length).entries()) write(`${i === 0 ? lead : hanging}${line}`)
  }
  return {
    chapter(title) {
      write('')
      block('', title)
    },
    lines(text) {
      for (const line of text) write(line === '' ? '' : `  ${line}`)
    },
    note: (text, indent = 2) => block(' '.repeat(indent), text),
    step(id, chapter, say) {
      const step: DemoStep = { id, at: now(), chapter, key: say.key, params: say.params, state: 'running', link: null }
      steps.push(step)
      return ({ ok, say: end, link }) => {
        step.state = ok ? 'done' : 'failed'
        if (end !== undefined) {
          step.key = end.key
          step.params = end.params
        }
        step.link = link ?? null
        block(`  ${ok ? '✓' : '✗'} `, textOf({ key: step.key, params: step.params }))
      }
    },
    steps: () => steps,
  }
}

/** The sentence that a message brings along for readers without a catalogue. */
function textOf({ key, params }: Message): string {
  return typeof params.text === 'string' ? params.text : key
}

/** A message of the story: a key for the portal's catalogues, its figures, and the English sentence for the terminal. */
export function tell(key: string, text: string, params: Message['params'] = {}): Message {
  return { key: `demo.${key}`, params: { ...params, text } }
}
