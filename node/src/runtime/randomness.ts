/** Randomness that peers cannot foresee. Nothing that reaches consensus depends on it; a simulation hands in its own. */
import { randomBytes, randomInt } from 'node:crypto'

export interface Randomness {
  bytes(length: number): Uint8Array
  /** A whole number from 0 to `limit` - 1, each as likely as any other. */
  below(limit: number): number
}

export const systemRandomness: Randomness = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  below: (limit) => randomInt(limit),
}
