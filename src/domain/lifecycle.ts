import type { IntendedState } from './subscription.ts'

/** A step that a provider or the operator may take. */
export interface Transition {
  from: IntendedState
  to: IntendedState
  /** Cuts the device off: asks the exemption gate first. */
  cutsOff: boolean
  /** Cannot be taken back. */
  final: boolean
}

const step = (from: IntendedState, to: IntendedState, marks: Partial<Pick<Transition, 'cutsOff' | 'final'>> = {}): Transition => ({
  from,
  to,
  cutsOff: false,
  final: false,
  ...marks,
})

/** All there are; what is not here is not allowed. */
export const transitions: readonly Transition[] = [
  step('inventory', 'test'),
  step('inventory', 'active'),
  step('inventory', 'retired', { final: true }),
  step('test', 'inventory', { cutsOff: true }),
  step('test', 'active'),
  step('test', 'suspended', { cutsOff: true }),
  step('test', 'retired', { cutsOff: true, final: true }),
  step('active', 'suspended', { cutsOff: true }),
  step('active', 'retired', { cutsOff: true, final: true }),
  step('suspended', 'active'),
  step('suspended', 'retired', { final: true }),
]

/** The step, or undefined where it is not allowed. */
export function findTransition(from: IntendedState, to: IntendedState): Transition | undefined {
  return transitions.find((transition) => transition.from === from && transition.to === to)
}

/** Where one may go from here. */
export function nextStates(from: IntendedState): readonly IntendedState[] {
  return transitions.filter((transition) => transition.from === from).map((transition) => transition.to)
}
