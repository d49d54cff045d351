import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import type { Health, ServiceHealth, State } from '../../api/types.ts'
import { cappedCount, percent } from '../../logic/format.ts'
import { Ago, Answer } from '../../parts/basics.tsx'

/** The worst of them decides; nothing seen at all is unknown, not well. */
function stateOf({ attacks, refused, equipment, radio }: Health, services: readonly ServiceHealth[]): State {
  const states = services.map(({ state }) => state)
  if (attacks.passed > 0 || states.includes('refused')) return 'refused'
  if (refused.devices.value > 0 || equipment.changed.value > 0 || states.includes('attention') || radio.weak.value > 0) return 'attention'
  const isSeen = attacks.evidenceAt !== null || equipment.evidenceAt !== null || states.some((state) => state !== 'unknown')
  return isSeen ? 'ok' : 'unknown'
}

/** One sentence of three parts: who attacked, who cannot connect, which service is worst. */
export function HealthAnswer({
  health,
  services,
  isOwn,
  children,
}: {
  health: Health
  services: readonly ServiceHealth[]
  isOwn: boolean
  children: ReactNode
}) {
  const { t, i18n } = useLingui()
  const { attacks, refused } = health
  const window = health.windowS === 86_400 ? t`24 h` : health.windowS === 604_800 ? t`7 d` : t`30 d`
  const all = attacks.refused + attacks.passed
  const attackText =
    all === 0
      ? t`No attack on these SIMs in ${window}`
      : attacks.passed === 0
        ? plural(all, { one: `# attack on these SIMs in ${window}, refused`, other: `# attacks on these SIMs in ${window}, all refused` })
        : plural(attacks.passed, {
            one: `# attack of ${all} on these SIMs passed in ${window}`,
            other: `# attacks of ${all} on these SIMs passed in ${window}`,
          })
  const devices = cappedCount(refused.devices, i18n.locale)
  const refusedText =
    refused.devices.value === 0
      ? null
      : plural(refused.devices.value, { one: `${devices} device was refused`, other: `${devices} devices were refused` })
  const [worst] = services.filter(({ target, good }) => target !== null && good !== null)
  const parts = [attackText, refusedText, worst === undefined ? null : serviceText(worst)].filter((part) => part !== null)
  const title = parts.reduce((first, next) => t`${first}; ${next}`)
  const evidence = [attacks.evidenceAt, refused.evidenceAt, health.equipment.evidenceAt, ...services.map(({ evidenceAt }) => evidenceAt)]
  const newest = Math.max(0, ...evidence.map((at) => at ?? 0))
  function serviceText({ name, good, target }: ServiceHealth): string {
    const [is, should] = [percent(good ?? 0, i18n.locale), percent(target ?? 0, i18n.locale)]
    return t`${name} ${is} of ${should}`
  }
  return (
    <Answer
      state={stateOf(health, services)}
      question={isOwn ? t`How are my SIMs?` : health.provider.name}
      title={title}
      text={
        newest === 0 ? (
          <Trans>Nothing of these SIMs was seen yet. As soon as one signals, it stands here.</Trans>
        ) : (
          <Trans>
            From signalling alone, whatever the devices send; newest evidence <Ago at={newest} />.
          </Trans>
        )
      }
    >
      {children}
    </Answer>
  )
}
