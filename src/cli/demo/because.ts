import type { Message } from '#platform/text.ts'

type Params = Message['params']

/** Why a requirement is not met, in English, for the terminal; the portal has its own catalogues. */
const sentences: Readonly<Record<string, (params: Params) => string>> = {
  'control.attack-passed': ({ rule, mode }) => `a message passed that ${rule} would have refused: it is in ${mode}`,
  'control.rules-not-active': ({ rules, mode }) => `in ${mode}, so not acting: ${rules}`,
  'control.learning-until-cut-over': ({ rules }) => `these only learn until the cut-over is complete: ${rules}`,
  'control.diameter-tls.plain': ({ count }) => `${count} links to other networks run without TLS`,
  'control.portal-encryption.plain': ({ host }) => `the portal speaks plain HTTP on ${host}`,
  'control.storm-admission.above-capacity': ({ peak, capacity }) => `${peak} registrations in one second at a capacity of ${capacity}`,
  'control.storm-admission.critical-missing': ({ back, devices }) => `${back} of ${devices} critical devices came back`,
  'control.ledger.broken': () => 'the ledger does not verify',
  'control.key-sealing.unsealed': ({ keys }) => `${keys} keys are not sealed`,
  'control.no-comp128.other': ({ algorithm }) => `a card batch uses ${algorithm}`,
  'control.critical-protection.stopped': ({ count }) => `${count} critical devices were stopped by a control alone`,
  'control.card-use.unsaid': ({ cards }) => `${cards} cards do not say what they are for`,
}

/** The reason in words; the key where there are none. */
export function becauseText({ key, params }: Message): string {
  return sentences[key]?.(params) ?? key
}
