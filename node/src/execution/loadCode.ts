/** Loading a code into a transaction: from what is paid before it is unpacked to the contract that can run. */
import { keyOf } from '../codec/bytes.ts'
import { codeSource, type WholeCode } from './codeSource.ts'
import { type Contract, loadContract, sizesOf } from './contractHost.ts'
import { loadableBytes, loadPrice, NO_MODULE } from './fees.ts'
import { MAX_MODULE_BYTES } from './limits.ts'
import type { TransactionContext } from './transactionContext.ts'

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
 * Loads the code of an account for a frame that has so much gas, and charges the start of the frame too where one starts.
 * Whether the node has the program in its cache must not be seen: what has to be there is the same, and so is the price.
 */
export function loadCode(
  context: TransactionContext,
  address: Uint8Array,
  code: Uint8Array,
  gas: bigint,
  purpose: 'and starts' | 'only',
): Loading {
  const source = codeSource(context.state, code, context.state.codeHash(address), gas)
  if (source === null) return refused(`out of gas: limit ${gas}, the fragments of the contract cost more to reach`)
  const key = keyOf(source.key)
  const isLoaded = context.loaded.has(key)
  const access = source.accessGas
  const leastFor = (storedBytes: number) =>
    isLoaded ? 0n : loadPrice({ ...NO_MODULE, storedBytes }, context.loadAllowance).gas
  // The gas of any loading is there before fragments are read and joined, and stored bytes are paid before they are unpacked.
  const storedBytes = isLoaded || gas < access + leastFor(0) ? 0 : storedBytesOf(source.whole(), code)
  const least = access + leastFor(storedBytes)
  if (gas < least) return refused(`out of gas: limit ${gas}, loading the contract costs at least ${least}`)
  const affordable = isLoaded ? MAX_MODULE_BYTES : loadableBytes(gas - access, context.loadAllowance)
  const loaded = loadContract(source, context.config, affordable)
  if (!loaded.ok) {
    // Work was done: the next load finds no allowance.
    context.loadAllowance = 0n
    return refused(`the account's code cannot run: ${loaded.error.message}`)
  }
  const { contract } = loaded
  let price = access + (purpose === 'and starts' ? contract.startGas : 0n)
  if (!isLoaded) {
    const load = loadPrice({ ...sizesOf(contract), storedBytes }, context.loadAllowance)
    context.loadAllowance = load.allowance
    price += load.gas
  }
  if (gas < price) return refused(`out of gas: limit ${gas}, starting the contract costs ${price}`)
  context.loaded.add(key)
  return { ok: true, contract, gas: price }
}

/** A code that cannot be joined is as long as its root: it is refused before anything is unpacked. */
function storedBytesOf(whole: WholeCode, root: Uint8Array): number {
  return whole.ok ? whole.code.length : root.length
}

function refused(reason: string): Loading {
  return { ok: false, reason }
}
