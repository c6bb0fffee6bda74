/**
 * Compares the node's precompiles with naivePrecompiles.ts, case after case, and wants of every input a price and an
 * output or a failure: an exception is a finding like a difference.
 */
import { toHex } from '../../src/codec/hex.ts'
import { findPrecompile, type Precompile } from '../../src/execution/precompiles/precompiles.ts'
import { precompilePrices } from '../../src/execution/precompiles/prices.ts'
import { type PrecompileCase, precompileCase } from './generateInput.ts'
import { naivePrecompile } from './naivePrecompiles.ts'

/** Dearer inputs are priced, which must not fail, but a block has no gas for them. */
const MOST_GAS = 30_000_000n
const BLAKE2F = 9
/** The rounds of blake2f that 30 M gas pay for take the oracle minutes. */
const MOST_GAS_COMPARED = 1_000_000n

export interface PrecompileSession {
  /** Cases, and of them those with an output, by address. */
  readonly cases: Record<number, number>
  readonly outputs: Record<number, number>
  /** The text to print; null when nothing was found. */
  readonly finding: string | null
}

/** From case `first` on, as long as `goesOn(number of the case)` says. */
export function precompileSession(seed: number, first: number, goesOn: (number: number) => boolean): PrecompileSession {
  const cases: Record<number, number> = {}
  const outputs: Record<number, number> = {}
  for (let number = first; goesOn(number); number++) {
    const each = precompileCase(seed, number)
    const { address, input } = each
    const { problem, hasOutput } = judge(each)
    if (problem !== null) {
      const shownCase = `precompile ${address}, input ${toHex(input)}: ${problem}`
      return { cases, outputs, finding: `${shownCase}\nagain: ${again(seed, number)}` }
    }
    cases[address] = (cases[address] ?? 0) + 1
    if (hasOutput) outputs[address] = (outputs[address] ?? 0) + 1
  }
  return { cases, outputs, finding: null }
}

function again(seed: number, number: number): string {
  return `npm run fuzz:precompiles -- --seed ${seed} --case ${number}`
}

interface Verdict {
  readonly problem: string | null
  /** Whether there was an output that says something. */
  readonly hasOutput: boolean
}

function judge({ address, input }: PrecompileCase): Verdict {
  const precompile = precompileAt(address)
  let output: Uint8Array | null
  try {
    const price = precompile.gas(input, precompilePrices('touchstone/1'))
    if (price < 0n) return { problem: `a price of ${price}`, hasOutput: false }
    if (price > MOST_GAS || (address === BLAKE2F && price > MOST_GAS_COMPARED))
      return { problem: null, hasOutput: false }
    output = precompile.run(input)
  } catch (error) {
    return { problem: `it threw ${error}`, hasOutput: false }
  }
  const [found, expected] = [shown(output), shown(naivePrecompile(address, input))]
  const problem = found === expected ? null : `${found}, expected ${expected}`
  return { problem, hasOutput: output?.some((byte) => byte !== 0) ?? false }
}

function precompileAt(address: number): Precompile {
  const bytes = new Uint8Array(20)
  bytes[19] = address
  return findPrecompile(bytes)!
}

function shown(output: Uint8Array | null): string {
  return output === null ? 'a failure' : toHex(output)
}
