/** Loading a code into a transaction: from what is paid before it is unpacked to the contract that can run. */
import { keyOf } from '../codec/bytes.ts'
import { type CodeSource, codeSource, type WholeCode } from './codeSource.ts'
import { type Contract, loadContract, sizesOf } from './contractHost.ts'
import {
  compilingGas,
  frameGas,
  type LoadedSizes,
  type LoadPrice,
  loadableBytes,
  loadPrice,
  NO_MODULE,
  WARM_LOAD_GAS,
  warmLoadPrice,
} from './fees.ts'
import { MAX_MODULE_BYTES } from './limits.ts'
import type { TransactionContext } from './transactionContext.ts'
import { isWarm } from './warmCodes.ts'

export type Loading =
  | {
      readonly ok: true
      readonly contract: Contract
      /** The gas that it costs, at most the gas that was there. */
      readonly gas: bigint
    }
  /** The gas is gone. `reason` is a sentence for people. */
  | { readonly ok: false; readonly reason: string }

/**
 * Loads the code of an account for a frame that has so much gas, and charges the start of the frame too where one starts,
 * at a `depth`; null where none does. Whether the node has the program in its cache must not be seen: what has to be there
 * is the same, and so is the price.
 */
export function loadCode(
  context: TransactionContext,
  address: Uint8Array,
  code: Uint8Array,
  gas: bigint,
  depth: number | null,
): Loading {
  const source = codeSource(context.state, code, context.state.codeHash(address), gas)
  if (source === null) return refused(`out of gas: limit ${gas}, the fragments of the contract cost more to reach`)
  const name = keyOf(source.key)
  const access = source.accessGas
  const { terms, leastFor, affordable, priceOf } = termsOf(context, source, name, gas - access)
  // The gas of any loading is there before fragments are read and joined, and stored bytes are paid before they are
  // unpacked.
  const storedBytes = terms === 'loaded' || gas < access + leastFor(0) ? 0 : storedBytesOf(source.whole(), code)
  const least = access + leastFor(storedBytes)
  if (gas < least) return refused(`out of gas: limit ${gas}, loading the contract costs at least ${least}`)
  const loaded = loadContract(source, context.config, affordable)
  if (!loaded.ok) {
    // Work was done: the next load finds no allowance.
    context.loadAllowance = 0n
    return refused(`the account's code cannot run: ${loaded.error.message}`)
  }
  const { contract } = loaded
  const sizes = { ...sizesOf(contract), storedBytes }
  const load = priceOf(sizes)
  context.loadAllowance = load.allowance
  const price = access + (depth === null ? 0n : frameGas(contract.startGas, depth)) + load.gas
  if (gas < price) return refused(`out of gas: limit ${gas}, starting the contract costs ${price}`)
  if (terms !== 'loaded') context.loaded.set(name, { key: source.key, weight: compilingGas(sizes) })
  return { ok: true, contract, gas: price }
}

interface Terms {
  /** `loaded`: by this transaction, for nothing. `warm`: by the state. */
  readonly terms: 'loaded' | 'warm' | 'cold'
  /** By the length of what is stored alone. */
  readonly leastFor: (storedBytes: number) => bigint
  /** Most bytes of a module that the gas pays for unpacking; where somebody paid before, of any. */
  readonly affordable: number
  readonly priceOf: (sizes: LoadedSizes) => LoadPrice
}

function termsOf(context: TransactionContext, { key }: CodeSource, name: string, gas: bigint): Terms {
  const { loadAllowance: allowance } = context
  if (context.loaded.has(name)) {
    const priceOf = () => ({ gas: 0n, allowance })
    return { terms: 'loaded', leastFor: () => 0n, affordable: MAX_MODULE_BYTES, priceOf }
  }
  if (gas >= WARM_LOAD_GAS && context.config.loadsCold !== true && isWarm(context.state, key)) {
    const priceOf = (sizes: LoadedSizes) => warmLoadPrice(sizes, allowance)
    const leastFor = (storedBytes: number) => priceOf({ ...NO_MODULE, storedBytes }).gas
    return { terms: 'warm', leastFor, affordable: MAX_MODULE_BYTES, priceOf }
  }
  const priceOf = (sizes: LoadedSizes) => loadPrice(sizes, allowance)
  const leastFor = (storedBytes: number) => priceOf({ ...NO_MODULE, storedBytes }).gas
  return { terms: 'cold', leastFor, affordable: loadableBytes(gas, allowance), priceOf }
}

/** A code that cannot be joined is as long as its root: it is refused before anything is unpacked. */
function storedBytesOf(whole: WholeCode, root: Uint8Array): number {
  return whole.ok ? whole.code.length : root.length
}

function refused(reason: string): Loading {
  return { ok: false, reason }
}
