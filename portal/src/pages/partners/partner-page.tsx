import { Trans, useLingui } from '@lingui/react/macro'
import { Checkbox, TagsInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Partner } from '../../api/types.ts'
import { useNow } from '../../app/now.tsx'
import { Page } from '../../app/page.tsx'
import { count, dayOf, latency, percent, rate } from '../../logic/format.ts'
import { changes, type DraftFault, draftOf, idFrom, type PartnerBody, partnerBody, partnerFaults } from '../../logic/partner-draft.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Ago, Answer, Button, Panel } from '../../parts/basics.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { waiverWords } from '../../words/network.ts'
import { word } from '../../words/say.ts'
import { ChangeList } from './change-list.tsx'
import { partnerState, useNetworkLock } from './page.tsx'

export function PartnerPage() {
  const { t } = useLingui()
  const { id = '' } = useParams()
  const isNew = id === 'new'
  const query = useQuery({ ...queries.partner(id), enabled: !isNew })
  const parent = { title: t`Partners`, to: '/partners' }
  if (isNew)
    return (
      <Page title={t`New partner`} parent={parent}>
        <Answer
          state="unknown"
          title={<Trans>A new roaming partner</Trans>}
          text={<Trans>It takes effect at once: from then on its networks may ask for your SIMs.</Trans>}
        />
        <PartnerForm partner={undefined} />
      </Page>
    )
  return (
    <Page title={query.data?.name ?? id} parent={parent}>
      <Loaded query={query} what={t`this partner`}>
        {(partner) => (
          <>
            <PartnerHeader partner={partner} />
            <PartnerForm key={partner.confirmedAt} partner={partner} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function PartnerHeader({ partner }: { partner: Partner }) {
  const { i18n, t } = useLingui()
  const { locale } = i18n
  const { live } = partner
  const up = live.peers.filter((peer) => peer.up)
  const name = partner.name
  const refused = count(live.refused, locale)
  const title =
    live.refused > 0
      ? t`${refused} messages of ${name} were refused`
      : up.length === 0
        ? t`${name} is not connected`
        : live.success === null
          ? t`${name} is connected; nothing was asked yet`
          : t`${name} is connected and asks as it should`
  const waived = Object.entries(live.waiversUsed).filter(([, n]) => n > 0)
  const filter = encodeURIComponent(`partner:${partner.id}${live.refused > 0 ? ' verdict:reject,drop' : ''}`)
  return (
    <>
      <Answer
        state={partnerState(partner)}
        title={title}
        text={
          <Trans>
            Data from {partner.source}, confirmed <Ago at={partner.confirmedAt} />.
          </Trans>
        }
      >
        <div className="btns">
          <Link className="btn primary" to={`/signalling?filter=${filter}`}>
            <Trans>See its signalling</Trans>
          </Link>
        </div>
      </Answer>
      <dl className="readouts">
        <div>
          <dt>
            <Trans>Registrations</Trans>
          </dt>
          <dd>
            {rate(live.registrationsPerSecond, locale)}
            <small>/s</small>
          </dd>
        </div>
        <div>
          <dt>
            <Trans>Success</Trans>
          </dt>
          <dd>{live.success === null ? <span className="dim3">{t`no data`}</span> : percent(live.success, locale)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Answer p95</Trans>
          </dt>
          <dd>{live.p95Ms === null ? <span className="dim3">{t`no data`}</span> : latency(live.p95Ms, locale)}</dd>
        </div>
        <div>
          <dt>
            <Trans>SIMs there</Trans>
          </dt>
          <dd>{live.registered === null ? <span className="dim3">{t`no data`}</span> : count(live.registered, locale)}</dd>
        </div>
        <div>
          <dt>
            <Trans>We send at most</Trans>
          </dt>
          <dd>
            {count(partner.agreedRate, locale)}
            <small>/s</small>
          </dd>
        </div>
        <div>
          <dt>
            <Trans>Waivers used</Trans>
          </dt>
          <dd>
            {count(
              waived.reduce((sum, [, n]) => sum + n, 0),
              locale,
            )}
            <small>{waived.map(([waiver]) => waiver).join(', ')}</small>
          </dd>
        </div>
      </dl>
    </>
  )
}

function bodyOf(partner: Partner): PartnerBody {
  const { id: _id, live: _live, ...body } = partner
  return body
}

function PartnerForm({ partner }: { partner: Partner | undefined }) {
  const { t, i18n } = useLingui()
  const lock = useNetworkLock()
  const client = useQueryClient()
  const navigate = useNavigate()
  const now = useNow(60_000)
  const peers = useQuery(queries.peers()).data?.items ?? []
  const [draft, setDraft] = useState(() => draftOf(partner))
  const [asking, setAsking] = useState(false)
  const [showFaults, setShowFaults] = useState(false)
  const faults = partnerFaults(draft)
  const set = (change: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...change }))
  const before = partner === undefined ? undefined : partnerBody(draftOf(partner), bodyOf(partner), partner.confirmedAt)
  const after = partnerBody(draft, partner === undefined ? undefined : bodyOf(partner), now)
  const changed = changes(before, after)
  const save = async (reason: string): Promise<void> => {
    const id = partner?.id ?? idFrom(draft.name)
    answerOf(await api.PUT('/api/v1/partners/{id}', { params: { path: { id } }, body: { ...after, changeReason: reason } }))
    await client.invalidateQueries({ queryKey: ['partner'] })
    await client.invalidateQueries({ queryKey: ['partners'] })
    await navigate(`/partners/${encodeURIComponent(id)}`)
  }
  const off = lock !== null
  const fault = (field: DraftFault, text: string): string | undefined => (showFaults && faults.includes(field) ? text : undefined)
  const validity = partner === undefined ? '' : dayOf(partner.validFrom, i18n.locale)
  return (
    <form
      className="grid two"
      onSubmit={(event) => {
        event.preventDefault()
        setShowFaults(true)
        if (faults.length === 0 && !off) setAsking(true)
      }}
    >
      <Panel title={<Trans>Who it is</Trans>} meta={partner === undefined ? undefined : <Trans>in force since {validity}</Trans>}>
        <fieldset className="form" disabled={off}>
          <TextInput
            label={t`Name`}
            value={draft.name}
            onChange={(e) => set({ name: e.currentTarget.value })}
            error={fault('name', t`Give the network a name`)}
          />
          <TagsInput
            label={t`PLMNs`}
            description={t`MCC-MNC, two or three digits of MNC as the network uses them: 001-02`}
            value={draft.plmns}
            onChange={(plmns) => set({ plmns })}
            disabled={off}
            error={fault('plmns', t`At least one, each as 001-02 or 001-002`)}
          />
          <TagsInput
            label={t`Equivalent PLMNs`}
            value={draft.equivalentPlmns}
            onChange={(equivalentPlmns) => set({ equivalentPlmns })}
            disabled={off}
            error={fault('equivalentPlmns', t`Each as 001-02 or 001-002`)}
          />
          <TagsInput
            label={t`Realms`}
            description={t`Origin-Realms that it may use`}
            value={draft.realms}
            onChange={(realms) => set({ realms })}
            disabled={off}
            error={fault('realms', t`At least one, or nothing it sends is accepted`)}
          />
          <TagsInput
            label={t`Serving nodes`}
            description={t`Origin-Hosts; none: any host under its realms`}
            value={draft.hosts}
            onChange={(hosts) => set({ hosts })}
            disabled={off}
          />
          <TextInput
            label={t`Source of this data`}
            description={t`For example IR.21 and its date`}
            value={draft.source}
            onChange={(e) => set({ source: e.currentTarget.value })}
            error={fault('source', t`Say where this data comes from`)}
          />
        </fieldset>
      </Panel>
      <Panel title={<Trans>How it reaches us</Trans>}>
        <fieldset className="form" disabled={off}>
          <TagsInput
            label={t`Through these peers`}
            description={t`Relays and hubs that may carry its messages`}
            data={peers.map((peer) => peer.id)}
            value={draft.via}
            onChange={(via) => set({ via })}
            disabled={off}
          />
          <TagsInput label={t`Addresses`} value={draft.addresses} onChange={(addresses) => set({ addresses })} disabled={off} />
          <TextInput
            label={t`Messages per second that we may send`}
            inputMode="numeric"
            value={draft.agreedRate}
            onChange={(e) => set({ agreedRate: e.currentTarget.value })}
            error={fault('agreedRate', t`A number above 0`)}
          />
          <TextInput
            label={t`Location`}
            description={t`Latitude, longitude, radius in km: 52.1, 5.2, 160`}
            value={draft.location}
            onChange={(e) => set({ location: e.currentTarget.value })}
            error={fault('location', t`Three numbers: latitude, longitude, radius in km`)}
          />
          <Checkbox
            label={t`It hides its nodes: compare serving nodes by realm only`}
            checked={draft.topologyHiding}
            onChange={(e) => set({ topologyHiding: e.currentTarget.checked })}
            disabled={off}
          />
          <fieldset className="checks">
            <legend>
              <Trans>Waivers: each is counted and shown when it is used</Trans>
            </legend>
            {Object.keys(waiverWords).map((waiver) => (
              <Checkbox
                key={waiver}
                label={word(i18n, waiverWords, waiver)}
                checked={draft.waivers.includes(waiver)}
                disabled={off}
                onChange={(e) =>
                  set({ waivers: e.currentTarget.checked ? [...draft.waivers, waiver] : draft.waivers.filter((one) => one !== waiver) })
                }
              />
            ))}
          </fieldset>
          <div className="btns end">
            <Button type="submit" primary because={lock ?? (changed.length === 0 ? t`Nothing was changed` : null)}>
              {partner === undefined ? <Trans>Add…</Trans> : <Trans>Save…</Trans>}
            </Button>
          </div>
        </fieldset>
      </Panel>
      {asking && (
        <AskReason
          title={partner === undefined ? t`Add ${draft.name}` : t`Change ${draft.name}`}
          action={partner === undefined ? t`Add` : t`Save`}
          text={<ChangeList changes={changed} />}
          onDone={save}
          onClose={() => setAsking(false)}
        />
      )}
    </form>
  )
}
