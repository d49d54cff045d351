import { Navigate, Outlet } from 'react-router'
import { firstPage } from './navigation.tsx'
import { useSession } from './session.tsx'

/** The first page: the overview, or for a reader who may not see it, the first that they may. */
export function Home() {
  const session = useSession()
  const first = session === undefined ? '/' : firstPage(session)
  return first === undefined || first === '/' ? <Outlet /> : <Navigate to={first} replace />
}
