import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Permission } from '../api/types.ts'
import type { IconName } from '../parts/icon.tsx'

/** Something that a person may do from anywhere: it leads to the page that asks for what it needs. */
export interface Command {
  id: string
  label: MessageDescriptor
  icon: IconName
  needs: Permission
  /** The entry of the navigation that must be there. */
  page: string
  to: string
}

/** What the palette offers beside pages; each address opens the dialog or form itself. */
export const commands: readonly Command[] = [
  { id: 'stopped', label: msg`SIMs that cannot connect`, icon: 'sim', needs: 'sims:read', page: 'sims', to: '/sims?filter=connects:no' },
  {
    id: 'attacks',
    label: msg`Attacks, as messages`,
    icon: 'sig',
    needs: 'signals:read',
    page: 'signalling',
    to: '/signalling?filter=alert:yes',
  },
  { id: 'devices', label: msg`Observed devices`, icon: 'health', needs: 'health:read', page: 'health', to: '/health/devices' },
]
