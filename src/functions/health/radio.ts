/** RAT-Type (TS 29.212 §5.3.31) of generations whose protection is weak: GERAN, UTRAN and what hangs on them. */
export const weakRatTypes: readonly number[] = [1000, 1001, 1002, 1003]

export function isWeakRat(ratType: number): boolean {
  return weakRatTypes.includes(ratType)
}
