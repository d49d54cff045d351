import { benches, runBench } from '../../../bench/run.ts'
import { type Command, suggestion, UsageError } from '../command.ts'

const names = benches.map((bench) => bench.name)

export const benchCommand: Command = {
  name: 'bench',
  summary: 'Measures against a named reference in the same run',
  usage: `bench [${names.join('|')} ...] [--json]`,
  words: names,
  options: [{ name: 'json', summary: 'one JSON object a line: name, ours, reference, ratio, unit, aim' }],
  async run(args) {
    for (const word of args.words) {
      if (!names.includes(word)) throw new UsageError(`bench: no bench ${JSON.stringify(word)}${suggestion(word, names)}`)
    }
    return runBench(args.words, { json: args.flags.has('json') })
  },
}
