import type { DemoPort } from '#platform/demo.ts'

/** A simulated world that nobody looks at: scenarios run without a story. */
export const silentDemo: DemoPort = {
  world: () => null,
  computed: () => null,
  events: () => [],
  attacks: () => [],
  runAttack: async () => undefined,
  story: () => ({ steps: [], done: true }),
  outage: () => ({ running: false, startedAt: null, devices: 0, spreadS: 0, back: 0 }),
  startOutage: () => false,
}
