import { LruMap } from '#core/lru.ts'

/** The place that an admitted AIR keeps for its ULR. */
interface Reservation {
  readonly partner: string
  readonly at: number
  /** AIRs that came on top: a resynchronisation brings one (TS 33.401 §6.1.2). */
  extra: number
  used: boolean
}

/** T3410: a device that has not got its answer by then gives up (TS 24.301 §10.2). */
const keptMs = 15_000
/** An AIR without its ULR after this long counts as one that led to nothing. */
const ripeMs = 5_000
const extraAirs = 2

interface Yield {
  ripe: number
  followed: number
}

/** Who has an AIR admitted, and which partners' AIRs lead to registrations. */
export class Reservations {
  readonly #byKey: LruMap<string, Reservation>
  readonly #yields: LruMap<string, Yield>
  #ripening: Reservation[] = []
  #head = 0

  constructor(capacity: number) {
    this.#byKey = new LruMap(capacity)
    this.#yields = new LruMap(4_096)
  }

  reserve(imsi: string, partner: string, now: number): void {
    const reservation = { partner, at: now, extra: 0, used: false }
    this.#byKey.set(`${imsi} ${partner}`, reservation)
    this.#ripening.push(reservation)
  }

  /** True where a further AIR belongs to one that was admitted: it costs nothing more. */
  coversAir(imsi: string, partner: string, now: number): boolean {
    const found = this.#byKey.peek(`${imsi} ${partner}`)
    if (found === undefined || found.used || now - found.at > keptMs || found.extra >= extraAirs) return false
    found.extra += 1
    return true
  }

  /** True where the ULR's AIR was admitted; the place is then used. */
  takeUlr(imsi: string, partner: string, now: number): boolean {
    const key = `${imsi} ${partner}`
    const found = this.#byKey.peek(key)
    if (found === undefined || found.used || now - found.at > keptMs) return false
    found.used = true
    this.#byKey.delete(key)
    const yielded = this.#yieldOf(partner)
    yielded.followed += 1
    // One that had been given up as fruitless was already counted.
    if (now - found.at <= ripeMs) yielded.ripe += 1
    return true
  }

  /** False where nearly nothing follows a partner's AIRs, as when somebody asks for IMSIs that are not there. */
  isProductive(partner: string): boolean {
    const yielded = this.#yields.peek(partner)
    return yielded === undefined || yielded.ripe < 20 || yielded.followed >= yielded.ripe * 0.3
  }

  /** Counts AIRs whose ULR did not come in time. */
  ripen(now: number): void {
    for (;;) {
      const oldest = this.#ripening[this.#head]
      if (oldest === undefined || now - oldest.at <= ripeMs) break
      this.#head += 1
      if (!oldest.used) this.#yieldOf(oldest.partner).ripe += 1
    }
    if (this.#head > 1_024 && this.#head * 2 > this.#ripening.length) {
      this.#ripening = this.#ripening.slice(this.#head)
      this.#head = 0
    }
  }

  /** Halved every so often, so that the figure is that of the last hundreds. */
  #yieldOf(partner: string): Yield {
    let yielded = this.#yields.get(partner)
    if (yielded === undefined) {
      yielded = { ripe: 0, followed: 0 }
      this.#yields.set(partner, yielded)
    }
    if (yielded.ripe > 400) {
      yielded.ripe /= 2
      yielded.followed /= 2
    }
    return yielded
  }
}
