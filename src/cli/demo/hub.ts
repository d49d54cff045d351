import type { Clock } from '#core/clock.ts'
import type { Authority } from '#sim/authority.ts'
import { freeDiameterVersion, startRelay } from '#sim/freediameter.ts'
import { home, type NetworkRow, networkRows, peerOfMme, peerRow } from '#sim/world.ts'

/** The hub of the simulated world: two networks reach the operator only through it. */
export const hubPeerId = 'dra2.corvane'

/** Which program the hub is. */
export type HubKind = { program: 'freeDiameter'; version: string; pid: number } | { program: 'simulated'; why: string }

export interface Hub extends AsyncDisposable {
  readonly version: string
  readonly pid: number
  /** Where the MMEs behind it connect to. */
  readonly host: string
  readonly port: number
}

export interface HubOptions {
  clock: Clock
  authority: Authority
  /** Where the operator listens in plain TCP. */
  target: { host: string; port: number }
  /** Default `freeDiameterd`. */
  command?: string
}

/** Ten times what it takes on an idle machine. */
const openMs = 10_000

/** The networks that only the hub carries. */
export function networksBehindHub(): readonly NetworkRow[] {
  return networkRows.filter((network) => network.mmes.some(({ host }) => peerOfMme(network, host).id === hubPeerId))
}

/**
 * freeDiameter as the hub, connected to the operator; the MMEs connect to it. A reason in words where it is not installed
 * or does not come up: then the agent is to be simulated.
 */
export async function startHub({ clock, authority, target, command }: HubOptions): Promise<Hub | string> {
  const version = freeDiameterVersion(command)
  if (version === undefined) return 'freeDiameter is not installed'
  const { identity, realm } = peerRow(hubPeerId)
  const behind = networksBehindHub().flatMap((network) => network.mmes.map(({ host }) => ({ identity: host, tls: false })))
  const relay = await startRelay({
    identity,
    realm,
    clock,
    credentials: authority.issue({ commonName: identity, dnsNames: [identity] }),
    peers: [{ identity: home.hssHost, tls: false, connectTo: target }, ...behind],
    ...(command === undefined ? {} : { command }),
  })
  try {
    await relay.untilOpen(home.hssHost, openMs)
  } catch (error) {
    await relay.stop()
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
  const { pid, host, port } = relay
  return { version, pid, host, port, [Symbol.asyncDispose]: () => relay.stop() }
}
