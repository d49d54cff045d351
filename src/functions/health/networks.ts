import type { NetworkDirectory } from '#platform/ports.ts'

/** What is known of visited networks: which are on record, and whose they are. */
export interface Networks {
  /** The network as it may be counted; '' for what nobody has on record: a claim must not make rows. */
  known(plmn: string | null): string
  /** Whether the partner that the link proves has this network. */
  isProven(of: { partnerId: string | null; plmn: string }): boolean
  close(): void
}

export function networksOnRecord(network: NetworkDirectory, own: string): Networks {
  let plmnsOf = new Map<string, ReadonlySet<string>>()
  let all = new Set<string>()
  const load = (): void => {
    plmnsOf = new Map(network.partners().map(({ id, plmns, equivalentPlmns }) => [id, new Set<string>([...plmns, ...equivalentPlmns])]))
    all = new Set([own, ...[...plmnsOf.values()].flatMap((plmns) => [...plmns])])
  }
  load()
  const close = network.onChange(load)
  return {
    known: (plmn) => (plmn !== null && all.has(plmn) ? plmn : ''),
    isProven: ({ partnerId, plmn }) => partnerId !== null && plmnsOf.get(partnerId)?.has(plmn) === true,
    close,
  }
}

/** Names of networks by PLMN, for people. */
export function networkNames(network: NetworkDirectory): ReadonlyMap<string, string> {
  return new Map(
    network.partners().flatMap(({ name, plmns, equivalentPlmns }) => [...equivalentPlmns, ...plmns].map((plmn) => [plmn, name] as const)),
  )
}
