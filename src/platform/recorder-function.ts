import { defaultRetention, startRetention } from '#store/retention.ts'
import { defineFunction, type Sample } from './function.ts'
import { createRecorder } from './recorder.ts'
import type { SignalCounts } from './signal-counts.ts'

/** Records judged messages: counts, the recent ones, rows of note, the live stream. */
export const recorderFunction = defineFunction({
  name: 'recorder',
  config: ['signalRows', 'signalSamples', 'signalDays'],
  provides: ['recorder', 'history'],
  needs: ['store', 'network'],
  controls: [],
  routes: [],
  navigation: [],
  metrics: [
    {
      name: 'simward_signals_total',
      kind: 'counter',
      help: 'Judged messages since start',
      labels: ['interface', 'operation', 'action', 'reason'],
    },
    { name: 'simward_signal_rows_total', kind: 'counter', help: 'Judged messages by what became of their row', labels: ['fate'] },
  ],
  async start(ctx) {
    const { subjects } = ctx.optional
    const { recorder, history, close } = createRecorder({
      store: ctx.ports.store,
      ...(subjects === undefined ? {} : { subjects }),
      network: ctx.ports.network,
      events: ctx.events,
      clock: ctx.clock,
      log: ctx.log,
      newId: () => ctx.newId(),
      rowsPerSecond: ctx.config.signalRows,
      samplesPerSecond: ctx.config.signalSamples,
    })
    ctx.provide('recorder', recorder)
    ctx.provide('history', history)
    ctx.metrics.collect('simward_signals_total', () => signalSamples(history.counts.totals))
    ctx.metrics.collect('simward_signal_rows_total', () =>
      Object.entries(history.writer.counts).map(([fate, value]) => ({ labels: { fate }, value })),
    )
    const retention = startRetention({
      db: ctx.ports.store,
      clock: ctx.clock,
      log: ctx.log,
      days: { ...defaultRetention, signals: ctx.config.signalDays },
    })
    // Makes the partitions of the coming days; a store that is away is met again by the next round.
    retention.run().catch((error: unknown) => ctx.log.warn({ err: error }, 'the first round of retention failed'))
    return {
      async [Symbol.asyncDispose]() {
        await retention.close()
        await close()
      },
    }
  },
})

function* signalSamples(totals: SignalCounts['totals']): Iterable<Sample> {
  for (const key of totals.keys()) {
    const [iface = '', operation = '', action = '', reason = ''] = key.split(' ')
    yield { labels: { interface: iface, operation, action, reason }, value: totals.peek(key)?.count ?? 0 }
  }
}
