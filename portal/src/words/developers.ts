import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const clientStateWords: Words = {
  active: msg({ message: 'active', context: 'client' }),
  expired: msg({ message: 'expired', context: 'client' }),
  revoked: msg({ message: 'revoked', context: 'client' }),
}

export const webhookStateWords: Words = {
  active: msg({ message: 'active', context: 'webhook' }),
  paused: msg({ message: 'paused', context: 'webhook' }),
  disabled: msg({ message: 'disabled', context: 'webhook' }),
}

export const deliveryStateWords: Words = {
  waiting: msg({ message: 'waiting', context: 'delivery' }),
  delivered: msg({ message: 'delivered', context: 'delivery' }),
  failed: msg({ message: 'failed', context: 'delivery' }),
}
