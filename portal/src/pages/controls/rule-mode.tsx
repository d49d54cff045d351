import { Trans, useLingui } from '@lingui/react/macro'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answerOf, api } from '../../api/client.ts'
import type { RuleMode } from '../../api/types.ts'
import { AskReason } from '../../parts/ask-reason.tsx'
import { Choice } from '../../parts/basics.tsx'
import { word } from '../../words/say.ts'
import { modeWords } from '../../words/verdicts.ts'

const modes: readonly RuleMode[] = ['off', 'learn', 'shadow', 'active']

/** Sends the change and lets every page that shows rules or statuses read again. */
export function useSetRuleMode(): (id: string, mode: RuleMode, reason: string) => Promise<void> {
  const client = useQueryClient()
  return async (id, mode, reason) => {
    answerOf(await api.PATCH('/api/v1/rules/{id}', { params: { path: { id } }, body: { mode, reason } }))
    for (const key of ['rules', 'controls', 'control', 'signal', 'overview']) await client.invalidateQueries({ queryKey: [key] })
  }
}

/** Says what the chosen mode will do before it is set, and asks why. */
export function RuleModeDialog({ ruleId, mode, onClose }: { ruleId: string; mode: RuleMode; onClose: () => void }) {
  const { t, i18n } = useLingui()
  const setMode = useSetRuleMode()
  const [chosen, setChosen] = useState<RuleMode>(mode === 'active' ? 'shadow' : 'active')
  return (
    <AskReason
      title={t`Mode of ${ruleId}`}
      action={t`Set the mode`}
      text={
        <>
          <Choice
            label={t`Mode`}
            value={chosen}
            onChange={setChosen}
            options={modes.map((value) => ({ value, label: word(i18n, modeWords, value) }))}
          />
          <p>
            {chosen === 'active' ? (
              <Trans>From now on it acts: what it matches is refused, on every link.</Trans>
            ) : chosen === 'shadow' ? (
              <Trans>It judges and records, and lets pass what it would have refused. Its control turns not met.</Trans>
            ) : chosen === 'learn' ? (
              <Trans>It only learns what is usual, and lets everything pass. Its control turns not met.</Trans>
            ) : (
              <Trans>It is not judged at all: nothing shows what it would have refused. Its control turns not met.</Trans>
            )}
          </p>
        </>
      }
      onDone={(reason) => setMode(ruleId, chosen, reason)}
      onClose={onClose}
    />
  )
}
