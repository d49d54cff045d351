import { useQueryClient } from '@tanstack/react-query'

/** After a change of one's own security: everything that shows it is read again. */
export function useRenew(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await client.invalidateQueries({ queryKey: ['self'] })
    await client.invalidateQueries({ queryKey: ['session'] })
  }
}
