import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { Partner, Peer, State } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay, useSession } from '../../app/session.tsx'
import { count, latency, percent, rate } from '../../logic/format.ts'
import { Answer, Button, Panel, Since, StateIcon } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { linkClassWords, linkStateWords, roleWords } from '../../words/network.ts'
import { word } from '../../words/say.ts'
import { durationText } from '../../words/units.ts'

/** How a partner stands: refused messages or no link are what a person should see first. */
export function partnerState(partner: Partner): State {
  const { live } = partner
  if (live.refused > 0) return 'refused'
  if (!live.peers.some((peer) => peer.up)) return live.success === null ? 'unknown' : 'attention'
  return live.success === null ? 'unknown' : live.success < 0.99 ? 'attention' : 'ok'
}

const rank: Readonly<Record<State, number>> = { refused: 0, attention: 1, unknown: 2, ok: 3 }

/** Why the network cannot be edited here and now; null where it can. */
export function useNetworkLock(): string | null {
  const { t } = useLingui()
  const demo = useSession()?.mode === 'demo'
  const may = useMay('network:write')
  if (demo) return t`The demo's network is simulated and fixed. An installation started with ./simward start edits it.`
  return may ? null : t`Changing partners and peers needs the permission network:write; your role does not have it.`
}

export function PartnersPage() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const lock = useNetworkLock()
  const partners = useQuery(queries.partners())
  const peers = useQuery(queries.peers())
  const named = search.get('id')
  if (named !== null) return <Navigate to={`/partners/${encodeURIComponent(named)}`} replace />
  return (
    <Page title={t`Partners`}>
      <Loaded query={partners} what={t`the partners`}>
        {({ items }) => (
          <>
            <PartnersAnswer partners={items} peers={peers.data?.items ?? []}>
              <Button because={lock} onClick={() => void navigate('/partners/new')}>
                <Trans>Add partner…</Trans>
              </Button>
              <Button because={lock} onClick={() => void navigate('/peers/new')}>
                <Trans>Add peer…</Trans>
              </Button>
            </PartnersAnswer>
            <div className="grid one">
              <PartnersTable partners={items} />
              <Loaded query={peers} what={t`the peers`}>
                {(list) => <PeersTable peers={list.items} partners={items} />}
              </Loaded>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function PartnersAnswer({ partners, peers, children }: { partners: readonly Partner[]; peers: readonly Peer[]; children: ReactNode }) {
  const { t } = useLingui()
  const up = peers.filter((peer) => peer.live.up).length
  const enabled = peers.filter((peer) => peer.enabled).length
  const refusing = partners.filter((partner) => partnerState(partner) === 'refused')
  const first = refusing[0]?.name ?? ''
  const down = enabled - up
  const state: State = refusing.length > 0 ? 'refused' : down > 0 ? 'attention' : enabled === 0 ? 'unknown' : 'ok'
  const title =
    refusing.length === 1
      ? t`${first} sent what was refused; ${up} of ${enabled} peers are up`
      : refusing.length > 1
        ? t`${refusing.length} partners sent what was refused; ${up} of ${enabled} peers are up`
        : enabled === 0
          ? t`No peer is known: everyone is refused`
          : t`${up} of ${enabled} peers are up`
  return (
    <Answer
      state={state}
      title={title}
      text={<Trans>What a peer may claim is what stands here, not what it says. Everyone else is refused.</Trans>}
    >
      <div className="btns">{children}</div>
    </Answer>
  )
}

function PartnersTable({ partners }: { partners: readonly Partner[] }) {
  const { i18n, t } = useLingui()
  const sorted = partners.toSorted((a, b) => rank[partnerState(a)] - rank[partnerState(b)])
  return (
    <Panel title={<Trans>Roaming partners</Trans>} meta={<Trans>{partners.length}, worst first</Trans>}>
      {partners.length === 0 ? (
        <Blank
          title={<Trans>No partner yet</Trans>}
          text={t`Without partner data every message from abroad is refused. Add the first network from its IR.21 data.`}
        />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
        <section className="scroll-x" tabIndex={0} aria-label={t`Roaming partners`}>
          <table className="tbl wide-table">
            <thead>
              <tr>
                <td className="w20" />
                <th>
                  <Trans>Network</Trans>
                </th>
                <th>
                  <Trans>PLMNs</Trans>
                </th>
                <th>
                  <Trans>Through</Trans>
                </th>
                <th className="num">
                  <Trans>Reg/s</Trans>
                </th>
                <th className="num">
                  <Trans>Success</Trans>
                </th>
                <th className="num">p95</th>
                <th className="num">
                  <Trans>Refused</Trans>
                </th>
                <th className="num">
                  <Trans>SIMs there</Trans>
                </th>
                <th className="num">
                  <Trans>Waivers used</Trans>
                </th>
                <th className="num">
                  <Trans>Data confirmed</Trans>
                </th>
              </tr>
            </thead>
            <tbody>
              {sorted.map((partner) => {
                const waived = Object.values(partner.live.waiversUsed).reduce((sum, n) => sum + n, 0)
                const age = durationText(i18n, partner.live.ageS * 1000)
                return (
                  <tr key={partner.id}>
                    <td className="ic">
                      <StateIcon state={partnerState(partner)} />
                    </td>
                    <td>
                      <Link className="strong" to={`/partners/${encodeURIComponent(partner.id)}`}>
                        {partner.name}
                      </Link>
                    </td>
                    <td className="mono dim">{partner.plmns.join(' ')}</td>
                    <td className="mono dim">{partner.live.peers.map((peer) => peer.identity).join(' ') || '–'}</td>
                    <td className="num">{rate(partner.live.registrationsPerSecond, i18n.locale)}</td>
                    <td className="num">
                      {partner.live.success === null ? <span className="dim3">–</span> : percent(partner.live.success, i18n.locale)}
                    </td>
                    <td className="num dim">{partner.live.p95Ms === null ? '–' : latency(partner.live.p95Ms, i18n.locale)}</td>
                    <td className={`num${partner.live.refused > 0 ? ' ref' : ' dim3'}`}>{count(partner.live.refused, i18n.locale)}</td>
                    <td className="num">{partner.live.registered === null ? '–' : count(partner.live.registered, i18n.locale)}</td>
                    <td className="num dim">{waived === 0 ? '–' : count(waived, i18n.locale)}</td>
                    <td className="num dim3">
                      <Trans>{age} ago</Trans>
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  )
}

function PeersTable({ peers, partners }: { peers: readonly Peer[]; partners: readonly Partner[] }) {
  const { i18n, t } = useLingui()
  const up = peers.filter((peer) => peer.live.up).length
  return (
    <Panel
      title={<Trans>Diameter peers</Trans>}
      meta={
        <Trans>
          {up} of {peers.length} up
        </Trans>
      }
    >
      {peers.length === 0 ? (
        <Blank title={<Trans>No peer yet</Trans>} text={t`A peer that is not on this list is refused at its first message.`} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on narrow screens
        <section className="scroll-x" tabIndex={0} aria-label={t`Diameter peers`}>
          <table className="tbl wide-table">
            <thead>
              <tr>
                <td className="w20" />
                <th>
                  <Trans>Identity</Trans>
                </th>
                <th>
                  <Trans>Role, link</Trans>
                </th>
                <th>
                  <Trans>Protection</Trans>
                </th>
                <th>
                  <Trans>Speaks for</Trans>
                </th>
                <th>
                  <Trans>Address</Trans>
                </th>
                <th className="num">
                  <Trans>In, out</Trans>
                </th>
                <th className="num">
                  <Trans>State</Trans>
                </th>
              </tr>
            </thead>
            <tbody>
              {peers.map((peer) => {
                const mine = partners.filter((partner) => partner.via.includes(peer.id)).map((partner) => partner.name)
                return (
                  <tr key={peer.id}>
                    <td className="ic">
                      <StateIcon state={peer.live.up ? 'ok' : peer.enabled ? 'attention' : 'unknown'} />
                    </td>
                    <td className="mono">
                      <Link to={`/peers/${encodeURIComponent(peer.id)}`}>{peer.identity}</Link>
                    </td>
                    <td>
                      {word(i18n, roleWords, peer.role)}, {word(i18n, linkClassWords, peer.linkClass)}
                    </td>
                    <td>
                      <Protection peer={peer} />
                    </td>
                    <td className="dim" title={peer.realms.join(' ')}>
                      {mine.length > 0 ? mine.join(', ') : <span className="mono">{peer.realms.join(' ')}</span>}
                    </td>
                    <td className="mono dim">{peer.live.remoteAddress ?? '–'}</td>
                    <td className="num dim">
                      {count(peer.live.messagesIn ?? 0, i18n.locale)}, {count(peer.live.messagesOut ?? 0, i18n.locale)}
                    </td>
                    <td className="num dim3">
                      {peer.live.up && peer.live.openSince !== null ? (
                        <Trans>
                          up <Since at={peer.live.openSince} />
                        </Trans>
                      ) : peer.enabled ? (
                        word(i18n, linkStateWords, peer.live.state)
                      ) : (
                        <Trans context="peer">off</Trans>
                      )}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  )
}

export function Protection({ peer }: { peer: Peer }) {
  const { tls } = peer.live
  if (tls === null && peer.transport === 'tcp') {
    return (
      <span className="att with-icon">
        <Icon name="att" size={12} tone="att" />
        <Trans>TCP, in clear</Trans>
      </span>
    )
  }
  return (
    <span className="with-icon" title={tls?.cipher}>
      <Icon name="ok" size={12} tone="ok" />
      {tls?.version ?? 'TLS'}
    </span>
  )
}
