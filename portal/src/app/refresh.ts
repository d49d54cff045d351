/** Beginning of the keys of queries that something makes stale. */
type Keys = readonly (readonly string[])[]

/** What a notice makes stale, by its type or the beginning of it. The first row that fits decides. */
const byNotice: readonly { type: string; keys: Keys }[] = [
  { type: 'sim.imei-changed', keys: [['sims'], ['sim'], ['timeline'], ['health']] },
  { type: 'sim.', keys: [['sims'], ['sim'], ['timeline'], ['actions'], ['action']] },
  { type: 'profile.', keys: [['profiles'], ['profile'], ['sims'], ['sim']] },
  { type: 'job.', keys: [['jobs'], ['job'], ['sims']] },
  { type: 'approval.', keys: [['approvals'], ['approval'], ['sim'], ['health']] },
  { type: 'usage.', keys: [['plans'], ['plan'], ['usage'], ['sim']] },
  { type: 'alarm.', keys: [['alarms'], ['overview']] },
  { type: 'person.', keys: [['people']] },
  { type: 'client.', keys: [['clients']] },
  { type: 'webhook.', keys: [['webhooks']] },
]

/** What an event of the stream makes stale whatever it says. */
const byTopic: Readonly<Record<string, Keys>> = { approvals: [['approvals'], ['approval']] }

/** Keys of the queries that an event of the live stream makes stale. */
export function staleAfter(topic: string, data: unknown): Keys {
  if (topic !== 'notices') return byTopic[topic] ?? []
  const keys = typesIn(data).flatMap((type) => byNotice.find((row) => type.startsWith(row.type))?.keys ?? [])
  return [...new Map(keys.map((key) => [key.join(' '), key])).values()]
}

/** The types of the notices in one event: one notice, or several. */
function typesIn(data: unknown): string[] {
  if (Array.isArray(data)) return data.flatMap(typesIn)
  if (typeof data !== 'object' || data === null) return []
  const { type, notice, notices, rows } = data as Record<string, unknown>
  return typeof type === 'string' ? [type] : [notice, notices, rows].flatMap(typesIn)
}

/**
 * Asks anew for what is stale, each key at most once in `everyMs`: a job over a million SIMs tells of many changes, and the
 * page needs the last of them.
 */
export function createRefresher(options: {
  everyMs: number
  refresh: (key: readonly string[]) => void
  after: (ms: number, run: () => void) => void
}) {
  const resting = new Map<string, { again: boolean }>()
  const run = (key: readonly string[]): void => {
    const name = key.join(' ')
    const rest = resting.get(name)
    if (rest !== undefined) {
      rest.again = true
      return
    }
    const state = { again: false }
    resting.set(name, state)
    options.refresh(key)
    options.after(options.everyMs, () => {
      resting.delete(name)
      if (state.again) run(key)
    })
  }
  return run
}
