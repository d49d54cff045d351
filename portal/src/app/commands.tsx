import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Permission } from '../api/types.ts'
import type { IconName } from '../parts/icon.tsx'

/** Something that a person may do from anywhere: it leads to where it begins. */
export interface Command {
  id: string
  label: MessageDescriptor
  icon: IconName
  needs: Permission
  /** The entry of the navigation that must be there. */
  page: string
  to: string
}

/** What the palette offers beside pages; a command is there where its page is. */
export const commands: readonly Command[] = [
  { id: 'new-job', label: msg`Change many SIMs, by filter or CSV`, icon: 'jobs', needs: 'jobs:write', page: 'jobs', to: '/jobs/new' },
  { id: 'new-profile', label: msg`New profile`, icon: 'profiles', needs: 'profiles:write', page: 'profiles', to: '/profiles/new' },
  { id: 'invite', label: msg`Invite a person`, icon: 'people', needs: 'people:write', page: 'people', to: '/people' },
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
