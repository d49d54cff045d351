import { defineFunction } from '#platform/function.ts'
import { organisationControls } from './controls.ts'
import { groupRoutes, serveGroups } from './serve-groups.ts'
import { providerRoutes, serveProviders } from './serve-providers.ts'

/** The operator's customers, who they are in law, and the groups in which they keep their SIMs. */
export const organisationsFunction = defineFunction({
  name: 'organisations',
  config: [],
  provides: [],
  needs: ['ledger'],
  controls: organisationControls,
  routes: [...providerRoutes, ...groupRoutes],
  navigation: [
    { id: 'groups', path: '/groups', order: 32 },
    { id: 'organisations', path: '/organisations', order: 70 },
  ],
  metrics: [],
  async start(ctx) {
    serveProviders(ctx)
    serveGroups(ctx)
    return { async [Symbol.asyncDispose]() {} }
  },
})
