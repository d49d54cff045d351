/** The peer state machine of RFC 6733 §5.6 as rows; `peer.ts` does what the actions say. */
export type PeerState = 'Closed' | 'Wait-Conn-Ack' | 'Wait-I-CEA' | 'Wait-Conn-Ack/Elect' | 'Wait-Returns' | 'R-Open' | 'I-Open' | 'Closing'

export type PeerEvent =
  | 'Start'
  | 'R-Conn-CER'
  | 'I-Rcv-Conn-Ack'
  | 'I-Rcv-Conn-Nack'
  | 'I-Rcv-CEA'
  | 'I-Rcv-Non-CEA'
  | 'I-Peer-Disc'
  | 'R-Peer-Disc'
  | 'Win-Election'
  | 'Timeout'
  | 'Stop'
  | 'Rcv-DPR'
  | 'Rcv-DPA'

export type PeerAction =
  | 'I-Snd-Conn-Req'
  | 'I-Snd-CER'
  | 'R-Accept'
  | 'R-Snd-CEA'
  | 'R-Reject'
  | 'Elect'
  | 'I-Disc'
  | 'R-Disc'
  | 'Snd-DPR'
  | 'Snd-DPA'
  | 'Open'
  | 'Error'

export interface PeerStateRow {
  from: PeerState
  event: PeerEvent
  actions: readonly PeerAction[]
  to: PeerState
}

/**
 * CER and CEA are read and checked before their event is raised. `Open` follows wherever an open state is entered. A
 * second connection of a peer that is open is rejected: in plain TCP, replacing the first would hand the peer's name to
 * whoever claims it last. An event without a row changes nothing.
 */
export const peerStateTable: readonly PeerStateRow[] = [
  { from: 'Closed', event: 'Start', actions: ['I-Snd-Conn-Req'], to: 'Wait-Conn-Ack' },
  { from: 'Closed', event: 'R-Conn-CER', actions: ['R-Accept', 'R-Snd-CEA', 'Open'], to: 'R-Open' },

  { from: 'Wait-Conn-Ack', event: 'I-Rcv-Conn-Ack', actions: ['I-Snd-CER'], to: 'Wait-I-CEA' },
  { from: 'Wait-Conn-Ack', event: 'I-Rcv-Conn-Nack', actions: ['I-Disc'], to: 'Closed' },
  { from: 'Wait-Conn-Ack', event: 'R-Conn-CER', actions: ['R-Accept'], to: 'Wait-Conn-Ack/Elect' },
  { from: 'Wait-Conn-Ack', event: 'Timeout', actions: ['Error'], to: 'Closed' },
  { from: 'Wait-Conn-Ack', event: 'Stop', actions: ['Error'], to: 'Closed' },

  { from: 'Wait-I-CEA', event: 'I-Rcv-CEA', actions: ['Open'], to: 'I-Open' },
  { from: 'Wait-I-CEA', event: 'R-Conn-CER', actions: ['R-Accept', 'Elect'], to: 'Wait-Returns' },
  { from: 'Wait-I-CEA', event: 'I-Peer-Disc', actions: ['I-Disc'], to: 'Closed' },
  { from: 'Wait-I-CEA', event: 'I-Rcv-Non-CEA', actions: ['Error'], to: 'Closed' },
  { from: 'Wait-I-CEA', event: 'Timeout', actions: ['Error'], to: 'Closed' },
  { from: 'Wait-I-CEA', event: 'Stop', actions: ['Error'], to: 'Closed' },

  { from: 'Wait-Conn-Ack/Elect', event: 'I-Rcv-Conn-Ack', actions: ['I-Snd-CER', 'Elect'], to: 'Wait-Returns' },
  { from: 'Wait-Conn-Ack/Elect', event: 'I-Rcv-Conn-Nack', actions: ['I-Disc', 'R-Snd-CEA', 'Open'], to: 'R-Open' },
  { from: 'Wait-Conn-Ack/Elect', event: 'R-Peer-Disc', actions: ['R-Disc'], to: 'Wait-Conn-Ack' },
  { from: 'Wait-Conn-Ack/Elect', event: 'R-Conn-CER', actions: ['R-Reject'], to: 'Wait-Conn-Ack/Elect' },
  { from: 'Wait-Conn-Ack/Elect', event: 'Timeout', actions: ['Error'], to: 'Closed' },
  { from: 'Wait-Conn-Ack/Elect', event: 'Stop', actions: ['Error'], to: 'Closed' },

  { from: 'Wait-Returns', event: 'Win-Election', actions: ['I-Disc', 'R-Snd-CEA', 'Open'], to: 'R-Open' },
  { from: 'Wait-Returns', event: 'I-Peer-Disc', actions: ['I-Disc', 'R-Snd-CEA', 'Open'], to: 'R-Open' },
  { from: 'Wait-Returns', event: 'I-Rcv-CEA', actions: ['R-Disc', 'Open'], to: 'I-Open' },
  { from: 'Wait-Returns', event: 'I-Rcv-Non-CEA', actions: ['Error'], to: 'Closed' },
  { from: 'Wait-Returns', event: 'R-Peer-Disc', actions: ['R-Disc'], to: 'Wait-I-CEA' },
  { from: 'Wait-Returns', event: 'R-Conn-CER', actions: ['R-Reject'], to: 'Wait-Returns' },
  { from: 'Wait-Returns', event: 'Timeout', actions: ['Error'], to: 'Closed' },
  { from: 'Wait-Returns', event: 'Stop', actions: ['Error'], to: 'Closed' },

  { from: 'R-Open', event: 'R-Conn-CER', actions: ['R-Reject'], to: 'R-Open' },
  { from: 'R-Open', event: 'Stop', actions: ['Snd-DPR'], to: 'Closing' },
  { from: 'R-Open', event: 'Rcv-DPR', actions: ['Snd-DPA'], to: 'Closing' },
  { from: 'R-Open', event: 'R-Peer-Disc', actions: ['R-Disc'], to: 'Closed' },

  { from: 'I-Open', event: 'R-Conn-CER', actions: ['R-Reject'], to: 'I-Open' },
  { from: 'I-Open', event: 'Stop', actions: ['Snd-DPR'], to: 'Closing' },
  { from: 'I-Open', event: 'Rcv-DPR', actions: ['Snd-DPA'], to: 'Closing' },
  { from: 'I-Open', event: 'I-Peer-Disc', actions: ['I-Disc'], to: 'Closed' },

  { from: 'Closing', event: 'Rcv-DPA', actions: ['I-Disc', 'R-Disc'], to: 'Closed' },
  { from: 'Closing', event: 'Rcv-DPR', actions: ['Snd-DPA'], to: 'Closing' },
  { from: 'Closing', event: 'R-Conn-CER', actions: ['R-Reject'], to: 'Closing' },
  { from: 'Closing', event: 'Timeout', actions: ['Error'], to: 'Closed' },
  { from: 'Closing', event: 'I-Peer-Disc', actions: ['I-Disc'], to: 'Closed' },
  { from: 'Closing', event: 'R-Peer-Disc', actions: ['R-Disc'], to: 'Closed' },
]

export function nextPeerState(from: PeerState, event: PeerEvent): PeerStateRow | undefined {
  return peerStateTable.find((row) => row.from === from && row.event === event)
}

/** Who succeeds the other octet by octet wins and keeps the connection that the other one made (RFC 6733 §5.6.4). */
export function winsElection(localIdentity: string, peerIdentity: string): boolean {
  return Buffer.compare(Buffer.from(localIdentity.toLowerCase()), Buffer.from(peerIdentity.toLowerCase())) > 0
}
