/** Random numbers from a seed (mulberry32), so that a failing run can be run again. Not for secrets. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 .. bound - 1. */
  int(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i++) out[i] = this.int(256)
    return out
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)]!
  }

  /** Below 2^bits, with short ones as likely as long ones. */
  bigint(bits: number): bigint {
    let value = 0n
    for (let left = this.int(bits + 1); left > 0; left -= 8) value = (value << 8n) | BigInt(this.int(256))
    return BigInt.asUintN(bits, value)
  }
}
