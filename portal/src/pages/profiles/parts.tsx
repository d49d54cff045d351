import { Trans, useLingui } from '@lingui/react/macro'
import type { ProfileDifference, ProfileFault, ProfilePermission } from '../../api/types.ts'
import { Icon } from '../../parts/icon.tsx'
import { answerWords, faultWords, memberWords, permissionCostWords, permissionWords } from '../../words/profiles.ts'
import { word } from '../../words/say.ts'
import { roamingWords } from '../../words/sims.ts'

/** What is permitted, with the attack that each thing opens and the clause that warns of it. */
export function PermissionList({ permissions, held = false }: { permissions: readonly ProfilePermission[]; held?: boolean }) {
  const { i18n } = useLingui()
  return (
    <ul className="costs">
      {permissions.map(({ id, clause, asked }) => (
        <li key={id}>
          <Icon name={held ? 'no' : asked === false ? 'ref' : 'att'} size={12} tone={held ? 'dim3' : asked === false ? 'ref' : 'att'} />
          <div>
            <b>{word(i18n, permissionWords, id)}</b>
            {asked === false && !held && (
              <span className="ref">
                {' '}
                <Trans>not asked for</Trans>
              </span>
            )}
            <p>
              {word(i18n, permissionCostWords, `cost.${id}`)} <span className="dim3">({clause})</span>
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}

/** What is wrong, and what is only worth knowing. */
export function FaultList({ faults }: { faults: readonly ProfileFault[] }) {
  const { i18n } = useLingui()
  return (
    <ul className="costs">
      {faults.map((fault) => (
        <li key={`${fault.code} ${fault.at} ${fault.value}`}>
          <Icon name={fault.refused ? 'ref' : 'att'} size={12} tone={fault.refused ? 'ref' : 'att'} />
          <div>
            {fault.value !== '' && <b className="mono">{fault.value}</b>}
            <p>{word(i18n, faultWords, fault.code)}</p>
          </div>
        </li>
      ))}
    </ul>
  )
}

/** What differs, member by member: before struck out, after beside it. */
export function DifferenceList({ differences }: { differences: readonly ProfileDifference[] }) {
  const { i18n } = useLingui()
  const value = useValue()
  if (differences.length === 0)
    return (
      <p className="quiet">
        <Trans>Nothing differs.</Trans>
      </p>
    )
  return (
    <dl className="changes">
      {differences.map((difference) => {
        const { member, item, detail, before, after } = difference
        const isPresence = item !== null && detail === null && (before === null || after === null)
        return (
          <div key={`${member} ${item} ${detail}`}>
            <dt>
              {word(i18n, memberWords, `member.${member}`)}
              {detail !== null && <span className="dim3"> {item}</span>}
            </dt>
            <dd>
              {isPresence ? (
                before === null ? (
                  <>
                    <Icon name="ok" size={12} tone="ok" /> <span className="mono">{item}</span> <Trans>added</Trans>
                  </>
                ) : (
                  <>
                    <del className="mono dim3">{item}</del> <Trans>removed</Trans>
                  </>
                )
              ) : (
                <>
                  {detail !== null && <span className="mono dim">{detail} </span>}
                  {item !== null && detail === null && <span className="mono dim">{item} </span>}
                  <del className="dim3">{value(member, before)}</del> <span>{value(member, after)}</span>
                </>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

/** A value of a profile as a person reads it. */
function useValue(): (member: string, value: string | null) => string {
  const { t, i18n } = useLingui()
  return (member, value) => {
    if (value === null) return '–'
    if (value === 'yes') return t({ message: 'yes', context: 'may do' })
    if (value === 'no') return t({ message: 'no', context: 'may do' })
    if (member === 'roamingArea') return word(i18n, { ...roamingWords, partners: answerWords['roaming.partners'] ?? {} } as never, value)
    return word(i18n, answerWords, `${member}.${value}`) === `${member}.${value}` ? value : word(i18n, answerWords, `${member}.${value}`)
  }
}
