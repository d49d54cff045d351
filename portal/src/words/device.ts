import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

/** What a device does on a refusal of its attach, by Diameter result (TS 29.272 Annex A; TS 24.301 §5.5.1.2.5). */
export const deviceDoesWords: Words = {
  '4181': msg`five tries, 10 s apart, then 12 min silence`,
  '5012': msg`five tries, 10 s apart, then 12 min silence`,
  '5004': msg`does not try this network again`,
  '5001': msg`gives up until it is switched off and on`,
}

/** What stays behind on the card or in the device. */
export const onCardWords: Words = {
  '4181': msg`nothing written`,
  '5012': msg`nothing written`,
  '5004': msg`EF_FPLMN lists the network until it is cleared`,
  '5001': msg`the SIM counts as invalid until power-off`,
}
