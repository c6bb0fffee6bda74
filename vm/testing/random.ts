/**
 * Random numbers from a seed, for tests and for faults that can be repeated: the same seed gives the same numbers on
 * every machine. One generator (mulberry32: 32 bits of state) serves every package. Not for secrets.
 */

export interface Random {
  /** From 0 (inclusive) to 1 (exclusive), in steps of 2^-32. */
  fraction(): number
  /** A whole number from 0 to `limit` - 1; `limit` is at most 2^32. */
  below(limit: number): number
  /** A whole number from `least` to `greatest`, both inclusive. */
  between(least: number, greatest: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** @throws RangeError when there is nothing to choose from. */
  pick<T>(items: readonly T[]): T
  /** `count` different items in random order; all of them when there are fewer. */
  sample<T>(items: readonly T[], count: number): T[]
  bytes(length: number): Uint8Array<ArrayBuffer>
  /** Below 2^bits. Small and large values, and those next to powers of two, come often. */
  bigint(bits: number): bigint
}

/** A text is a seed by its hash (FNV-1a over UTF-16 code units), so streams can be named by what they are for. */
export function seededRandom(seed: number | string): Random {
  let state = typeof seed === 'number' ? seed >>> 0 : hashText(seed)
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(fraction() * limit)
  const between = (least: number, greatest: number): number => least + below(greatest - least + 1)
  const bits = (count: number): bigint => {
    let value = 0n
    for (let have = 0; have < count; have += 32) value = (value << 32n) | BigInt(below(2 ** 32))
    return BigInt.asUintN(count, value)
  }
  return {
    fraction,
    below,
    between,
    chance: (probability) => fraction() < probability,
    pick(items) {
      if (items.length === 0) throw new RangeError('nothing to pick from')
      return items[below(items.length)]!
    },
    sample(items, count) {
      const left = [...items]
      const taken: (typeof left)[number][] = []
      while (taken.length < count && left.length > 0) taken.push(...left.splice(below(left.length), 1))
      return taken
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
    bigint(size) {
      const greatest = (1n << BigInt(size)) - 1n
      const width = below(size + 1)
      switch (below(5)) {
        case 0:
          return bits(size)
        case 1: {
          const near = (1n << BigInt(width)) + BigInt(below(5)) - 2n
          return near < 0n ? 0n : near > greatest ? greatest : near
        }
        case 2:
          return greatest - bits(Math.min(size, below(8)))
        default:
          return bits(width)
      }
    },
  }
}

function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  return hash
}
