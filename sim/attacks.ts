import type { AttackRow } from './attack.ts'
import { answerAttacks } from './attacks/answers.ts'
import { identityAttacks } from './attacks/identity.ts'
import { outsideAttacks } from './attacks/outside.ts'
import { overloadAttacks } from './attacks/overload.ts'
import { sequenceAttacks } from './attacks/sequence.ts'
import { vectorAttacks } from './attacks/vectors.ts'

/** Every attack on S6a that the simulator knows, as one table. Names are unique; a test says so. */
export const attacks: readonly AttackRow[] = [
  ...identityAttacks,
  ...vectorAttacks,
  ...outsideAttacks,
  ...sequenceAttacks,
  ...overloadAttacks,
  ...answerAttacks,
]

/** The five that a story tells: one each of identity, keys, cancellation, sequence and load. */
export const storyAttacks = ['forged-ulr', 'vector-harvest', 'cancel-location', 'ulr-without-vectors', 'critical-spoofing'] as const

/** undefined where there is no such attack. */
export function attackByName(name: string): AttackRow | undefined {
  return attacks.find((row) => row.name === name)
}
