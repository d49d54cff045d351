import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'react-router'
import { answerOf, api } from '../../api/client.ts'

/** The one-time link by which this page was opened, and what the server says of it. */
export function useLink() {
  // Behind the #, which no browser sends along: the token stands in no log on the way.
  const { hash } = useLocation()
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  const query = useQuery({
    queryKey: ['claim', token],
    queryFn: async () => answerOf(await api.POST('/api/v1/claim/look', { body: { token } })),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return { token, query }
}
