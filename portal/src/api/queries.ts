import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answerOf, api } from './client.ts'
import type { Count, Job, NeedsAnswers, Partner, WindowS } from './types.ts'

const pageRows = 100

/**
 * Everything that the portal reads, by key; pages and the live stream meet on these keys. (openapi-fetch
 * flattens tuples to arrays, hence the two assertions on partners, whose location is one.)
 */
export const queries = {
  session: () =>
    queryOptions({
      queryKey: ['session'],
      queryFn: async () => answerOf(await api.GET('/api/v1/session')),
      staleTime: 60_000,
      refetchInterval: 300_000,
    }),
  self: () => queryOptions({ queryKey: ['self'], queryFn: async () => answerOf(await api.GET('/api/v1/self')) }),
  signOns: () => queryOptions({ queryKey: ['sign-ons'], queryFn: async () => answerOf(await api.GET('/api/v1/sign-ons')) }),
  ownSessions: () =>
    queryOptions({
      queryKey: ['self', 'sessions'],
      queryFn: async () => answerOf(await api.GET('/api/v1/self/sessions')),
      refetchInterval: 60_000,
    }),
  overview: (windowS: WindowS) =>
    queryOptions({
      queryKey: ['overview', windowS],
      queryFn: async () => answerOf(await api.GET('/api/v1/overview', { params: { query: windowS === 300 ? {} : { windowS } } })),
      placeholderData: keepPreviousData,
      refetchInterval: 15_000,
    }),
  signals: (filter: string) =>
    infiniteQueryOptions({
      queryKey: ['signals', filter],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) =>
        answerOf(
          await api.GET('/api/v1/signals', {
            params: {
              query: { limit: pageRows, ...(filter === '' ? {} : { filter }), ...(pageParam === null ? {} : { cursor: pageParam }) },
            },
          }),
        ),
      getNextPageParam: (page) => page.next,
      maxPages: 50,
    }),
  signal: (id: string) =>
    queryOptions({
      queryKey: ['signal', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/signals/{id}', { params: { path: { id } } })),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  sims: (filter: string, sort: 'imsi' | '-imsi' | '-lastSeen') =>
    infiniteQueryOptions({
      queryKey: ['sims', filter, sort],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) =>
        answerOf(
          await api.GET('/api/v1/sims', {
            params: {
              query: { limit: pageRows, sort, ...(filter === '' ? {} : { filter }), ...(pageParam === null ? {} : { cursor: pageParam }) },
            },
          }),
        ),
      getNextPageParam: (page) => page.next,
      placeholderData: keepPreviousData,
    }),
  /** How many a filter matches, to the cap. */
  simMatches: (filter: string) =>
    queryOptions({
      queryKey: ['sims', 'matches', filter],
      queryFn: async () =>
        answerOf(await api.GET('/api/v1/sims', { params: { query: { limit: 1, ...(filter === '' ? {} : { filter }) } } })).count,
      placeholderData: keepPreviousData,
      staleTime: 30_000,
    }),
  ledgerEntries: (filter: string) =>
    infiniteQueryOptions({
      queryKey: ['ledger', filter],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) =>
        answerOf(
          await api.GET('/api/v1/ledger/entries', {
            params: {
              query: { limit: 50, ...(filter === '' ? {} : { filter }), ...(pageParam === null ? {} : { cursor: pageParam }) },
            },
          }),
        ),
      getNextPageParam: (page) => page.next,
    }),
  ledger: () =>
    queryOptions({
      queryKey: ['ledger-state'],
      queryFn: async () => answerOf(await api.GET('/api/v1/ledger')),
      refetchInterval: 30_000,
    }),
  jobs: (state: 'open' | undefined) =>
    infiniteQueryOptions({
      queryKey: ['jobs', state ?? 'all'],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) =>
        answerOf(
          await api.GET('/api/v1/jobs', {
            params: {
              query: { limit: 50, ...(state === undefined ? {} : { state }), ...(pageParam === null ? {} : { cursor: pageParam }) },
            },
          }),
        ) as { items: Job[]; next: string | null; count: Count },
      getNextPageParam: (page) => page.next,
      refetchInterval: 15_000,
    }),
  job: (id: string) =>
    queryOptions({
      queryKey: ['job', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/jobs/{id}', { params: { path: { id } } })) as Job,
      refetchInterval: 5_000,
    }),
  /** Profiles that SIMs may be given, by name. */
  profileChoice: () =>
    queryOptions({
      queryKey: ['profiles', 'choice'],
      queryFn: async () => answerOf(await api.GET('/api/v1/profiles', { params: { query: { limit: 200 } } })).items,
      staleTime: 60_000,
    }),
  jobErrors: (id: string) =>
    infiniteQueryOptions({
      queryKey: ['job-errors', id],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) =>
        answerOf(
          await api.GET('/api/v1/jobs/{id}/errors', {
            params: { path: { id }, query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          }),
        ),
      getNextPageParam: (page) => page.next,
    }),
  simCount: () =>
    queryOptions({
      queryKey: ['sims', 'count'],
      queryFn: async () => answerOf(await api.GET('/api/v1/sims', { params: { query: { limit: 1 } } })).count,
      staleTime: 60_000,
    }),
  simSearch: (digits: string) =>
    queryOptions({
      queryKey: ['sims', 'search', digits],
      queryFn: async () => answerOf(await api.GET('/api/v1/sims', { params: { query: { limit: 6, filter: `"${digits}"` } } })),
      staleTime: 30_000,
    }),
  sim: (id: string) =>
    queryOptions({
      queryKey: ['sim', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/sims/{id}', { params: { path: { id } } })),
      refetchInterval: 30_000,
    }),
  action: (id: string) =>
    queryOptions({
      queryKey: ['action', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/actions/{id}', { params: { path: { id } } })),
      // Until the network has answered; a person takes longer than an MME.
      refetchInterval: ({ state }) => {
        const now = state.data?.state
        return now === 'committed' || now === 'telling' ? 400 : now === 'waiting' ? 5_000 : false
      },
    }),
  actionsOf: (imsi: string) =>
    queryOptions({
      queryKey: ['actions', imsi],
      queryFn: async () => answerOf(await api.GET('/api/v1/actions', { params: { query: { imsi, limit: 20 } } })),
    }),
  groupsOf: (provider: string) =>
    queryOptions({
      queryKey: ['groups-of', provider],
      queryFn: async () => answerOf(await api.GET('/api/v1/groups', { params: { query: { provider } } })),
      staleTime: 30_000,
    }),
  profilesOf: (providerId: string) =>
    queryOptions({
      queryKey: ['profiles-of', providerId],
      queryFn: async () => answerOf(await api.GET('/api/v1/profiles', { params: { query: { providerId, limit: 200 } } })),
      staleTime: 30_000,
    }),
  savedViews: () =>
    queryOptions({
      queryKey: ['saved-views'],
      queryFn: async () => answerOf(await api.GET('/api/v1/saved-views', { params: { query: { page: 'sims' } } })),
      staleTime: 60_000,
    }),
  timeline: (id: string) =>
    infiniteQueryOptions({
      queryKey: ['timeline', id],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) =>
        answerOf(
          await api.GET('/api/v1/sims/{id}/timeline', {
            params: { path: { id }, query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          }),
        ),
      getNextPageParam: (page) => page.next,
    }),
  roamingNetworks: () =>
    queryOptions({
      queryKey: ['roaming-networks'],
      queryFn: async () => answerOf(await api.GET('/api/v1/roaming-networks')),
      staleTime: 300_000,
    }),
  partners: () =>
    queryOptions({
      queryKey: ['partners'],
      queryFn: async () => answerOf(await api.GET('/api/v1/partners')) as { items: Partner[] },
      refetchInterval: 15_000,
    }),
  partner: (id: string) =>
    queryOptions({
      queryKey: ['partner', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/partners/{id}', { params: { path: { id } } })) as Partner,
    }),
  peers: () =>
    queryOptions({ queryKey: ['peers'], queryFn: async () => answerOf(await api.GET('/api/v1/peers')), refetchInterval: 10_000 }),
  peer: (id: string) =>
    queryOptions({
      queryKey: ['peer', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/peers/{id}', { params: { path: { id } } })),
    }),
  rules: () =>
    queryOptions({ queryKey: ['rules'], queryFn: async () => answerOf(await api.GET('/api/v1/rules')), refetchInterval: 15_000 }),
  alarms: (state: 'open' | 'cleared' | 'all') =>
    queryOptions({
      queryKey: ['alarms', state],
      queryFn: async () => answerOf(await api.GET('/api/v1/alarms', { params: { query: { state } } })),
      placeholderData: keepPreviousData,
      refetchInterval: 30_000,
    }),
  controls: () =>
    queryOptions({ queryKey: ['controls'], queryFn: async () => answerOf(await api.GET('/api/v1/controls')), refetchInterval: 30_000 }),
  control: (id: string) =>
    queryOptions({
      queryKey: ['control', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/controls/{id}', { params: { path: { id } } })),
    }),
  health: (providerId: string | null, windowS: number) =>
    queryOptions({
      queryKey: ['health', 'provider', providerId, windowS],
      queryFn: async () =>
        answerOf(await api.GET('/api/v1/health', { params: { query: { windowS, ...(providerId === null ? {} : { providerId }) } } })),
      placeholderData: keepPreviousData,
      refetchInterval: 30_000,
    }),
  serviceHealth: (providerId: string | null) =>
    queryOptions({
      queryKey: ['health', 'services', providerId],
      queryFn: async () =>
        answerOf(await api.GET('/api/v1/health/services', { params: { query: providerId === null ? {} : { providerId } } })),
      placeholderData: keepPreviousData,
      refetchInterval: 30_000,
    }),
  providerHealth: (windowS: number) =>
    queryOptions({
      queryKey: ['health', 'providers', windowS],
      queryFn: async () => answerOf(await api.GET('/api/v1/health/providers', { params: { query: { windowS } } })),
      placeholderData: keepPreviousData,
      refetchInterval: 30_000,
    }),
  seenDevices: (providerId: string | null, weak: boolean) =>
    infiniteQueryOptions({
      queryKey: ['health', 'devices', providerId, weak],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) =>
        answerOf(
          await api.GET('/api/v1/health/devices', {
            params: {
              query: {
                limit: pageRows,
                ...(weak ? { weak } : {}),
                ...(providerId === null ? {} : { providerId }),
                ...(pageParam === null ? {} : { cursor: pageParam }),
              },
            },
          }),
        ),
      getNextPageParam: (page) => page.next,
    }),
  profiles: () =>
    queryOptions({
      queryKey: ['profiles'],
      queryFn: async () => answerOf(await api.GET('/api/v1/profiles', { params: { query: { limit: 200 } } })),
      refetchInterval: 60_000,
    }),
  profile: (id: string) =>
    queryOptions({
      queryKey: ['profile', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/profiles/{id}', { params: { path: { id } } })),
      // While serving nodes are told the page follows.
      refetchInterval: ({ state }) => (state.data?.push?.finishedAt === null ? 2_000 : 60_000),
    }),
  profileVersions: (id: string) =>
    queryOptions({
      queryKey: ['profile', id, 'versions'],
      queryFn: async () => answerOf(await api.GET('/api/v1/profiles/{id}/versions', { params: { path: { id }, query: { limit: 50 } } })),
    }),
  profileVersion: (id: string, version: number) =>
    queryOptions({
      queryKey: ['profile', id, 'versions', version],
      queryFn: async () => answerOf(await api.GET('/api/v1/profiles/{id}/versions/{version}', { params: { path: { id, version } } })),
    }),
  proposal: (answers: NeedsAnswers) =>
    queryOptions({
      queryKey: ['proposal', answers],
      queryFn: async () => answerOf(await api.POST('/api/v1/profiles/propose', { body: answers })),
      placeholderData: keepPreviousData,
      staleTime: 60_000,
    }),
  acknowledgements: () =>
    queryOptions({ queryKey: ['acknowledgements'], queryFn: async () => answerOf(await api.GET('/api/v1/acknowledgements')) }),
  /** For the operator's people, who have to say for whom. */
  providerNames: () =>
    queryOptions({
      queryKey: ['providers', 'names'],
      queryFn: async () => answerOf(await api.GET('/api/v1/providers', { params: { query: { limit: 200 } } })),
      staleTime: 60_000,
    }),
  plans: () =>
    queryOptions({
      queryKey: ['plans'],
      queryFn: async () => answerOf(await api.GET('/api/v1/plans', { params: { query: { limit: 100 } } })),
      refetchInterval: 30_000,
    }),
  topUsage: (id: string) =>
    queryOptions({
      queryKey: ['plans', id, 'usage'],
      queryFn: async () => answerOf(await api.GET('/api/v1/plans/{id}/usage', { params: { path: { id }, query: { limit: 20 } } })),
      refetchInterval: 30_000,
    }),
  simUsage: (id: string) =>
    queryOptions({
      queryKey: ['sim', id, 'usage'],
      queryFn: async () => answerOf(await api.GET('/api/v1/sims/{id}/usage', { params: { path: { id } } })),
      refetchInterval: 30_000,
    }),
  approvals: (state: 'waiting' | 'decided') =>
    infiniteQueryOptions({
      queryKey: ['approvals', state],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) =>
        answerOf(
          await api.GET('/api/v1/approvals', {
            params: { query: { state, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          }),
        ),
      getNextPageParam: (page) => page.next,
      refetchInterval: 30_000,
    }),
  /** How many wait, to the cap. */
  approvalsWaiting: () =>
    queryOptions({
      queryKey: ['approvals', 'count'],
      queryFn: async () => answerOf(await api.GET('/api/v1/approvals', { params: { query: { state: 'waiting', limit: 1 } } })).count,
      refetchInterval: 60_000,
    }),
  approval: (id: string) =>
    queryOptions({
      queryKey: ['approval', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/approvals/{id}', { params: { path: { id } } })),
      refetchInterval: 10_000,
    }),
  clients: () =>
    queryOptions({
      queryKey: ['clients'],
      queryFn: async () => answerOf(await api.GET('/api/v1/clients', { params: { query: { limit: 200 } } })),
      refetchInterval: 30_000,
    }),
  webhooks: () =>
    queryOptions({ queryKey: ['webhooks'], queryFn: async () => answerOf(await api.GET('/api/v1/webhooks')), refetchInterval: 10_000 }),
  deliveries: (id: string) =>
    queryOptions({
      queryKey: ['webhooks', id, 'deliveries'],
      queryFn: async () => answerOf(await api.GET('/api/v1/webhooks/{id}/deliveries', { params: { path: { id }, query: { limit: 50 } } })),
      refetchInterval: 2_000,
    }),
  attacks: () => queryOptions({ queryKey: ['demo', 'attacks'], queryFn: async () => answerOf(await api.GET('/api/v1/demo/attacks')) }),
  story: () =>
    queryOptions({
      queryKey: ['demo', 'story'],
      queryFn: async () => answerOf(await api.GET('/api/v1/demo/story')),
      refetchInterval: 5_000,
    }),
}
