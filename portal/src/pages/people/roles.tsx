import { useLingui } from '@lingui/react/macro'
import { Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { peopleQueries } from '../../api/people-queries.ts'
import type { Person } from '../../api/types.ts'
import { personRoleWords, roleTexts } from '../../words/person-roles.ts'
import { word } from '../../words/say.ts'

type Role = Person['roles'][number]

/** The roles of an organisation's people, with what each may do. What the reader cannot give is there and says so. */
export function RoleChoice({
  organisation,
  value,
  onChange,
}: {
  organisation: 'operator' | 'provider'
  value: readonly Role[]
  onChange: (roles: readonly Role[]) => void
}) {
  const { t, i18n } = useLingui()
  const roles = useQuery(peopleQueries.roles()).data?.items.filter((row) => row.organisation === organisation) ?? []
  return (
    <fieldset className="checks">
      <legend>{t`Roles`}</legend>
      {roles.map(({ role, grantable }) => (
        <Checkbox
          key={role}
          label={word(i18n, personRoleWords, role)}
          description={grantable ? word(i18n, roleTexts, role) : t`Only somebody who may do all of this can give it.`}
          checked={value.includes(role)}
          disabled={!grantable}
          onChange={(event) => onChange(event.currentTarget.checked ? [...value, role] : value.filter((one) => one !== role))}
        />
      ))}
    </fieldset>
  )
}
