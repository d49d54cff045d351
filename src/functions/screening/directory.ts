import type { Clock } from '#core/clock.ts'
import { OperationError } from '#core/errors.ts'
import { limits } from '#core/limits.ts'
import type { Partner, PeerRow } from '#domain/partner.ts'
import { isUuid } from '#platform/page.ts'
import type { NetworkDirectory } from '#platform/ports.ts'
import { type Db, toJson } from '#store/db.ts'
import type { Ledger } from '#store/ledger.ts'

/** Who changes something, and why. */
export interface Change {
  actor: string
  reason: string
  /** Where the request came from. */
  address: string
  /** Only says whether it could be done. */
  isRehearsal?: boolean
}

export interface Directory extends NetworkDirectory {
  /** The row was changed in the store, or undefined where it never was. */
  changedAt(kind: 'partner' | 'peer', id: string): number | undefined
  /** Resolves once every reader of this process works by the new row. Throws OperationError for a row that cannot stand. */
  putPartner(partner: Partner, change: Change): Promise<void>
  putPeer(peer: PeerRow, change: Change): Promise<void>
  deletePeer(id: string, change: Change): Promise<void>
  close(): Promise<void>
}

/** Told to every process that shares the store. */
const channel = 'network_changed'

interface Loaded {
  partners: readonly Partner[]
  peers: readonly PeerRow[]
  changed: ReadonlyMap<string, number>
}

/** Partners and peers: rows of the store, held in memory. Whoever is not in them is nobody. */
export async function createDirectory(options: { store: Db; ledger: Ledger; clock: Clock }): Promise<Directory> {
  const { store, ledger, clock } = options
  const listeners = new Set<() => void>()
  let loaded = await load(store)
  const reload = async (): Promise<void> => {
    loaded = await load(store)
    for (const listener of listeners) listener()
  }
  const stop = await store.listen(
    channel,
    () => void reload().catch(() => {}),
    () => void reload().catch(() => {}),
  )

  return {
    partners: () => loaded.partners,
    peers: () => loaded.peers,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    changedAt: (kind, id) => loaded.changed.get(`${kind} ${id}`),
    async putPartner(partner, change) {
      checkPartner(partner, loaded)
      const before = loaded.partners.find(({ id }) => id === partner.id)
      const { id, name, ...body } = partner
      await ledger.record(
        async (tx, note) => {
          await tx.query(
            `INSERT INTO partner (id, name, body, changed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, body = excluded.body, changed_at = excluded.changed_at`,
            [id, name, toJson(body), new Date(clock.now())],
          )
          note({
            kind: 'partner-changed',
            actor: change.actor,
            body: { partnerId: id, reason: change.reason, address: change.address, before: before ?? null, after: partner },
          })
          await tx.notify(channel, id)
        },
        { scope: { operator: true } },
      )
      await reload()
    },
    async putPeer(peer, change) {
      checkPeer(peer, loaded)
      const before = loaded.peers.find(({ id }) => id === peer.id)
      const { id, identity, enabled, ...body } = peer
      await ledger.record(
        async (tx, note) => {
          await tx.query(
            `INSERT INTO peer (id, identity, body, enabled, changed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET identity = excluded.identity, body = excluded.body, enabled = excluded.enabled,
               changed_at = excluded.changed_at`,
            [id, identity, toJson(body), enabled, new Date(clock.now())],
          )
          note({
            kind: 'peer-changed',
            actor: change.actor,
            body: { peerId: id, reason: change.reason, address: change.address, before: before ?? null, after: peer },
          })
          await tx.notify(channel, id)
        },
        { scope: { operator: true } },
      )
      await reload()
    },
    async deletePeer(id, change) {
      const before = loaded.peers.find((peer) => peer.id === id)
      if (before === undefined) throw new OperationError('peer-unknown', 404, `there is no peer ${id}`)
      await ledger.record(
        async (tx, note) => {
          await tx.query('DELETE FROM peer WHERE id = $1', [id])
          note({ kind: 'peer-removed', actor: change.actor, body: { peerId: id, reason: change.reason, address: change.address, before } })
          await tx.notify(channel, id)
        },
        { scope: { operator: true }, ...(change.isRehearsal === true && { rehearsal: true }) },
      )
      await reload()
    },
    close: stop,
  }
}

async function load(store: Db): Promise<Loaded> {
  const partners = await store.query<{ id: string; name: string; body: Omit<Partner, 'id' | 'name'>; changed_at: Date }>(
    'SELECT id, name, body, changed_at FROM partner ORDER BY name, id',
  )
  const peers = await store.query<{
    id: string
    identity: string
    enabled: boolean
    body: Omit<PeerRow, 'id' | 'identity' | 'enabled'>
    changed_at: Date
  }>('SELECT id, identity, enabled, body, changed_at FROM peer ORDER BY id')
  return {
    partners: partners.rows.map(({ id, name, body }) => ({ ...body, id, name })),
    peers: peers.rows.map(({ id, identity, enabled, body }) => ({ ...body, id, identity, enabled })),
    changed: new Map([
      ...partners.rows.map(({ id, changed_at: at }) => [`partner ${id}`, at.getTime()] as const),
      ...peers.rows.map(({ id, changed_at: at }) => [`peer ${id}`, at.getTime()] as const),
    ]),
  }
}

const diameterIdentity = /^(?=.{1,255}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*$/i

function checkNames(names: readonly string[], what: string): void {
  const wrong = names.find((name) => !diameterIdentity.test(name))
  if (wrong === undefined) return
  throw new OperationError('name-invalid', 422, `${what} ${JSON.stringify(wrong)} is not a host or realm name (RFC 6733 §4.3.1)`, {
    name: wrong,
  })
}

function checkPartner(partner: Partner, loaded: Loaded): void {
  if (!isUuid(partner.id)) throw new OperationError('partner-id', 422, 'the id of a partner is a UUID')
  checkNames([...partner.realms, ...partner.hosts], 'the name')
  if (partner.validUntil !== null && partner.validUntil <= partner.validFrom) {
    throw new OperationError('validity', 422, 'the agreement ends before it begins')
  }
  const unknown = partner.via.find((id) => !loaded.peers.some((peer) => peer.id === id))
  if (unknown !== undefined)
    throw new OperationError('peer-unknown', 422, `via names the peer ${unknown}, which is not on record: add the peer first`)
  const sameName = loaded.partners.find(({ id, name }) => id !== partner.id && name.toLowerCase() === partner.name.toLowerCase())
  if (sameName !== undefined) throw new OperationError('partner-name', 409, `there is a partner of that name: ${sameName.name}`)
}

function checkPeer(peer: PeerRow, loaded: Loaded): void {
  checkNames([peer.identity, peer.realm, ...peer.realms], 'the name')
  const other = loaded.peers.find(({ id, identity }) => id !== peer.id && identity.toLowerCase() === peer.identity.toLowerCase())
  if (other !== undefined) throw new OperationError('peer-identity', 409, `the identity ${peer.identity} is that of peer ${other.id}`)
  const isNew = !loaded.peers.some(({ id }) => id === peer.id)
  if (isNew && loaded.peers.length >= limits.diameter.peers) {
    throw new OperationError('too-many-peers', 422, `at most ${limits.diameter.peers} peers may be on record`)
  }
}
