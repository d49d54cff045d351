import { msg } from '@lingui/core/macro'
import type { Words } from './say.ts'

export const chapterWords: Words = {
  peers: msg({ message: 'Neighbours', context: 'chapter' }),
  attach: msg({ message: 'A health monitor roams', context: 'chapter' }),
  flows: msg({ message: 'What honest networks do', context: 'chapter' }),
  attacks: msg({ message: 'Attacks', context: 'chapter' }),
  storm: msg({ message: 'A region returns', context: 'chapter' }),
  controls: msg({ message: 'What this proves', context: 'chapter' }),
}

/** The steps of the story by key; attacks and flows are named in attacks.ts. */
export const storyWords: Words = {
  'demo.peer.waiting': msg({ message: '{peer} is awaited' }),
  'demo.peer.down': msg({ message: '{peer} is not up: {state}' }),
  'demo.peer.tcp': msg({ message: '{peer} is up over TCP' }),
  'demo.peer.tls': msg({ message: '{peer} is up over TLS, both sides with certificates' }),
  'demo.hub.freediameter': msg({ message: '{peer} is freeDiameter {version}, a program that nobody here wrote; it carries {networks}' }),
  'demo.hub.simulated': msg({ message: '{peer} is simulated, as its neighbours are; it carries {networks}' }),
  'demo.attach.running': msg({ message: 'IMSI {imsi} asks for service' }),
  'demo.attach.done': msg({ message: 'IMSI {imsi} is registered; its profile allows {apns} and nothing else' }),
  'demo.attach.failed': msg({ message: 'IMSI {imsi} was not registered: cause {cause}' }),
  'demo.attack.refused': msg({ message: '{attack}: refused with {code}, rule {rule} (CLP.14 {requirement})' }),
  'demo.attack.passed': msg({ message: '{attack}: it passed, {vectors} vectors' }),
  'demo.attacks.others': msg`The other attacks, against ordinary and critical devices`,
  'demo.attacks.others.done': msg({ message: '{refused} of {made} others refused, half of them aimed at critical devices' }),
  'demo.storm.running': msg({ message: '{devices} devices are coming back' }),
  'demo.storm.done': msg({
    message: '{back} of {total} critical devices are back; without control {silent} of them would be silent for 12 min (computed)',
  }),
  'demo.controls.running': msg`The requirements are checked`,
  'demo.controls.done': msg({ message: '{met} of {total} requirements are met with evidence, {notMet} not met, {unknown} unknown' }),
  'demo.ledger.running': msg`The ledger is verified`,
  'demo.ledger.ok': msg`The ledger verifies`,
  'demo.ledger.broken': msg`The ledger does not verify`,
}

export const stepStateWords: Words = {
  waiting: msg({ message: 'waiting', context: 'story step' }),
  running: msg({ message: 'running', context: 'story step' }),
  done: msg({ message: 'done', context: 'story step' }),
  failed: msg({ message: 'failed', context: 'story step' }),
}
