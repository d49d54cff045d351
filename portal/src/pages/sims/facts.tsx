import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { SimDetail } from '../../api/types.ts'
import { count, grouped, monthOf, shortened } from '../../logic/format.ts'
import { Ago, Identifier, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { word } from '../../words/say.ts'
import { roamingWords } from '../../words/sims.ts'
import { durationText } from '../../words/units.ts'
import { classWords } from '../../words/verdicts.ts'

export function IdentityPanel({ sim }: { sim: SimDetail }) {
  const { i18n, t } = useLingui()
  const { card } = sim
  const until = card.accreditation === null ? '' : monthOf(card.accreditation.validUntil)
  return (
    <Panel
      title={<Trans>Identity</Trans>}
      meta={
        sim.label === null ? (
          sim.hssPartition
        ) : (
          <span className="clip" title={sim.label}>
            {sim.label}
          </span>
        )
      }
    >
      <dl className="facts">
        <dt>IMSI</dt>
        <dd>
          <Identifier value={sim.imsi} />
        </dd>
        {sim.msisdn !== null && (
          <>
            <dt>MSISDN</dt>
            <dd>
              <Identifier value={sim.msisdn} shown={`+${grouped(sim.msisdn.replace(/^\+/, ''), 3)}`} />
            </dd>
          </>
        )}
        <dt>ICCID</dt>
        <dd>
          <Identifier value={card.iccid} shown={grouped(card.iccid, 4)} />
        </dd>
        {card.eid !== null && (
          <>
            <dt>EID</dt>
            <dd>
              <Identifier value={card.eid} shown={shortened(card.eid)} />
            </dd>
          </>
        )}
        {sim.imei !== null && (
          <>
            <dt>IMEI</dt>
            <dd>
              <Identifier value={sim.imei} />
            </dd>
          </>
        )}
        <dt>
          <Trans>Card</Trans>
        </dt>
        <dd>
          {card.formFactor}, {card.use === 'iot' ? 'IoT' : t`handset`}
        </dd>
        <dt>
          <Trans>Batch</Trans>
        </dt>
        <dd>
          {card.supplier === null ? (
            <span className="dim3">
              <Trans>the operator’s own</Trans>
            </span>
          ) : (
            <>
              <span className="clip" title={`${card.supplier}, ${card.batchId}`}>
                {card.supplier}
              </span>
              <span className="why clip">
                {card.accreditation === null ? <Trans>no accreditation on record</Trans> : `${card.accreditation.scheme} ${until}`}
              </span>
            </>
          )}
        </dd>
        <dt>
          <Trans>Algorithm</Trans>
        </dt>
        <dd>
          {sim.algorithm}
          <span className="why">
            <Trans>key sealed</Trans>
          </span>
          <span className="mono dim3" title={t`Key check value`}>
            {sim.kcv}
          </span>
        </dd>
        <dt>
          <Trans>Provider</Trans>
        </dt>
        <dd>
          <Link className="link" to={`/sims?filter=${encodeURIComponent(`provider:${sim.provider.id}`)}`}>
            {sim.provider.name}
          </Link>
        </dd>
        <dt>
          <Trans>Class</Trans>
        </dt>
        <dd>{word(i18n, classWords, sim.class)}</dd>
        {sim.group !== null && (
          <>
            <dt>
              <Trans>Group</Trans>
            </dt>
            <dd>
              <Link className="link clip" to={`/sims?filter=${encodeURIComponent(`group:${sim.group.id}`)}`}>
                {sim.group.name}
              </Link>
            </dd>
          </>
        )}
        <dt>
          <Trans>Partition</Trans>
        </dt>
        <dd>
          <span className="mono clip">{sim.hssPartition}</span>
        </dd>
        <dt>
          <Trans>Last seen</Trans>
        </dt>
        <dd>
          {sim.lastSeenAt === null ? (
            <Trans>never</Trans>
          ) : (
            <>
              {sim.partnerName} {sim.visitedPlmn}
              <span className="why">
                <Ago at={sim.lastSeenAt} />
              </span>
            </>
          )}
        </dd>
        {card.otherImsis.length > 0 && (
          <>
            <dt>
              <Trans>Same card</Trans>
            </dt>
            <dd>
              {card.otherImsis.map((imsi) => (
                <Link key={imsi} className="link mono" to={`/sims/${imsi}`}>
                  {imsi}
                </Link>
              ))}
            </dd>
          </>
        )}
      </dl>
    </Panel>
  )
}

interface Permission {
  id: string
  label: ReactNode
  text: ReactNode
  mark: 'yes' | 'no' | 'hit'
}

/** The profile as a person reads it: what it may do, line by line; what it may not is said too. */
export function MayDoPanel({ sim }: { sim: SimDetail }) {
  const { t, i18n } = useLingui()
  const [showing, setShowing] = useState(false)
  const profile = sim.profileView
  const no = t({ message: 'no', context: 'may do' })
  const kbps = (value: number): string =>
    value >= 1000 ? `${count(value / 1000, i18n.locale)} Mbit/s` : `${count(value, i18n.locale)} kbit/s`
  const silence = durationText(i18n, profile.periodicTauSeconds * 1000)
  const networks = profile.roaming.partners.length
  const mismatch = sim.canConnect.because?.key === 'imei-lock' || sim.imposed.some((one) => one.reason === 'imei-lock')
  const lines: Permission[] = [
    ...profile.apns.map((apn) => ({
      id: apn.name,
      label: <Trans>Data</Trans>,
      text: (
        <>
          <span className="mono">{apn.name}</span>, {apn.localBreakout ? <Trans>local breakout</Trans> : <Trans>home-routed</Trans>}
        </>
      ),
      mark: 'yes' as const,
    })),
    { id: 'qos', label: 'QoS', text: `QCI ${profile.apns[0]?.qci ?? '–'}, ${kbps(profile.maxUplinkKbps)}`, mark: 'yes' },
    {
      id: 'roams',
      label: <Trans>Roams</Trans>,
      text:
        profile.roaming.kind === 'partners' ? (
          <span title={profile.roaming.partners.join(', ')}>
            <Trans>{networks} networks</Trans>
          </span>
        ) : (
          word(i18n, roamingWords, profile.roaming.kind)
        ),
      mark: profile.roaming.kind === 'home-only' ? 'no' : 'yes',
    },
    {
      id: 'sms',
      label: 'SMS',
      text: profile.sms ? (
        <Trans>yes</Trans>
      ) : profile.otaSms ? (
        <Trans>from our OTA centre only</Trans>
      ) : (
        <Trans>none: no steering list reaches the card</Trans>
      ),
      mark: profile.sms || profile.otaSms ? 'yes' : 'no',
    },
    { id: 'voice', label: <Trans>Voice</Trans>, text: profile.voice ? <Trans>yes</Trans> : no, mark: profile.voice ? 'yes' : 'no' },
    {
      id: 'tau',
      label: <Trans>Silent for</Trans>,
      text: profile.periodicTauSeconds === 0 ? <Trans>as the visited network says</Trans> : <Trans>up to {silence}</Trans>,
      mark: 'yes',
    },
    {
      id: 'lock',
      label: <Trans>IMEI lock</Trans>,
      text: !profile.imeiLock ? (
        no
      ) : sim.lockedImei === null ? (
        <Trans>to the first device seen</Trans>
      ) : (
        <span className="mono">{sim.lockedImei}</span>
      ),
      mark: mismatch ? 'hit' : profile.imeiLock ? 'yes' : 'no',
    },
  ]
  return (
    <Panel
      title={<Trans>May do</Trans>}
      meta={
        <button type="button" className="link" onClick={() => setShowing(true)}>
          {profile.name} v{profile.version}
        </button>
      }
    >
      <ul className="perm">
        {lines.map((line) => (
          <li key={line.id}>
            <Icon
              name={line.mark === 'yes' ? 'ok' : line.mark === 'hit' ? 'ref' : 'no'}
              tone={line.mark === 'yes' ? 'ok' : line.mark === 'hit' ? 'ref' : 'dim3'}
              size={12}
            />
            <span>{line.label}</span>
            <span className={`clip${line.mark === 'no' ? ' no' : line.mark === 'hit' ? ' hit' : ''}`}>{line.text}</span>
          </li>
        ))}
      </ul>
      {showing && (
        <Modal
          opened
          onClose={() => setShowing(false)}
          size="lg"
          title={t`${profile.name} v${profile.version}, as the MME gets it`}
          closeButtonProps={{ 'aria-label': t`Close` }}
          classNames={{ content: 'pop' }}
        >
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard */}
          <pre className="compiled mono" tabIndex={0}>
            {profile.compiled}
          </pre>
        </Modal>
      )}
    </Panel>
  )
}
