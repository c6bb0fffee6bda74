/** Random values from a seed: the same test data on every machine. */

export interface Random {
  /** Uniform in [0, bound). */
  below(bound: number): number
  /** Up to `bits` bits; small and large values, and those next to powers of two, come often. */
  bigint(bits: number): bigint
  bytes(length: number): Uint8Array
  pick<T>(items: readonly T[]): T
}

/** SplitMix64 (Steele, Lea, Flood 2014). */
export function seeded(seed: bigint): Random {
  const mask = (1n << 64n) - 1n
  let state = seed & mask
  const next = (): bigint => {
    state = (state + 0x9e3779b97f4a7c15n) & mask
    let z = state
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask
    return z ^ (z >> 31n)
  }
  const below = (bound: number): number => Number(next() % BigInt(bound))
  const raw = (bits: number): bigint => {
    let value = 0n
    for (let have = 0; have < bits; have += 64) value = (value << 64n) | next()
    return value & ((1n << BigInt(bits)) - 1n)
  }
  return {
    below,
    bigint(bits) {
      const limit = (1n << BigInt(bits)) - 1n
      const width = below(bits + 1)
      switch (below(5)) {
        case 0:
          return raw(bits)
        case 1: {
          const near = (1n << BigInt(width)) + BigInt(below(5)) - 2n
          return near < 0n ? 0n : near > limit ? limit : near
        }
        case 2:
          return limit - raw(below(8))
        default:
          return raw(Math.max(1, width))
      }
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    pick: (items) => items[below(items.length)] as (typeof items)[number],
  }
}
