import { systemClock } from '#core/clock.ts'
import { type LoadOptions, runLoad } from './load.ts'

/**
 * The load generator as a process of its own: options as JSON in the first argument, the result as one JSON line. Its
 * processor time stays apart from the server's, which is what benches compare.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as Omit<LoadOptions, 'clock' | 'progress' | 'signal'>
// Whoever measures something else meanwhile ends the run, and gets the result of what was sent.
const ended = new AbortController()
process.on('SIGTERM', () => ended.abort())
const before = process.cpuUsage()
const result = await runLoad({ ...options, clock: systemClock, signal: ended.signal })
const { user, system } = process.cpuUsage(before)
process.stdout.write(`${JSON.stringify({ ...result, cpuSeconds: (user + system) / 1e6 })}\n`)
