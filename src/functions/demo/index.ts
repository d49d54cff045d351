import { OperationError } from '#core/errors.ts'
import type { DemoAttack } from '#platform/demo.ts'
import { defineFunction } from '#platform/function.ts'
import { demoOperations } from '#platform/http/schemas/demo.ts'

const { listAttacks, runAttack, getStory, startOutage } = demoOperations

/** The demo's own buttons: the story, the attacks, another outage. The simulated world stands behind the port. */
export const demoFunction = defineFunction({
  name: 'demo',
  config: [],
  provides: [],
  needs: ['demo'],
  controls: [],
  routes: [listAttacks, runAttack, getStory, startOutage],
  navigation: [{ id: 'demo', path: '/demo', order: 90 }],
  metrics: [],
  async start(ctx) {
    const { demo } = ctx.ports
    ctx.serve(listAttacks, () => ({ items: demo.attacks().map(view) }))
    ctx.serve(runAttack, async ({ params }) => {
      const attack = await demo.runAttack(params.name)
      if (attack === undefined) {
        const known = demo.attacks().map((row) => row.name)
        throw new OperationError('attack-unknown', 404, `there is no attack ${params.name}`, { known })
      }
      return view(attack)
    })
    ctx.serve(getStory, () => {
      const { steps, done } = demo.story()
      return { steps: [...steps], done, outage: demo.outage() }
    })
    ctx.serve(startOutage, ({ body }) => {
      const { devices, spreadS } = body
      const isStarted = demo.startOutage({ ...(devices === undefined ? {} : { devices }), ...(spreadS === undefined ? {} : { spreadS }) })
      if (!isStarted)
        throw new OperationError('outage-running', 409, 'an outage is being survived already; wait until its devices are back')
      return demo.outage()
    })
    return { async [Symbol.asyncDispose]() {} }
  },
})

function view(attack: DemoAttack) {
  return { ...attack, requirementIds: [...attack.requirementIds] }
}
