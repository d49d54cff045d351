import { after } from 'node:test'

/**
 * Preloaded into every un-isolated run. A server or worker that a test left open would keep the process alive for
 * ever; this timer does not keep it alive itself, so it only fires when something else does, and then names it.
 */
const graceMs = 20_000

after(() => {
  setTimeout(() => {
    process.stderr.write(`\nA test left something open: ${process.getActiveResourcesInfo().join(', ')}\n`)
    process.exit(1)
  }, graceMs).unref()
})
