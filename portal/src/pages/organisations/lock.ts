import { useLingui } from '@lingui/react/macro'
import { useMay, useSession } from '../../app/session.tsx'

/** Why organisations cannot be changed here and now; null where they can. */
export function useOrganisationLock(): string | null {
  const { t } = useLingui()
  const demo = useSession()?.mode === 'demo'
  const may = useMay('organisations:write')
  if (demo) return t`The demo has no sign-in: its organisations are made up and stay as they are.`
  return may ? null : t`Changing organisations needs the permission organisations:write; your role does not have it.`
}
