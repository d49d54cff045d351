import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'

/** The one-time link by which this page was opened, and what the server says of it. */
export function useLink() {
  const [search] = useSearchParams()
  const token = search.get('token') ?? ''
  const query = useQuery({
    queryKey: ['claim', token],
    queryFn: async () => answerOf(await api.GET('/api/v1/claim', { params: { query: { token } } })),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return { token, query }
}
