/** Keccak-f[1600] (FIPS 202 §3.3): the permutation of TUAK, for where SHAKE256 of node:crypto cannot stand in for it. */

const rounds = 24
const [iotaLow, iotaHigh] = makeIota()
const rotations = makeRotations()

/** Permutes 25 lanes in place: word 2i holds the low, word 2i + 1 the high half of lane i = x + 5y. */
export function keccakF1600(state: Int32Array): void {
  const parity = new Int32Array(10)
  const moved = new Int32Array(50)
  for (let round = 0; round < rounds; round++) {
    theta(state, parity)
    rhoPi(state, moved)
    chi(moved, state)
    state[0] = at(state, 0) ^ at(iotaLow, round)
    state[1] = at(state, 1) ^ at(iotaHigh, round)
  }
}

function theta(state: Int32Array, parity: Int32Array): void {
  for (let x = 0; x < 10; x++) {
    parity[x] = at(state, x) ^ at(state, x + 10) ^ at(state, x + 20) ^ at(state, x + 30) ^ at(state, x + 40)
  }
  for (let x = 0; x < 5; x++) {
    const left = 2 * ((x + 4) % 5)
    const right = 2 * ((x + 1) % 5)
    const low = at(parity, left) ^ ((at(parity, right) << 1) | (at(parity, right + 1) >>> 31))
    const high = at(parity, left + 1) ^ ((at(parity, right + 1) << 1) | (at(parity, right) >>> 31))
    for (let i = 2 * x; i < 50; i += 10) {
      state[i] = at(state, i) ^ low
      state[i + 1] = at(state, i + 1) ^ high
    }
  }
}

function rhoPi(state: Int32Array, moved: Int32Array): void {
  for (let y = 0; y < 5; y++) {
    for (let x = 0; x < 5; x++) {
      const from = x + 5 * y
      const to = 2 * (y + 5 * ((2 * x + 3 * y) % 5))
      const bits = at(rotations, from) & 31
      const isSwapped = at(rotations, from) >= 32
      const low = at(state, 2 * from + (isSwapped ? 1 : 0))
      const high = at(state, 2 * from + (isSwapped ? 0 : 1))
      moved[to] = bits === 0 ? low : (low << bits) | (high >>> (32 - bits))
      moved[to + 1] = bits === 0 ? high : (high << bits) | (low >>> (32 - bits))
    }
  }
}

function chi(moved: Int32Array, state: Int32Array): void {
  for (let y = 0; y < 50; y += 10) {
    for (let x = 0; x < 10; x++) state[y + x] = at(moved, y + x) ^ (~at(moved, y + ((x + 2) % 10)) & at(moved, y + ((x + 4) % 10)))
  }
}

/** FIPS 202 §3.2.5: round constants from the register x^8 + x^6 + x^5 + x^4 + 1. */
function makeIota(): [Int32Array, Int32Array] {
  const low = new Int32Array(rounds)
  const high = new Int32Array(rounds)
  let register = 1
  for (let round = 0; round < rounds; round++) {
    for (let j = 0; j < 7; j++) {
      const position = (1 << j) - 1
      if (register & 1) {
        if (position < 32) low[round] = at(low, round) | (1 << position)
        else high[round] = at(high, round) | (1 << (position - 32))
      }
      register = register & 0x80 ? ((register << 1) ^ 0x171) & 255 : register << 1
    }
  }
  return [low, high]
}

/** FIPS 202 §3.2.2: the t-th lane on the walk (x, y) -> (y, 2x + 3y) from (1, 0) turns by (t + 1)(t + 2) / 2. */
function makeRotations(): Uint8Array {
  const offsets = new Uint8Array(25)
  let x = 1
  let y = 0
  for (let t = 0; t < 24; t++) {
    offsets[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64
    const next = (2 * x + 3 * y) % 5
    x = y
    y = next
  }
  return offsets
}

function at(list: ArrayLike<number>, index: number): number {
  return list[index] as number
}
