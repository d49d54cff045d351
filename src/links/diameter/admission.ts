import type { TLSSocket } from 'node:tls'
import { decode, failureAnswer, peekHeader } from '#protocols/diameter/codec.ts'
import type { Message, MessageOf } from '#protocols/diameter/message.ts'
import { acceptsSecurity, commonApplications } from './capabilities.ts'
import type { Connection } from './connection.ts'
import { baseCommands, isSameIdentity, type NodeContext } from './context.ts'
import type { RefusalReason } from './events.ts'
import { protocolFault } from './inbound.ts'
import { capabilitiesAnswer, type Peer } from './peer.ts'
import { provesIdentity } from './tls.ts'

/** DIAMETER_UNKNOWN_PEER, DIAMETER_NO_COMMON_APPLICATION, DIAMETER_NO_COMMON_SECURITY (RFC 6733 §7.1). */
const unknownPeer = 3010
const noCommonApplication = 5010
const noCommonSecurity = 5017

/**
 * The first message of an accepted connection: must be the CER of a configured peer, over the transport that its row asks
 * for. Whatever about its identity is wrong gets the same 3010, so that a stranger cannot find out which names exist.
 */
export function admitFirstMessage(
  context: NodeContext,
  peerOf: (identity: string) => Peer | undefined,
  connection: Connection,
  octets: Buffer,
): boolean {
  const header = peekHeader(octets)
  if (!header.request || header.code !== baseCommands.capabilities || header.application !== 0) {
    refuse(context, connection, 'not-a-cer', '')
    return false
  }
  const cer = readCer(context, connection, octets)
  if (cer === undefined) return false
  const identity = cer.avps['Origin-Host']
  const peer = peerOf(identity)
  const reason = peer === undefined ? 'unknown-peer' : identityFault(peer, cer, connection)
  if (peer === undefined || reason !== null) {
    connection.send(failureAnswer(context.options.dictionary, octets, context.local, { code: unknownPeer }))
    refuse(context, connection, reason ?? 'unknown-peer', identity)
    return false
  }
  const applications = commonApplications(context.applications, cer.avps)
  const isSecurityCommon = acceptsSecurity(cer.avps, connection.tls)
  if (applications.length === 0 || !isSecurityCommon) {
    connection.send(capabilitiesAnswer(context, connection, cer, isSecurityCommon ? noCommonApplication : noCommonSecurity))
    refuse(context, connection, isSecurityCommon ? 'no-common-application' : 'no-common-security', identity)
    return false
  }
  return peer.offer({ connection, cer, octets, applications })
}

function readCer(context: NodeContext, connection: Connection, octets: Buffer): MessageOf<'CER'> | undefined {
  let message: Message | undefined
  try {
    message = decode(context.options.dictionary, octets)
  } catch (error) {
    const fault = protocolFault(error)
    context.emit({ kind: 'malformed', because: fault.because, spec: fault.spec, resultCode: fault.answer?.code ?? null }, null, '')
    if (fault.answer !== undefined) connection.send(failureAnswer(context.options.dictionary, octets, context.local, fault.answer))
  }
  if (message?.command === 'CER') return message
  refuse(context, connection, 'malformed-cer', '')
  return undefined
}

function identityFault(peer: Peer, cer: MessageOf<'CER'>, connection: Connection): RefusalReason | null {
  const { row } = peer
  if (!row.enabled) return 'peer-disabled'
  if (row.transport === 'tls' && !connection.tls) return 'tls-required'
  if (connection.tls && !provesIdentity(connection.socket as TLSSocket, row.identity)) return 'certificate-name'
  if (!isSameIdentity(cer.avps['Origin-Realm'], row.realm)) return 'realm-mismatch'
  return null
}

function refuse(context: NodeContext, connection: Connection, reason: RefusalReason, identity: string): void {
  context.emit({ kind: 'peer-refused', reason, remoteAddress: connection.remoteAddress }, null, identity)
  connection.end('refused')
}
