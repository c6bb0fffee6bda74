/**
 * Random numbers from a seed, for faults that can be repeated: SplitMix64 (Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", 2014) over a state taken from the SHA-256 of a text. Not for secrets.
 */
import { createHash } from 'node:crypto'

export interface Random {
  /** From 0 (inclusive) to 1 (exclusive), in steps of 2^-53. */
  fraction(): number
  /** A whole number from `least` to `greatest`, both inclusive. */
  integer(least: number, greatest: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** @throws RangeError when there is nothing to choose from. */
  pick<T>(from: readonly T[]): T
  /** `count` different ones, in random order; all of them when there are fewer. */
  sample<T>(from: readonly T[], count: number): T[]
}

const mask = (1n << 64n) - 1n
const golden = 0x9e3779b97f4a7c15n

/** The same seed gives the same numbers, on every machine. */
export function seededRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readBigUInt64BE(0)
  const next = () => {
    state = (state + golden) & mask
    let mixed = state
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask
    return mixed ^ (mixed >> 31n)
  }
  const fraction = () => Number(next() >> 11n) / 2 ** 53
  const integer = (least: number, greatest: number) => least + Math.floor(fraction() * (greatest - least + 1))
  return {
    fraction,
    integer,
    chance: (probability) => fraction() < probability,
    pick(from) {
      if (from.length === 0) throw new RangeError('nothing to pick from')
      return from[integer(0, from.length - 1)]!
    },
    sample(from, count) {
      const left = [...from]
      const taken: (typeof left)[number][] = []
      while (taken.length < count && left.length > 0) taken.push(...left.splice(integer(0, left.length - 1), 1))
      return taken
    },
  }
}
