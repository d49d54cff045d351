import { systemClock } from '#core/clock.ts'
import { type LoadOptions, type LoadResult, runLoad } from '#sim/load.ts'
import { type Command, integerOption, UsageError } from '../command.ts'

const operations = ['AIR', 'ULR', 'attach'] as const

export const simCommand: Command = {
  name: 'sim',
  summary: 'Generates load against an HSS: a visited network that authenticates and registers SIMs',
  usage: 'sim --target HOST:PORT [--rate N] [--total N] [--operation AIR|ULR|attach]',
  options: [
    { name: 'target', value: 'HOST:PORT', summary: 'where the HSS listens; only loopback unless --anywhere is given' },
    { name: 'rate', value: 'N', summary: 'requests per second; default: as fast as the window allows' },
    { name: 'total', value: 'N', summary: 'requests (registrations, for attach); default 10,000' },
    { name: 'operation', value: 'NAME', summary: 'AIR, ULR or attach (an AIR and its ULR); default attach' },
    { name: 'window', value: 'N', summary: 'requests under way at once; default 256' },
    { name: 'sims', value: 'N', summary: 'distinct SIMs to walk through; default 10,000' },
    { name: 'anywhere', summary: 'allow a target that is not on this machine' },
    { name: 'json', summary: 'one JSON line' },
  ],
  async run(args) {
    const target = parseTarget(args.values.get('target'), args.flags.has('anywhere'))
    const operation = operations.find((name) => name === (args.values.get('operation') ?? 'attach'))
    if (operation === undefined) throw new UsageError(`sim: --operation is one of ${operations.join(', ')}`)
    const isJson = args.flags.has('json')
    const abort = new AbortController()
    process.once('SIGINT', () => abort.abort())
    const options: LoadOptions = {
      target,
      clock: systemClock,
      operation,
      total: integerOption(args, 'total', 10_000, { min: 1, max: 100_000_000 }),
      window: integerOption(args, 'window', 256, { min: 1, max: 4_096 }),
      sims: { first: 0, count: integerOption(args, 'sims', 10_000, { min: 1, max: 10_000_000 }) },
      ...(args.values.has('rate') ? { ratePerSecond: integerOption(args, 'rate', 1, { min: 1, max: 1_000_000 }) } : {}),
      signal: abort.signal,
      progress(result) {
        if (!isJson)
          process.stderr.write(
            `  ${result.answered} answered, ${Math.round(result.perSecond)}/s, p99 ${result.latencyMs.p99.toFixed(1)} ms\n`,
          )
      },
    }
    const result = await runLoad(options)
    process.stdout.write(isJson ? `${JSON.stringify(result)}\n` : text(result))
    return result.interrupted ? 1 : 0
  },
}

function parseTarget(text: string | undefined, isAnywhere: boolean): { host: string; port: number } {
  const match = /^(\[[0-9a-f:]+\]|[^:]+):(\d{1,5})$/i.exec(text ?? '')
  if (match === null) throw new UsageError('sim: --target HOST:PORT, for example 127.0.0.1:3868')
  const host = (match[1] ?? '').replaceAll(/[[\]]/g, '')
  if (!isAnywhere && host !== 'localhost' && host !== '::1' && !host.startsWith('127.')) {
    throw new UsageError(`sim: ${host} is not this machine; load is sent elsewhere only with --anywhere, and only to what is yours`)
  }
  return { host, port: Number(match[2]) }
}

function text(result: LoadResult): string {
  const { latencyMs: latency } = result
  const results = Object.entries(result.byResult).map(([code, count]) => `${code}: ${count}`)
  return [
    `${result.answered} of ${result.sent} ${result.operation} answered in ${result.seconds.toFixed(1)} s, ${Math.round(result.perSecond)}/s`,
    `latency ms: p50 ${latency.p50.toFixed(1)}, p95 ${latency.p95.toFixed(1)}, p99 ${latency.p99.toFixed(1)}, max ${latency.max.toFixed(1)}`,
    `results: ${results.join(', ')}${result.timeouts > 0 ? `; no answer: ${result.timeouts}` : ''}`,
    '',
  ].join('\n')
}
