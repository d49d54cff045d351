import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answerOf, api } from './client.ts'

/** How lists and pages of organisations, people and groups are fetched. */

const paged = (filter: string, cursor: string | null) => ({
  limit: 50,
  ...(filter === '' ? {} : { filter }),
  ...(cursor === null ? {} : { cursor }),
})

export const peopleQueries = {
  people: (filter: string) =>
    infiniteQueryOptions({
      queryKey: ['people', filter],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) => answerOf(await api.GET('/api/v1/people', { params: { query: paged(filter, pageParam) } })),
      getNextPageParam: (page) => page.next,
      placeholderData: keepPreviousData,
    }),
  peopleCount: (filter: string) =>
    queryOptions({
      queryKey: ['people', 'count', filter],
      queryFn: async () =>
        answerOf(await api.GET('/api/v1/people', { params: { query: { limit: 1, ...(filter === '' ? {} : { filter }) } } })).count,
    }),
  person: (id: string) =>
    queryOptions({
      queryKey: ['person', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/people/{id}', { params: { path: { id } } })),
    }),
  personSessions: (id: string) =>
    queryOptions({
      queryKey: ['person', id, 'sessions'],
      queryFn: async () => answerOf(await api.GET('/api/v1/people/{id}/sessions', { params: { path: { id } } })),
      refetchInterval: 30_000,
    }),
  roles: () => queryOptions({ queryKey: ['roles'], queryFn: async () => answerOf(await api.GET('/api/v1/roles')), staleTime: 300_000 }),
  providers: (filter: string) =>
    infiniteQueryOptions({
      queryKey: ['providers', filter],
      initialPageParam: null as string | null,
      queryFn: async ({ pageParam }) => answerOf(await api.GET('/api/v1/providers', { params: { query: paged(filter, pageParam) } })),
      getNextPageParam: (page) => page.next,
      placeholderData: keepPreviousData,
    }),
  providerCount: (filter: string) =>
    queryOptions({
      queryKey: ['providers', 'count', filter],
      queryFn: async () =>
        answerOf(await api.GET('/api/v1/providers', { params: { query: { limit: 1, ...(filter === '' ? {} : { filter }) } } })).count,
    }),
  /** For choosing one: the first 200 by name. */
  providerNames: () =>
    queryOptions({
      queryKey: ['providers', 'names'],
      queryFn: async () => answerOf(await api.GET('/api/v1/providers', { params: { query: { limit: 200 } } })).items,
      staleTime: 60_000,
    }),
  provider: (id: string) =>
    queryOptions({
      queryKey: ['provider', id],
      queryFn: async () => answerOf(await api.GET('/api/v1/providers/{id}', { params: { path: { id } } })),
    }),
  groups: (provider: string | null) =>
    queryOptions({
      queryKey: ['groups', provider],
      queryFn: async () => answerOf(await api.GET('/api/v1/groups', { params: { query: provider === null ? {} : { provider } } })),
    }),
}
