import { useQuery } from '@tanstack/react-query'
import { queries } from '../api/queries.ts'
import type { Permission, Session } from '../api/types.ts'

/** What the shell already fetched: never undefined below it. */
export function useSession(): Session | undefined {
  return useQuery(queries.session()).data
}

export function useMay(permission: Permission): boolean {
  return useSession()?.permissions.includes(permission) ?? false
}
