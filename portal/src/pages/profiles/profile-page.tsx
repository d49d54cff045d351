import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { ProfileDetail } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { useMay } from '../../app/session.tsx'
import { cappedCount, count } from '../../logic/format.ts'
import { Ago, Answer, Button, Choice, Copy, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { answerWords, memberWords, permissionWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'
import { AcknowledgeDialog, type Bearer } from './acknowledge.tsx'
import { ProfileEditor } from './editor.tsx'
import { profileState } from './page.tsx'
import { FaultList, PermissionList } from './parts.tsx'
import { Versions } from './versions.tsx'

export function ProfilePage() {
  const { t } = useLingui()
  const { id = '' } = useParams()
  const query = useQuery(queries.profile(id))
  return (
    <Page title={query.data?.name ?? id} parent={{ title: t`Profiles`, to: '/profiles' }}>
      <Loaded query={query} what={t`this profile`}>
        {(profile) => (
          <>
            <Header profile={profile} />
            <Readouts profile={profile} />
            <div className="grid two">
              <div className="stack">
                <PermitsPanel profile={profile} />
                <NeedsPanel profile={profile} />
                <ObservedPanel profile={profile} />
                <ComputedPanel profile={profile} />
              </div>
              <div className="stack">
                <Versions profile={profile} />
                <ProfileEditor key={`${profile.version}.${profile.latest}`} profile={profile} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Header({ profile }: { profile: ProfileDetail }) {
  const { t, i18n } = useLingui()
  const [signing, setSigning] = useState<Bearer | null>(null)
  const may = useMay('profiles:write')
  const { name, deviations, unacknowledged } = profile
  const state = profileState({ deviations: deviations?.length ?? null, unacknowledged })
  const bearers = unacknowledged.map((bearer) => word(i18n, permissionWords, bearer)).join(', ')
  const beyond = deviations?.length ?? 0
  const title =
    unacknowledged.length > 0
      ? t`${name} carries ${bearers}, and nobody signed for its weakness`
      : deviations === null
        ? t`What ${name} needs is not on record`
        : beyond > 0
          ? t`${name} permits ${beyond} things that were not asked for`
          : t`${name} permits what its service needs, and nothing more`
  const [first] = unacknowledged
  return (
    <>
      <Answer
        state={state}
        title={title}
        text={
          <Trans>
            {profile.provider.name}, version {profile.version} since <Ago at={profile.changedAt} />.
          </Trans>
        }
      >
        <div className="btns">
          <Link className="btn primary" to={`/sims?filter=${encodeURIComponent(`profile:"${name}"`)}`}>
            <Trans>See its SIMs</Trans>
          </Link>
          {first !== undefined && (
            <Button
              because={may ? null : t`Changing profiles needs the permission profiles:write; your role does not have it.`}
              onClick={() => setSigning(first)}
            >
              <Trans>Acknowledge…</Trans>
            </Button>
          )}
        </div>
      </Answer>
      {signing !== null && <AcknowledgeDialog bearer={signing} providerId={profile.provider.id} onClose={() => setSigning(null)} />}
    </>
  )
}

function Readouts({ profile }: { profile: ProfileDetail }) {
  const { i18n } = useLingui()
  const { locale } = i18n
  const { push, body } = profile
  return (
    <dl className="readouts">
      <div>
        <dt>
          <Trans>SIMs</Trans>
        </dt>
        <dd>{cappedCount(profile.sims, locale)}</dd>
      </div>
      <div>
        <dt>
          <Trans>Version in force</Trans>
        </dt>
        <dd>
          {profile.version}
          {profile.latest > profile.version && (
            <small>
              <Trans>({profile.latest} waits)</Trans>
            </small>
          )}
        </dd>
      </div>
      <div>
        <dt>
          <Trans>Rate, up and down</Trans>
        </dt>
        <dd>
          {count(body.maxUplinkKbps, locale)}
          <small>{count(body.maxDownlinkKbps, locale)} kbit/s</small>
        </dd>
      </div>
      <div>
        <dt>
          <Trans>Roams</Trans>
        </dt>
        <dd>
          {body.roamingArea.kind === 'partners' ? (
            <Trans>{body.roamingArea.partnerIds.length} networks</Trans>
          ) : (
            word(i18n, answerWords, body.roamingArea.kind === 'anywhere' ? 'roaming.anywhere' : 'roaming.home')
          )}
        </dd>
      </div>
      <div>
        <dt>
          <Trans>Serving nodes told</Trans>
        </dt>
        <dd>
          {push === null ? (
            <span className="dim3">–</span>
          ) : (
            <>
              {count(push.told, locale)}
              <small>
                {push.finishedAt === null ? (
                  <Trans>of {cappedCount(push.of, locale)}, going on</Trans>
                ) : (
                  <Trans>
                    {count(push.confirmed, locale)} confirmed, {count(push.failed, locale)} failed
                  </Trans>
                )}
              </small>
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}

function PermitsPanel({ profile }: { profile: ProfileDetail }) {
  const { i18n } = useLingui()
  const others = profile.deviations?.filter(({ kind }) => kind !== 'permission') ?? []
  return (
    <Panel title={<Trans>What it permits beyond data at home</Trans>}>
      {profile.permissions.length === 0 ? (
        <p className="quiet">
          <Trans>Nothing: data over its access point, to the places on its list, on the home network.</Trans>
        </p>
      ) : (
        <PermissionList permissions={profile.permissions} />
      )}
      {others.length > 0 && (
        <ul className="costs">
          {others.map(({ kind, value }) => (
            <li key={`${kind} ${value}`}>
              <Icon name="ref" size={12} tone="ref" />
              <div>
                <b className="mono">{value}</b>
                <p>
                  {kind === 'rate' ? (
                    <Trans>The rate is above the {value} kbit/s that were asked for.</Trans>
                  ) : (
                    <Trans>{word(i18n, memberWords, deviationMember[kind] ?? '')}: not in the assessment.</Trans>
                  )}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {profile.faults.length > 0 && <FaultList faults={profile.faults} />}
    </Panel>
  )
}

const deviationMember: Readonly<Record<string, string>> = {
  address: 'member.allowedAddresses',
  domain: 'member.allowedDomains',
  number: 'member.fixedNumbers',
  partner: 'member.roamingArea',
  radio: 'member.radio',
}

function NeedsPanel({ profile }: { profile: ProfileDetail }) {
  const { t, i18n } = useLingui()
  const navigate = useNavigate()
  const may = useMay('profiles:write')
  const { assessment } = profile
  return (
    <Panel title={<Trans>What was asked for</Trans>} meta={assessment === null ? undefined : <Ago at={assessment.madeAt} />}>
      {assessment === null ? (
        <p className="quiet">
          <Trans>Nobody has answered what this service needs. Until then least privilege (CLP.14 §5.1) cannot be shown.</Trans>
        </p>
      ) : (
        <dl className="facts asked">
          <dt>
            <Trans>Service</Trans>
          </dt>
          <dd>
            {word(i18n, answerWords, `service.${assessment.answers.service}`)}
            {assessment.answers.purpose !== '' && `, ${assessment.answers.purpose}`}
          </dd>
          <dt>
            <Trans>Used</Trans>
          </dt>
          <dd>
            {word(i18n, answerWords, `roaming.${assessment.answers.roaming}`)},{' '}
            {word(i18n, answerWords, `mobility.${assessment.answers.mobility}`)}
          </dd>
          <dt>
            <Trans>Speaks</Trans>
          </dt>
          <dd>
            {word(i18n, answerWords, `rhythm.${assessment.answers.rhythm}`)}, {count(assessment.answers.kbps, i18n.locale)} kbit/s
          </dd>
          <dt>
            <Trans>Class</Trans>
          </dt>
          <dd>{word(i18n, answerWords, `class.${assessment.answers.class}`)}</dd>
          <dt>
            <Trans>Answered by</Trans>
          </dt>
          <dd>{assessment.madeBy === 'installation' ? <Trans>It came with the installation</Trans> : assessment.madeBy}</dd>
        </dl>
      )}
      <div className="btns">
        <Button
          small
          because={may ? null : t`Changing profiles needs the permission profiles:write; your role does not have it.`}
          onClick={() => void navigate(`/profiles/new?for=${profile.id}`)}
        >
          {assessment === null ? <Trans>Answer the questions…</Trans> : <Trans>Answer anew…</Trans>}
        </Button>
      </div>
    </Panel>
  )
}

/** Where its devices are now, beside what the profile says. */
function ObservedPanel({ profile }: { profile: ProfileDetail }) {
  const { i18n } = useLingui()
  const { observed } = profile
  const rows = [...observed.networks, ...observed.radios]
  const most = Math.max(1, ...rows.map(({ sims }) => sims))
  return (
    <Panel title={<Trans>What is observed</Trans>} meta={<Trans>{count(observed.sims, i18n.locale)} registered SIMs looked at</Trans>}>
      {rows.length === 0 ? (
        <p className="quiet">
          <Trans>None of its devices is registered now.</Trans>
        </p>
      ) : (
        <table className="tbl observed">
          <tbody>
            {rows.map((row) => (
              <tr key={row.value}>
                <td className="ic w20">
                  <Icon name={row.declared ? 'ok' : 'att'} size={12} tone={row.declared ? 'ok' : 'att'} />
                </td>
                <td>{row.value}</td>
                <td>
                  <svg className="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                    <rect width={(row.sims / most) * 100} height="8" />
                  </svg>
                </td>
                <td className="num w72">{count(row.sims, i18n.locale)}</td>
                <td className="w120 dim3">
                  {row.declared ? <Trans>as declared</Trans> : <span className="att">{<Trans>not declared</Trans>}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

/** What the network functions and cards would get, as text and octets. */
function ComputedPanel({ profile }: { profile: ProfileDetail }) {
  const { t } = useLingui()
  const [what, setWhat] = useState<'s6a' | 'lists' | 'fdn'>('s6a')
  const { allowedAddresses, allowedDomains } = profile.body
  return (
    <Panel title={<Trans>What follows from it</Trans>}>
      <Choice
        label={t`What follows from it`}
        options={[
          { value: 's6a', label: t`S6a, as the MME gets it` },
          { value: 'lists', label: t`Allowlist` },
          { value: 'fdn', label: 'EF_FDN' },
        ]}
        value={what}
        onChange={setWhat}
      />
      {what === 's6a' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard
        <pre className="compiled mono" tabIndex={0}>
          {profile.compiled}
        </pre>
      )}
      {what === 'lists' && (
        <>
          <p className="quiet with-icon">
            <Icon name="att" size={12} tone="att" />
            <Trans>Computed, not enforced here: no gateway takes the list yet.</Trans>
          </p>
          {allowedAddresses.length + allowedDomains.length === 0 ? (
            <p className="quiet">
              <Trans>No list: its devices may reach every address.</Trans>
            </p>
          ) : (
            <ul className="mono octet-list">
              {allowedAddresses.map(({ cidr, protocol, ports, apn }) => (
                <li key={`${cidr} ${protocol} ${apn}`}>
                  {cidr} {protocol} {ports.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(',')} {apn}
                </li>
              ))}
              {allowedDomains.map(({ name, apn }) => (
                <li key={`${name} ${apn}`}>
                  {name} {apn}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {what === 'fdn' && (
        <>
          <p className="quiet with-icon">
            <Icon name="att" size={12} tone="att" />
            <Trans>Computed, not delivered: nothing writes these records to a card, and no node checks the numbers.</Trans>
          </p>
          {profile.fdn.length === 0 ? (
            <p className="quiet">
              <Trans>No fixed dialling list.</Trans>
            </p>
          ) : (
            <ul className="mono octet-list">
              {profile.fdn.map((record) => (
                <li key={record.number}>
                  <span className="dim">
                    {record.number} {record.name}
                  </span>
                  <br />
                  {record.hex} <Copy text={record.hex} />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Panel>
  )
}
