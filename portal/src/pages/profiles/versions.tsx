import { Trans, useLingui } from '@lingui/react/macro'
import { Modal, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { ProfileApply, ProfileDetail, ProfileVersion } from '../../api/types.ts'
import { useMay } from '../../app/session.tsx'
import { cappedCount, count } from '../../logic/format.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Ago, Button, Panel } from '../../parts/basics.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded, useFailure } from '../../parts/loaded.tsx'
import { DifferenceList, FaultList } from './parts.tsx'

const tagOf = ({ version, latest }: Pick<ProfileDetail, 'version' | 'latest'>): string => `"${version}.${latest}"`

/** Every version, newest first; one comes into force, an old one comes back as a new one. */
export function Versions({ profile }: { profile: ProfileDetail }) {
  const { t } = useLingui()
  const client = useQueryClient()
  const query = useQuery(queries.profileVersions(profile.id))
  const may = useMay('profiles:write')
  const lock = may ? null : t`Changing profiles needs the permission profiles:write; your role does not have it.`
  const [applying, setApplying] = useState<number | null>(null)
  const [restoring, setRestoring] = useState<ProfileVersion | null>(null)
  const restore = async (reason: string): Promise<void> => {
    if (restoring === null) return
    answerOf(
      await api.POST('/api/v1/profiles/{id}/versions', {
        params: { path: { id: profile.id } },
        headers: { 'if-match': tagOf(profile) },
        body: { restore: restoring.version, reason },
      }),
    )
    await client.invalidateQueries({ queryKey: ['profile', profile.id] })
  }
  return (
    <Panel title={<Trans>Versions</Trans>}>
      <Loaded query={query} what={t`the versions`}>
        {({ items }) => (
          <ul className="costs versions">
            {items.map((version) => (
              <li key={version.version} aria-current={version.isCurrent || undefined}>
                <Icon
                  name={version.isCurrent ? 'ok' : version.appliedAt === null ? 'hold' : 'no'}
                  size={12}
                  tone={version.isCurrent ? 'ok' : version.appliedAt === null ? 'att' : 'dim3'}
                />
                <div>
                  <b>
                    <Trans>Version {version.version}</Trans>
                  </b>{' '}
                  <span className="dim3">
                    {version.isCurrent ? (
                      <Trans>in force</Trans>
                    ) : version.appliedAt === null ? (
                      <Trans>waits</Trans>
                    ) : (
                      <Trans>was in force</Trans>
                    )}
                  </span>
                  <p>
                    {version.reason === '' ? <Trans>It came with the installation</Trans> : version.reason}
                    <span className="dim3">
                      {version.madeByName !== null && ` · ${version.madeByName}`} · <Ago at={version.madeAt} />
                    </span>
                  </p>
                </div>
                {!version.isCurrent && (
                  <span className="btns">
                    {version.appliedAt !== null && (
                      <Button small because={lock} onClick={() => setRestoring(version)}>
                        <Trans>Restore…</Trans>
                      </Button>
                    )}
                    {version.appliedAt === null && (
                      <Button small primary because={lock} onClick={() => setApplying(version.version)}>
                        <Trans>Bring into force…</Trans>
                      </Button>
                    )}
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {applying !== null && <ApplyDialog profile={profile} version={applying} onClose={() => setApplying(null)} />}
      {restoring !== null && (
        <AskReason
          title={t`Restore version ${restoring.version}`}
          action={t`Restore`}
          text={<Restored profile={profile} version={restoring.version} />}
          onDone={restore}
          onClose={() => setRestoring(null)}
        />
      )}
    </Panel>
  )
}

function Restored({ profile, version }: { profile: ProfileDetail; version: number }) {
  const { t } = useLingui()
  const query = useQuery(queries.profileVersion(profile.id, version))
  return (
    <>
      <p>
        <Trans>It becomes version {profile.latest + 1}, which waits until you bring it into force. Against the one in force:</Trans>
      </p>
      <Loaded query={query} what={t`the version`}>
        {({ differences }) => <DifferenceList differences={differences} />}
      </Loaded>
    </>
  )
}

/** First what it would do, and to whom; then, with a reason, done. */
function ApplyDialog({ profile, version, onClose }: { profile: ProfileDetail; version: number; onClose: () => void }) {
  const { t, i18n } = useLingui()
  const failure = useFailure()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [waiting, setWaiting] = useState<string | null>(null)
  const apply = async (dryRun: boolean, why: string): Promise<ProfileApply> =>
    answerOf(
      await api.POST('/api/v1/profiles/{id}/apply', {
        params: { path: { id: profile.id } },
        headers: { 'if-match': tagOf(profile) },
        body: { version, dryRun, reason: why },
      }),
    )
  const look = useQuery({ queryKey: ['profile', profile.id, 'look', version], queryFn: () => apply(true, 'a look') })
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy || reason.trim().length < 3) return
    setBusy(true)
    try {
      const done = await apply(false, reason.trim())
      await client.invalidateQueries({ queryKey: ['profile', profile.id] })
      await client.invalidateQueries({ queryKey: ['profiles'] })
      if (done.outcome === 'waiting-approval') setWaiting(done.approvalId ?? '')
      else onClose()
    } catch (problem) {
      setError(failure(problem))
    }
    setBusy(false)
  }
  const sims = look.data === undefined ? '' : cappedCount(look.data.affected.sims, i18n.locale)
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t`Bring version ${version} into force`}
      closeButtonProps={{ 'aria-label': t`Close` }}
      classNames={{ content: 'pop' }}
    >
      {waiting === null ? (
        <form className="ask" onSubmit={(event) => void submit(event)}>
          <Loaded query={look} what={t`what it would do`}>
            {(view) => <Outlook view={view} />}
          </Loaded>
          <Textarea
            data-autofocus
            label={t`Reason`}
            description={t`It is kept in the ledger.`}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={error}
            minRows={2}
            maxLength={500}
            autosize
          />
          <div className="btns end">
            <Button onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button
              primary
              type="submit"
              busy={busy}
              because={look.data === undefined ? t`Wait for what it would do` : reason.trim().length < 3 ? t`Write the reason first` : null}
            >
              {look.data?.needsApproval ? <Trans>Ask for approval</Trans> : <Trans>Change {sims} SIMs</Trans>}
            </Button>
          </div>
        </form>
      ) : (
        <div className="ask">
          <p>
            <Trans>Critical SIMs are among them: another person has to agree. Until then version {profile.version} stays in force.</Trans>
          </p>
          <div className="btns end">
            <Link className="btn" to="/approvals">
              <Trans>See the approvals</Trans>
            </Link>
            <Button primary onClick={onClose}>
              <Trans>Close</Trans>
            </Button>
          </div>
        </div>
      )}
    </Modal>
  )
}

function Outlook({ view }: { view: ProfileApply }) {
  const { i18n } = useLingui()
  const { locale } = i18n
  const { affected, differences, faults, deviations } = view
  return (
    <div className="ask-text">
      <p>
        <Trans>
          <b>{cappedCount(affected.sims, locale)} SIMs</b> follow at once, {cappedCount(affected.critical, locale)} of them critical. Of{' '}
          {count(affected.registered.of, locale)} looked at {count(affected.registered.value, locale)} are registered now: their serving
          nodes are told, each at its agreed rate. The others meet it at their next attempt.
        </Trans>
      </p>
      {affected.sample.length > 0 && <p className="mono dim3">{affected.sample.join(' ')}</p>}
      <DifferenceList differences={differences} />
      {faults.length > 0 && <FaultList faults={faults} />}
      {(deviations?.length ?? 0) > 0 && (
        <p className="att with-icon">
          <Icon name="att" size={12} tone="att" />
          <Trans>It permits {deviations?.length ?? 0} things that the assessment does not ask for.</Trans>
        </p>
      )}
    </div>
  )
}
