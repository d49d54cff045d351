import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { answerOf, api } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Rule } from '../../api/types.ts'
import { Button } from '../../parts/basics.tsx'
import { useSetRuleMode } from '../controls/rule-mode.tsx'

/** The demo's own button: this rule in shadow and the attack again, or active again and the attack once more. */
export function TryAgain({ rule }: { rule: Pick<Rule, 'id' | 'mode'> }) {
  const { t } = useLingui()
  const attacks = useQuery(queries.attacks()).data?.items ?? []
  const attack = attacks.find((one) => one.ruleId === rule.id)
  const setMode = useSetRuleMode()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  if (attack === undefined) return null
  const weaken = rule.mode === 'active'
  const run = async (): Promise<void> => {
    setBusy(true)
    try {
      await setMode(rule.id, weaken ? 'shadow' : 'active', weaken ? 'demo: attack without this rule' : 'demo: put back')
      answerOf(await api.POST('/api/v1/demo/attacks/{name}', { params: { path: { name: attack.name } } }))
      await client.invalidateQueries({ queryKey: ['demo'] })
      await navigate(`/demo?attack=${encodeURIComponent(attack.name)}`)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button small busy={busy} onClick={() => void run()}>
      {busy ? t`Attacking…` : weaken ? <Trans>Shadow, attack again</Trans> : <Trans>Active, attack again</Trans>}
    </Button>
  )
}
