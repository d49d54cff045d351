/** Who listens on which channel of one connection. */
export interface Listener {
  handler: (payload: string) => void
  onGap: () => void
}

export interface Notifications {
  deliver(channel: string, payload: string): void
  /** Tells every listener that it may have missed something. */
  gap(): void
  channels(): readonly string[]
  /** `first` runs before the channel's first listener counts as listening, `last` after the last one left. */
  add(channel: string, listener: Listener, when: { first: () => Promise<void>; last: () => Promise<void> }): Promise<() => Promise<void>>
}

export function createNotifications(): Notifications {
  const channels = new Map<string, Set<Listener>>()
  return {
    deliver(channel, payload) {
      for (const { handler } of channels.get(channel) ?? []) handler(payload)
    },
    gap() {
      for (const listeners of channels.values()) for (const { onGap } of listeners) onGap()
    },
    channels: () => [...channels.keys()],
    async add(channel, listener, when) {
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners)
      listeners.add(listener)
      if (listeners.size === 1) await when.first()
      return async () => {
        if (!listeners.delete(listener) || listeners.size > 0) return
        channels.delete(channel)
        await when.last()
      }
    },
  }
}
