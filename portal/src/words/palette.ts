import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Group } from '../app/palette-items.ts'

export const groupWords: Readonly<Record<Group, MessageDescriptor>> = {
  recent: msg`Recent`,
  sims: msg`SIMs`,
  actions: msg`Actions`,
  pages: msg`Pages`,
  profiles: msg`Profiles`,
  partners: msg`Partners`,
  peers: msg`Peers`,
  rules: msg`Rules`,
}
