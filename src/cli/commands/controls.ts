import { type Command, UsageError } from '../command.ts'
import { find } from '../demo/beacon.ts'
import { table } from '../demo/draw.ts'

interface Row {
  id: string
  section: string
  title: { en: string }
  strength: string
  status: string
}

export const controlsCommand: Command = {
  name: 'controls',
  summary: 'Prints every requirement with its status, as the running Simward sees it',
  usage: 'controls [--status met|not-met|unknown|...] [--url URL] [--json]',
  options: [
    { name: 'status', value: 'STATUS', summary: 'only requirements of this status' },
    { name: 'url', value: 'URL', summary: 'portal of the running Simward; default: the demo of this machine' },
    { name: 'json', summary: 'one JSON object a line' },
  ],
  async run(args) {
    const url = args.values.get('url') ?? find()?.url
    if (url === undefined) throw new UsageError('controls: nothing is running here; start ./simward demo, or give --url')
    const answer = await fetch(new URL('/api/v1/controls', url))
    if (answer.status === 401) throw new UsageError(`controls: ${url} wants you to sign in; open it in a browser`)
    if (!answer.ok) throw new UsageError(`controls: ${url} answered ${answer.status}`)
    const { requirements } = (await answer.json()) as { requirements: readonly Row[] }
    const wanted = args.values.get('status')
    const rows = requirements.filter((row) => wanted === undefined || row.status === wanted)
    if (args.flags.has('json')) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    else
      process.stdout.write(
        `${table(
          ['status', 'requirement', 'strength', 'title'],
          rows.map((row) => [row.status, row.id, row.strength, row.title.en]),
        ).join('\n')}\n`,
      )
    process.stderr.write(`${rows.length} of ${requirements.length} requirements\n`)
    return 0
  },
}
