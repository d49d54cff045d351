import type { Timer } from '#core/clock.ts'
import type { AlarmView } from '#platform/alarm.ts'
import { defineFunction, type Serve } from '#platform/function.ts'
import type { Call } from '#platform/http/route.ts'
import type { Alarm } from '#platform/http/schemas/alarms.ts'
import { operations } from '#platform/http/schemas/operations.ts'
import { say } from '#platform/text.ts'
import { type AlarmBook, createAlarmBook } from './book.ts'
import { emailOutlet } from './email.ts'
import { objectives } from './objectives.ts'
import { createOutlets } from './outlets.ts'
import { type AlarmRow, alarmOf } from './store.ts'
import { syslogOutlet } from './syslog.ts'
import { alarmOfSignal, watchPorts } from './watch.ts'
import { webhookOutlet } from './webhook.ts'

const { listAlarms, acknowledgeAlarm, clearAlarm } = operations
const watchEveryMs = 2_000
const listed = 200

/** One table of alarms for all functions, the ways out, and the objectives of signalling. */
export const alarmsFunction = defineFunction({
  name: 'alarms',
  config: [
    'attachObjective',
    'latencyObjectiveMs',
    'alarmWebhookUrl',
    'alarmWebhookSecret',
    'alarmSyslog',
    'alarmEmailTo',
    'alarmEmailFrom',
    'alarmSmtp',
  ],
  provides: ['alarms'],
  needs: ['store', 'ledger', 'history'],
  controls: [
    {
      id: 'link-failure',
      title: say('control.link-failure'),
      wholeFor: ['clp14:5.8.3-03'],
      partOf: [],
      how: 'A link that goes down, a peer or certificate that is refused, raises an alarm with cause and owner.',
      limits: 'Diameter links; what lies below them is watched elsewhere.',
      ruleIds: [],
      maxAgeMs: 60_000,
      check: ({ ports }) => ({
        status: ports.links === undefined ? 'unknown' : 'offered',
        because: say(ports.links === undefined ? 'control.not-running' : 'control.link-failure.watched', {
          links: ports.links?.links().length ?? 0,
        }),
        evidenceAt: null,
        sourceClass: null,
      }),
    },
  ],
  routes: [listAlarms, acknowledgeAlarm, clearAlarm],
  navigation: [{ id: 'alarms', path: '/alarms', order: 50 }],
  metrics: [
    { name: 'simward_alarms', kind: 'gauge', help: 'Standing alarms', labels: ['severity', 'state'] },
    { name: 'simward_alarm_deliveries_total', kind: 'counter', help: 'Alarms by way out and result', labels: ['outlet', 'result'] },
    { name: 'simward_objective_burn_rate', kind: 'gauge', help: 'How fast the error budget burns', labels: ['objective', 'window'] },
  ],
  async start(ctx) {
    const { store, ledger, history } = ctx.ports
    const { config, clock, log } = ctx
    const targets = { attach: config.attachObjective, latencyMs: config.latencyObjectiveMs }
    const book = await createAlarmBook({ store, ledger, clock, log, newId: () => ctx.newId() })
    ctx.provide('alarms', book)
    const outlets = createOutlets(
      [
        webhookOutlet({ url: config.alarmWebhookUrl, secret: config.alarmWebhookSecret, clock }),
        syslogOutlet({ url: config.alarmSyslog }),
        emailOutlet({ server: config.alarmSmtp, from: config.alarmEmailFrom, to: config.alarmEmailTo }),
      ],
      clock,
    )
    const stopTelling = book.onChange((alarm) => {
      outlets.send(alarm)
      ctx.events.publish('alarms', { alarm: alarmView(alarm) })
      const { providerId } = alarm
      if (providerId !== null && ctx.events.wanted({ providerId }))
        ctx.events.publish('alarms', { alarm: alarmView(alarm) }, { providerId })
    })
    const stopSignals = history.onSignal((event) => alarmOfSignal(event, book, history.summary(event).partnerName))
    const now = (): number => clock.now()
    let timer: Timer
    const watch = (): void => {
      timer = clock.after(watchEveryMs, watch)
      watchPorts(ctx.optional, book, objectives(history.counts, targets, now()), now())
    }
    timer = clock.after(watchEveryMs, watch)

    ctx.metrics.collect('simward_alarms', () => book.standing().map(({ severity, state }) => ({ labels: { severity, state }, value: 1 })))
    ctx.metrics.collect('simward_alarm_deliveries_total', () =>
      outlets
        .states()
        .flatMap(({ id, sent, failed, dropped }) =>
          Object.entries({ sent, failed, dropped }).map(([result, value]) => ({ labels: { outlet: id, result }, value })),
        ),
    )
    ctx.metrics.collect('simward_objective_burn_rate', () =>
      objectives(history.counts, targets, now()).flatMap(({ id, burn }) =>
        burn.flatMap(({ windowS, rate }) => (rate === null ? [] : [{ labels: { objective: id, window: `${windowS}s` }, value: rate }])),
      ),
    )
    ctx.serve(listAlarms, async ({ db, query }) => {
      await book.flush()
      const items = await readAlarms(db, query.state ?? 'open')
      return {
        items: items.slice(0, listed).map(alarmView),
        next: null,
        count: { value: Math.min(items.length, listed), capped: items.length > listed },
        objectives: objectives(history.counts, targets, now()),
        outlets: [...outlets.states()],
      }
    })
    serveChanges(ctx.serve, book)
    return {
      async [Symbol.asyncDispose]() {
        timer.cancel()
        stopSignals()
        stopTelling()
        outlets.close()
        await book.close()
      },
    }
  },
})

function serveChanges(serve: Serve, book: AlarmBook): void {
  const by = ({ identity, address }: Pick<Call, 'identity' | 'address'>) => ({
    personId: identity?.personId ?? 'nobody',
    name: identity?.name ?? 'nobody',
    address,
  })
  serve(acknowledgeAlarm, async (call) => alarmView(await book.acknowledge(call.db, call.params.id, by(call), call.body.note)))
  serve(clearAlarm, async (call) => alarmView(await book.clearById(call.db, call.params.id, by(call), call.body.note)))
}

const conditions = {
  open: "state <> 'cleared'",
  raised: "state = 'raised'",
  acknowledged: "state = 'acknowledged'",
  cleared: "state = 'cleared'",
  all: 'true',
} as const

async function readAlarms(db: Call['db'], state: keyof typeof conditions): Promise<AlarmView[]> {
  const { rows } = await db.query<AlarmRow>(`SELECT * FROM alarm WHERE ${conditions[state]} ORDER BY id DESC LIMIT ${listed + 1}`)
  return rows.map(alarmOf)
}

/** As the API shows it: the tenant is known from the session. */
function alarmView({ providerId: _providerId, ...alarm }: AlarmView): Alarm {
  return alarm
}
