import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, Select, TagsInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Peer } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { count, dayOf } from '../../logic/format.ts'
import { changes, idFrom, type PeerBody } from '../../logic/partner-draft.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Answer, Button, Panel, Since } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { linkClassWords, linkStateWords, roleWords } from '../../words/network.ts'
import { word } from '../../words/say.ts'
import { ChangeList } from './change-list.tsx'
import { Protection, useNetworkLock } from './page.tsx'

const empty: PeerBody = {
  identity: '',
  realm: '',
  role: 'agent',
  linkClass: 'ipx',
  transport: 'tls',
  realms: [],
  connectTo: null,
  enabled: true,
}

export function PeerPage() {
  const { t } = useLingui()
  const { id = '' } = useParams()
  const isNew = id === 'new'
  const query = useQuery({ ...queries.peer(id), enabled: !isNew })
  const parent = { title: t`Partners`, to: '/partners' }
  if (isNew)
    return (
      <Page title={t`New peer`} parent={parent}>
        <Answer
          state="unknown"
          title={<Trans>A new Diameter peer</Trans>}
          text={<Trans>It may connect as soon as it is saved. What it may claim is only what stands here.</Trans>}
        />
        <PeerForm peer={undefined} />
      </Page>
    )
  return (
    <Page title={query.data?.identity ?? id} mono parent={parent}>
      <Loaded query={query} what={t`this peer`}>
        {(peer) => (
          <>
            <PeerHeader peer={peer} />
            <PeerForm key={JSON.stringify(bodyOf(peer))} peer={peer} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function PeerHeader({ peer }: { peer: Peer }) {
  const { i18n, t } = useLingui()
  const { live } = peer
  const identity = peer.identity
  const expires = live.tls?.certificateExpiresAt
  return (
    <>
      <Answer
        state={live.up ? 'ok' : peer.enabled ? 'attention' : 'unknown'}
        title={live.up ? t`${identity} is up` : peer.enabled ? t`${identity} is not connected` : t`${identity} is switched off`}
        text={
          <>
            {word(i18n, roleWords, peer.role)}, {word(i18n, linkClassWords, peer.linkClass)}
            {live.up && live.openSince !== null && (
              <>
                ,{' '}
                <Trans>
                  connected for <Since at={live.openSince} />
                </Trans>
              </>
            )}
            {!live.up && <>, {word(i18n, linkStateWords, live.state)}</>}
          </>
        }
      >
        <div className="btns">
          <Link className="btn primary" to={`/signalling?filter=${encodeURIComponent(`peer:${peer.id}`)}`}>
            <Trans>See its signalling</Trans>
          </Link>
        </div>
      </Answer>
      <dl className="readouts">
        <Cell label={<Trans>Protection</Trans>} value={<Protection peer={peer} />} />
        <Cell
          label={<Trans>Certificate ends</Trans>}
          value={expires === undefined || expires === null ? <span className="dim3">{t`no data`}</span> : dayOf(expires, i18n.locale)}
        />
        <Cell label={<Trans>Address</Trans>} value={<span className="mono">{live.remoteAddress ?? '–'}</span>} />
        <Cell label={<Trans>Messages in</Trans>} value={count(live.messagesIn ?? 0, i18n.locale)} />
        <Cell label={<Trans>Messages out</Trans>} value={count(live.messagesOut ?? 0, i18n.locale)} />
      </dl>
    </>
  )
}

function Cell({ label, value }: { label: ReactNode; value: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function bodyOf(peer: Peer): PeerBody {
  const { id: _id, live: _live, ...body } = peer
  return body
}

function PeerForm({ peer }: { peer: Peer | undefined }) {
  const { t, i18n } = useLingui()
  const lock = useNetworkLock()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [draft, setDraft] = useState<PeerBody>(() => (peer === undefined ? empty : bodyOf(peer)))
  const [asking, setAsking] = useState<'save' | 'remove' | null>(null)
  const [showFaults, setShowFaults] = useState(false)
  const set = (change: Partial<PeerBody>): void => setDraft((before) => ({ ...before, ...change }))
  const off = lock !== null
  const faulty = draft.identity.trim() === '' || draft.realm.trim() === ''
  const changed = changes(peer === undefined ? undefined : bodyOf(peer), draft)
  const done = async (to: string): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['peer'] })
    await client.invalidateQueries({ queryKey: ['peers'] })
    await navigate(to)
  }
  const save = async (reason: string): Promise<void> => {
    const id = peer?.id ?? idFrom(draft.identity)
    answerOf(await api.PUT('/api/v1/peers/{id}', { params: { path: { id } }, body: { ...draft, changeReason: reason } }))
    await done(`/peers/${encodeURIComponent(id)}`)
  }
  const remove = async (reason: string): Promise<void> => {
    if (peer === undefined) return
    answerOf(await api.DELETE('/api/v1/peers/{id}', { params: { path: { id: peer.id }, query: { reason } } }))
    await done('/partners')
  }
  const options = (words: typeof roleWords): { value: string; label: string }[] =>
    Object.keys(words).map((value) => ({ value, label: word(i18n, words, value) }))
  const port = draft.connectTo === null ? '' : `${draft.connectTo.host}:${draft.connectTo.port}`
  return (
    <form
      className="grid two"
      onSubmit={(event) => {
        event.preventDefault()
        setShowFaults(true)
        if (!faulty && !off) setAsking('save')
      }}
    >
      <Panel title={<Trans>Who it is</Trans>}>
        <fieldset className="form" disabled={off}>
          <TextInput
            label={t`Identity`}
            description={t`Its Origin-Host, and the name in its certificate`}
            value={draft.identity}
            onChange={(e) => set({ identity: e.currentTarget.value })}
            error={showFaults && draft.identity.trim() === '' ? t`Give its Origin-Host` : undefined}
          />
          <TextInput
            label={t`Realm`}
            value={draft.realm}
            onChange={(e) => set({ realm: e.currentTarget.value })}
            error={showFaults && draft.realm.trim() === '' ? t`Give its Origin-Realm` : undefined}
          />
          <Select
            label={t`Role`}
            description={t`A node speaks for itself, an agent carries messages of others`}
            data={options(roleWords)}
            value={draft.role}
            onChange={(role) => role !== null && set({ role: role as PeerBody['role'] })}
            disabled={off}
            allowDeselect={false}
          />
          <Select
            label={t`Link`}
            data={options(linkClassWords)}
            value={draft.linkClass}
            onChange={(one) => one !== null && set({ linkClass: one as PeerBody['linkClass'] })}
            disabled={off}
            allowDeselect={false}
          />
          <TagsInput
            label={t`Realms it may speak for`}
            description={t`Partners that name it add their own`}
            value={[...draft.realms]}
            onChange={(realms) => set({ realms })}
            disabled={off}
          />
        </fieldset>
      </Panel>
      <Panel title={<Trans>How it connects</Trans>}>
        <fieldset className="form" disabled={off}>
          <Select
            label={t`Transport`}
            data={[
              { value: 'tls', label: t`TLS, both sides with certificates` },
              { value: 'tcp', label: t`TCP, in clear` },
            ]}
            value={draft.transport}
            onChange={(one) => one !== null && set({ transport: one as PeerBody['transport'] })}
            disabled={off}
            allowDeselect={false}
          />
          <TextInput
            label={t`We connect to`}
            description={t`Host and port, host:3868; empty: it connects to us`}
            defaultValue={port}
            onChange={(e) => {
              const match = /^(.+):(\d{1,5})$/.exec(e.currentTarget.value.trim())
              set({ connectTo: match === null ? null : { host: match[1] ?? '', port: Number(match[2]) } })
            }}
          />
          <Checkbox
            label={t`Switched on`}
            checked={draft.enabled}
            onChange={(e) => set({ enabled: e.currentTarget.checked })}
            disabled={off}
          />
          <div className="btns end">
            {peer !== undefined && (
              <Button because={lock} onClick={() => setAsking('remove')}>
                <Trans>Remove…</Trans>
              </Button>
            )}
            <Button type="submit" primary because={lock ?? (changed.length === 0 ? t`Nothing was changed` : null)}>
              {peer === undefined ? <Trans>Add…</Trans> : <Trans>Save…</Trans>}
            </Button>
          </div>
        </fieldset>
      </Panel>
      {asking === 'save' && (
        <AskReason
          title={t`Save ${draft.identity}`}
          action={t`Save`}
          text={<ChangeList changes={changed} />}
          onDone={save}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'remove' && peer !== undefined && (
        <AskReason
          title={t`Remove ${peer.identity}`}
          action={t`Remove`}
          text={
            <p>{t`Its link is closed at once and it is refused from then on. Devices that register through it lose their way to us.`}</p>
          }
          onDone={remove}
          onClose={() => setAsking(null)}
        />
      )}
    </form>
  )
}
