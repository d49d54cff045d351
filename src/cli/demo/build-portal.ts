import { buildPortal } from '../../../portal/build.ts'

/** Of a failed build: the rest is a list of the same. */
const linesShown = 8

// A program of its own, so that compiling does not stand in the way of signalling: progress on the standard output, and
// the reason of a failure on the standard error output.
try {
  await buildPortal({ log: (line) => process.stdout.write(`${line}\n`) })
} catch (error) {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n')
  const more = lines.length > linesShown ? [`... and ${lines.length - linesShown} more lines`] : []
  process.stderr.write(`${[...lines.slice(0, linesShown), ...more].join('\n')}\n`)
  process.exitCode = 1
}
