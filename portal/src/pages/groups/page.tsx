import { Trans, useLingui } from '@lingui/react/macro'
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { peopleQueries } from '../../api/people-queries.ts'
import { Page } from '../../app/page.tsx'
import { useMay, useSession } from '../../app/session.tsx'
import { Answer } from '../../parts/basics.tsx'
import { Blank, Loaded } from '../../parts/loaded.tsx'
import { GroupTree } from './tree.tsx'

/** A provider's own tree of groups; the operator says whose it wants to see. */
export function GroupsPage() {
  const { t } = useLingui()
  const own = useSession()?.person?.providerId ?? null
  return (
    <Page title={t`Groups`}>
      <Answer
        state="ok"
        title={<Trans>SIMs in groups are found, changed and measured together</Trans>}
        text={<Trans>A group with an objective is a service: Health says how much of its attempts to connect succeed.</Trans>}
      />
      {own === null ? (
        <OfOneProvider />
      ) : (
        <div className="grid one">
          <GroupTree providerId={own} />
        </div>
      )}
    </Page>
  )
}

function OfOneProvider() {
  const { t } = useLingui()
  const [search, setSearch] = useSearchParams()
  const query = useQuery({ ...peopleQueries.providerNames(), enabled: useMay('organisations:read') })
  return (
    <Loaded query={query} what={t`the organisations`}>
      {(rows) => {
        const chosen = rows.find(({ id }) => id === search.get('provider')) ?? rows[0]
        if (chosen === undefined) {
          return (
            <Blank title={<Trans>No organisation yet</Trans>} text={t`Groups are a provider’s: take on the first provider.`}>
              <Link className="btn primary" to="/organisations">
                <Trans>Organisations</Trans>
              </Link>
            </Blank>
          )
        }
        return (
          <>
            <Select
              className="of-whom"
              label={t`Organisation`}
              data={rows.map(({ id, name }) => ({ value: id, label: name }))}
              value={chosen.id}
              allowDeselect={false}
              searchable
              onChange={(id) => setSearch(id === null ? {} : { provider: id })}
            />
            <div className="grid one">
              <GroupTree key={chosen.id} providerId={chosen.id} />
            </div>
          </>
        )
      }}
    </Loaded>
  )
}
