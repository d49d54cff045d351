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
  const provider = own === null ? undefined : { id: own, name: '' }
  return (
    <Page title={t`Groups`}>
      <Answer
        state="ok"
        title={<Trans>SIMs in groups are found, changed and measured together</Trans>}
        text={<Trans>A group with an objective is a service: Health says how much of its attempts to connect succeed.</Trans>}
      />
      {provider === undefined ? (
        <OfOneProvider />
      ) : (
        <div className="grid one">
          <GroupTree provider={provider} />
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
          <div className="grid one">
            <Select
              className="of-whom"
              label={t`Organisation`}
              data={rows.map(({ id, name }) => ({ value: id, label: name }))}
              value={chosen.id}
              allowDeselect={false}
              searchable
              onChange={(id) => setSearch(id === null ? {} : { provider: id })}
            />
            <GroupTree key={chosen.id} provider={chosen} />
          </div>
        )
      }}
    </Loaded>
  )
}
