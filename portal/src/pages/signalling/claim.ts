import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../api/queries.ts'
import type { SignalRow } from '../../api/types.ts'
import { rate } from '../../logic/format.ts'
import { isAttack } from '../../logic/verdict.ts'
import { claimWords, letInWords, wouldHaveWords } from '../../words/claims.ts'
import { sentence, word } from '../../words/say.ts'

/** Who claimed to be whom, by the names that people use; and what it would have brought. */
export function useClaim(row: SignalRow): { title: string; would: string } {
  const { i18n } = useLingui()
  const partners = useQuery(queries.partners()).data?.items ?? []
  const claimed = partners.find((partner) => row.visitedPlmn !== null && partner.plmns.some((plmn) => plmn === row.visitedPlmn))
  const params = {
    from: row.partnerName ?? row.originHost,
    claimed: claimed?.name ?? row.visitedPlmn ?? row.originRealm,
    host: row.originHost,
    realm: row.originRealm,
    operation: row.operation,
    held: `${rate(row.heldMs / 1000, i18n.locale)} s`,
  }
  const letIn = row.reason === 'ok' || row.action === 'challenge' ? letInWords[row.action] : undefined
  return {
    title:
      letIn === undefined
        ? sentence(i18n, claimWords, { key: row.reason, params })
        : sentence(i18n, letInWords, { key: row.action, params }),
    would: isAttack(row.action, row.reason) && wouldHaveWords[row.operation] !== undefined ? word(i18n, wouldHaveWords, row.operation) : '',
  }
}
