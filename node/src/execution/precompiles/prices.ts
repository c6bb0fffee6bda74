/**
 * The prices of the precompiles, in gas, by schedule. `stylus` has Ethereum's prices, as Arbitrum does. Those are for native
 * code; `touchstone/1` has the times of this implementation (docs/protocol/gas.md), so that a contract that needs one of
 * them pays what it takes and a block of nothing else stays short.
 */
import type { ScheduleName } from '@touchstone/vm'

export interface ByWord {
  readonly base: bigint
  readonly perWord: bigint
}

export interface PrecompilePrices {
  readonly ecrecover: bigint
  readonly sha256: ByWord
  readonly ripemd160: ByWord
  readonly identity: ByWord
  /** Per bit of the exponent: `iteration` + words^2 x `square.numerator` / `square.denominator`; at least `minimum`. */
  readonly modexp: {
    readonly minimum: bigint
    readonly iteration: bigint
    readonly square: { readonly numerator: bigint; readonly denominator: bigint }
  }
  readonly bn254Add: bigint
  readonly bn254Mul: bigint
  readonly bn254Pairing: { readonly base: bigint; readonly perPair: bigint }
  readonly blake2f: { readonly base: bigint; readonly perRound: bigint }
}

const ETHEREUM: PrecompilePrices = {
  // Yellow paper, appendix E.1.
  ecrecover: 3_000n,
  sha256: { base: 60n, perWord: 12n },
  ripemd160: { base: 600n, perWord: 120n },
  identity: { base: 15n, perWord: 3n },
  // EIP-2565.
  modexp: { minimum: 200n, iteration: 0n, square: { numerator: 1n, denominator: 3n } },
  // EIP-1108.
  bn254Add: 150n,
  bn254Mul: 6_000n,
  bn254Pairing: { base: 45_000n, perPair: 34_000n },
  // EIP-152.
  blake2f: { base: 0n, perRound: 1n },
}

const TOUCHSTONE_1: PrecompilePrices = {
  ecrecover: 30_000n,
  sha256: { base: 400n, perWord: 25n },
  ripemd160: { base: 1_200n, perWord: 150n },
  identity: { base: 15n, perWord: 3n },
  modexp: { minimum: 1_500n, iteration: 100n, square: { numerator: 2n, denominator: 1n } },
  bn254Add: 3_000n,
  bn254Mul: 350_000n,
  bn254Pairing: { base: 3_000_000n, perPair: 1_000_000n },
  blake2f: { base: 1_000n, perRound: 80n },
}

const PRICES: Readonly<Record<ScheduleName, PrecompilePrices>> = { 'touchstone/1': TOUCHSTONE_1, stylus: ETHEREUM }

/** @throws RangeError for a schedule that there is not. */
export function precompilePrices(schedule: string): PrecompilePrices {
  const prices = Object.hasOwn(PRICES, schedule) ? PRICES[schedule as ScheduleName] : undefined
  if (prices === undefined) throw new RangeError(`schedule "${schedule}" has no prices of precompiles`)
  return prices
}
