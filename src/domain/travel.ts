/** Whether a device can have come from one network to another in the time there was. Only ever a score. */

/** [latitude, longitude, radius in km]; null: the network moves, or where it is is not known. */
export type Place = readonly [number, number, number] | null

export interface TravelScore {
  /** False where nothing can be said: then the score is 0. */
  checked: boolean
  /** From edge to edge; 0 for neighbours. */
  distanceKm: number
  speedKmh: number
  /** 0: nothing strange; 1: no aircraft does that. */
  score: number
}

const earthRadiusKm = 6_371
/** Land and high-speed rail, then scheduled flight with its climb and its clocks. */
const ordinaryKmh = 400
const impossibleKmh = 1_200
/** Clocks and signalling delays; borders are crossed within them. */
const leastHours = 1 / 60

const unchecked: TravelScore = { checked: false, distanceKm: 0, speedKmh: 0, score: 0 }

/** International networks (MCC 901) have no place on earth. */
function isEverywhere(plmn: string): boolean {
  return plmn.startsWith('901-')
}

/** The great circle between two points, km. */
export function distanceKm(a: readonly [number, number, ...number[]], b: readonly [number, number, ...number[]]): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const half = (angle: number) => Math.sin(angle / 2) ** 2
  const h = half(radians(b[0] - a[0])) + Math.cos(radians(a[0])) * Math.cos(radians(b[0])) * half(radians(b[1] - a[1]))
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** `elapsedMs`: since the device was certainly last seen in the first network. */
export function scoreTravel(from: { plmn: string; place: Place }, to: { plmn: string; place: Place }, elapsedMs: number): TravelScore {
  if (from.place === null || to.place === null || isEverywhere(from.plmn) || isEverywhere(to.plmn)) return unchecked
  const distance = Math.max(0, distanceKm(from.place, to.place) - from.place[2] - to.place[2])
  const speedKmh = distance / Math.max(elapsedMs / 3_600_000, leastHours)
  const score = Math.min(1, Math.max(0, (speedKmh - ordinaryKmh) / (impossibleKmh - ordinaryKmh)))
  return { checked: true, distanceKm: distance, speedKmh, score }
}
