import { attackByName, attacks } from '#sim/attacks.ts'
import { guestCertificate, guestConfiguration, guestSim } from './guest.ts'
import type { Stage } from './stage.ts'
import type { Telling } from './steps.ts'

const tried = 'forged-ulr'

/** Three things to try, once the story is told. */
export function tellWhatNext(stage: Stage, telling: Telling, isGuest: boolean): void {
  const rule = attackByName(tried)?.expectedRules[0] ?? ''
  const { url } = stage.simward
  const quiet = attacks.filter(({ isLoud }) => isLoud !== true).length
  telling.chapter('It stays up. Three things to try')
  telling.note(`1. Attack it from another terminal; ./simward demo attack lists all ${quiet} attacks:`)
  telling.lines(['', `       ./simward demo attack ${tried}`, ''])
  telling.note(
    `2. Put the rule that refused it in shadow, and attack again: it passes, and its control turns "not met" within 5 s. Then put it back to active.`,
  )
  telling.lines(['', `       ${url}/controls/rules?rule=${rule}`, `       ./simward demo attack ${tried}`, `       ${url}/controls`, ''])
  tellGuest(stage, telling, isGuest)
  telling.lines(['', 'Ctrl C ends it; everything it made is removed.'])
}

function tellGuest(stage: Stage, telling: Telling, isGuest: boolean): void {
  telling.note(
    isGuest
      ? '3. Connect your own MME, as the partner Guest (PLMN 001-07). A whole fd.conf for freeDiameter:'
      : '3. Connect your own MME. Nobody is let in who is not on record: ./simward demo --guest adds a partner (PLMN 001-07) with a peer, and shows a SIM. A whole fd.conf for freeDiameter:',
  )
  const conf = guestConfiguration(stage.diameter).map((line) => `       ${line}`)
  telling.lines(['', ...conf, '', `       ${guestCertificate}`, '       freeDiameterd -c fd.conf', ''])
  telling.note('Open5GS reads the same Identity, Realm and ConnectPeer in its mme.conf; its MME serves PLMN 001-07.')
  if (isGuest) {
    telling.note('A SIM for a device behind it, simulated, with the same keys in every demo of this seed:')
    telling.lines(['', ...guestSim(stage.sims).map((line) => `       ${line}`), ''])
  }
  telling.note(
    'For real, ./simward start begins with no partners: add the peer, then the partner, under Partners in the portal (PUT /api/v1/peers/ID and /api/v1/partners/ID). The demo’s visitor may only read those.',
  )
}
