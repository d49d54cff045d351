import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { queries } from '../../api/queries.ts'
import type { LedgerEntry } from '../../api/types.ts'
import { Page } from '../../app/page.tsx'
import { Ago, Answer, Button, Identifier, Panel } from '../../parts/basics.tsx'
import { FilterBar } from '../../parts/filter-bar.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { auditWords } from '../../words/audit.ts'
import { word } from '../../words/say.ts'

/** Who did what, from where and why; each entry can be proven to somebody outside. */
export function AuditPage() {
  const { t } = useLingui()
  const [search, setSearch] = useSearchParams()
  const filter = search.get('filter') ?? ''
  const query = useInfiniteQuery(queries.ledgerEntries(filter))
  const entries = query.data?.pages.flatMap((page) => page.items) ?? []
  const shown = plural(entries.length, { one: '# entry', other: '# entries' })
  return (
    <Page title={t`Audit`}>
      <LedgerAnswer />
      <FilterBar
        value={filter}
        onChange={(value) => setSearch(value === '' ? {} : { filter: value }, { replace: true })}
        count={query.hasNextPage ? <Trans>{shown} and more</Trans> : shown}
        placeholder={t`kind:sim-state sim:99970… age:7d`}
      />
      <Panel title={<Trans>Entries</Trans>} meta={<Trans>newest first</Trans>}>
        <Loaded query={query} what={t`the entries of the ledger`}>
          {() =>
            entries.length === 0 ? (
              <Blank
                title={filter === '' ? <Trans>Nothing was written yet</Trans> : <Trans>No entry matches</Trans>}
                text={t`Every change, decision and sign-in is written here, with who, from where and why; nothing can be taken out.`}
              />
            ) : (
              <ul className="alarms">
                {entries.map((entry) => (
                  <Entry key={entry.id} entry={entry} />
                ))}
              </ul>
            )
          }
        </Loaded>
        {query.hasNextPage && (
          <div className="panel-foot">
            <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              <Trans>Older entries</Trans>
            </Button>
          </div>
        )}
      </Panel>
    </Page>
  )
}

function LedgerAnswer() {
  const { t } = useLingui()
  const ledger = useQuery(queries.ledger()).data
  const verification = ledger?.verification ?? null
  const signed = ledger?.checkpoint ?? null
  return (
    <Answer
      state={verification === null ? 'unknown' : verification.ok ? 'ok' : 'refused'}
      title={
        verification === null
          ? t`The ledger was not verified yet`
          : verification.ok
            ? t`The ledger verifies`
            : t`The ledger does not verify`
      }
      text={
        <>
          {verification !== null && (
            <Trans>
              Seen <Ago at={verification.at} />.
            </Trans>
          )}{' '}
          {signed === null ? (
            <Trans>No checkpoint is signed yet.</Trans>
          ) : (
            <Trans>
              Checkpoint {signed.number} was signed <Ago at={signed.at} />.
            </Trans>
          )}{' '}
          <Trans>A receipt proves an entry without us: ./simward ledger verify-receipt checks it offline.</Trans>
        </>
      }
    />
  )
}

function Entry({ entry }: { entry: LedgerEntry }) {
  const { t, i18n } = useLingui()
  const imsi = typeof entry.body.imsi === 'string' ? entry.body.imsi : null
  const who = entry.actor.name ?? (entry.actor.type === 'process' ? entry.actor.id : t`a person whom you may not know`)
  return (
    <li>
      <span aria-hidden="true" />
      <div>
        <h3>{word(i18n, auditWords, entry.kind)}</h3>
        <p>
          {who}
          {entry.address !== null && (
            <>
              , <Trans>from {entry.address}</Trans>
            </>
          )}
          {entry.provider !== null && <>, {entry.provider.name}</>}
          {imsi !== null && (
            <>
              , <Identifier value={imsi} />
            </>
          )}
        </p>
        {entry.reason !== null && <p className="quote">“{entry.reason}”</p>}
        <details className="entry-more">
          <summary>
            <Trans>Details</Trans>
          </summary>
          <pre className="mono">{JSON.stringify({ kind: entry.kind, ...entry.body }, null, 2)}</pre>
          {entry.personal === 'sealed' && <Trans>A personal part is sealed; whoever opens it leaves an entry.</Trans>}
          {entry.personal === 'erased' && <Trans>Its personal part was erased.</Trans>}
        </details>
      </div>
      <div className="alarm-side">
        <span className="dim3">
          <Ago at={entry.at} />
        </span>
        <a className="btn small" href={`/api/v1/ledger/entries/${entry.id}/receipt`} download={`receipt-${entry.id}.json`}>
          <Trans>Receipt</Trans>
        </a>
      </div>
    </li>
  )
}
