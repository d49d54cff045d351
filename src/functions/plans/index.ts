import { defineFunction } from '#platform/function.ts'
import { planOperations } from '#platform/http/schemas/plans.ts'
import { identityOf } from '#platform/http/tenant.ts'
import { importUsage } from './importing.ts'
import { createMeter } from './meter.ts'
import { changePlan, createPlan, listPlans, planView, readPlan, removePlan } from './plans.ts'
import { simUsage, topUsage, usageFile } from './usage-view.ts'

/** Rate plans, what SIMs use of them, and what happens at their thresholds. */
export const plansFunction = defineFunction({
  name: 'plans',
  config: [],
  provides: ['usage'],
  needs: ['store', 'ledger'],
  controls: [],
  routes: Object.values(planOperations),
  navigation: [{ id: 'plans', path: '/plans', order: 33 }],
  metrics: [{ name: 'simward_usage_records_total', kind: 'counter', help: 'Usage records by what became of them', labels: ['result'] }],
  async start(ctx) {
    const { ledger } = ctx.ports
    const now = (): number => ctx.clock.now()
    const meter = createMeter({ ledger, clock: ctx.clock, log: ctx.log, ports: ctx.optional })
    const counter = ctx.metrics.counter('simward_usage_records_total')
    const count: typeof meter.count = async (records, scope) => {
      const result = await meter.count(records, scope)
      counter.inc({ result: 'counted' }, result.recorded)
      counter.inc({ result: 'duplicate' }, result.duplicates)
      return result
    }
    ctx.provide('usage', {
      async record(records) {
        const { recorded, duplicates, unknown } = await count(records, { operator: true })
        return { recorded, duplicates, unknown: [...new Set(unknown)] }
      },
    })
    const editing = { ledger, now, newId: () => ctx.newId() }
    const { serve } = ctx
    serve(planOperations.listPlans, (call) => listPlans(call, now()))
    serve(planOperations.getPlan, async (call) => {
      const row = await readPlan(call.db, call.params.id)
      call.setVersion(row.version)
      return planView(call.db, row, now())
    })
    serve(planOperations.createPlan, (call) => createPlan(call, editing))
    serve(planOperations.changePlan, async (call) => {
      await changePlan(call, editing)
      const row = await readPlan(call.db, call.params.id)
      await meter.reconsider(row.id)
      call.setVersion(row.version)
      return planView(call.db, row, now())
    })
    serve(planOperations.removePlan, (call) => removePlan(call, editing))
    serve(planOperations.listTopUsage, (call) => topUsage(call, now()))
    serve(planOperations.exportUsage, (call) => usageFile(call, now()))
    serve(planOperations.getSimUsage, (call) => simUsage(call, now()))
    serve(planOperations.importUsage, async (call) => {
      const dryRun = call.query.dryRun !== false
      const report = await importUsage(call.upload(), { db: call.db, now: now(), dryRun, count })
      if (!dryRun && report.recorded > 0) {
        const { personId: actor, providerId } = identityOf(call)
        const { rows, recorded, duplicates, bytes } = report
        await ledger.append({
          kind: 'usage-imported',
          actor,
          providerId,
          body: { rows, recorded, duplicates, bytes, address: call.address },
        })
      }
      return report
    })
    return meter
  },
})
