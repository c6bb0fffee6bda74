/**
 * Transactions that an account had part in, block by block: there is no index of them. Receipts say who sent, was
 * called, was created or logged. An inner call that changed the account, by value or by storage, shows in the state:
 * such a block runs once more, and the transaction is found in its frames.
 */
import { equalBytes, keyOf } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import type { TracedFrame } from '../../execution/trace/callTree.ts'
import type { ReceiptRecord } from '../../types/receipt.ts'
import { address, count } from '../decode/hex.ts'
import { limitExceeded } from '../errors.ts'
import { MAX_TRACE_BLOCKS } from '../limits.ts'
import { type ParamContext, required } from '../method.ts'
import { clientOf } from '../origin.ts'
import { leastLogLength } from '../views/log.ts'
import { FRAMES } from '../views/traces/tracers.ts'
import type { TransactionInBlock } from './blocks.ts'
import { type RpcContext, stopIfOver } from './context.ts'
import type { ExecutedBlock } from './executedBlock.ts'

/** The parameters of a search: of whom, from which block, and how many. */
export const historyPage = ({ limits }: ParamContext) =>
  [
    required('address', address),
    required('blockNumber', count(0, Number.MAX_SAFE_INTEGER)),
    required('pageSize', count(1, limits.maxHistoryPage)),
  ] as const

export interface HistoryPage {
  /** All of a block or none, so there may be more than were asked for. In the order of the search. */
  readonly found: readonly TransactionInBlock[]
  /** The search came to the end of the chain. */
  readonly isLast: boolean
}

/** From block `first` on, upwards (`step` 1) or downwards (-1), until there are `pageSize`. */
export async function searchHistory(
  context: RpcContext,
  account: Uint8Array,
  first: bigint,
  step: 1n | -1n,
  pageSize: number,
): Promise<HistoryPage> {
  const { limits, blocks } = context
  const { chain } = context.backend
  const newest = chain.head().header.number
  const history = new AccountHistory(context, account)
  const found: TransactionInBlock[] = []
  let looked = 0
  let length = 0
  // Block 0 has no transactions, and that of a snapshot no receipts.
  for (let number = first; number > chain.base && number <= newest; number += step) {
    if (found.length >= pageSize) return { found, isLast: false }
    if (looked++ === limits.maxHistoryBlocks) {
      if (found.length > 0) return { found, isLast: false }
      const [low, high] = step > 0n ? [first, number - 1n] : [number + 1n, first]
      throw limitExceeded(
        `no transaction of ${toHex(account)} in blocks ${low} to ${high}, and one search looks through ${limits.maxHistoryBlocks} (maxHistoryBlocks); search on from there`,
      )
    }
    stopIfOver(context, 'the search', `block ${number}`)
    const block = await blocks.block({ number })
    if (block === null || block.transactions.length === 0) continue
    const executed = await blocks.executed({ number })
    if (executed === null) continue
    const indices = await history.inBlock(executed)
    length += indices.reduce((sum, index) => sum + textLengthOf(executed, index), 0)
    // The next page begins with a block that the answer has no room for.
    if (found.length > 0 && length > limits.maxResponseLength) return { found, isLast: false }
    found.push(...(step > 0n ? indices : indices.reverse()).map((index) => ({ block: executed, index })))
  }
  return { found, isLast: true }
}

/** Characters of a transaction and its receipt as JSON, roughly. */
function textLengthOf({ block, receipts }: ExecutedBlock, index: number): number {
  const { logs } = receipts[index]!.receipt
  return logs.reduce((sum, log) => sum + leastLogLength(log), 2 * block.transactions[index]!.raw.length)
}

class AccountHistory {
  readonly #context: RpcContext
  readonly #address: Uint8Array
  #runs = 0

  constructor(context: RpcContext, address: Uint8Array) {
    this.#context = context
    this.#address = address
  }

  /** Ascending. */
  async inBlock(executed: ExecutedBlock): Promise<number[]> {
    const { header, hash, transactions } = executed.block
    const all = transactions.map((_, index) => index)
    const direct = all.filter((index) => this.#hasPart(executed.receipts[index]!, transactions[index]!.transaction.to))
    // The balance of who is paid the tips says nothing about calls.
    if (direct.length === all.length || equalBytes(header.miner, this.#address)) return direct
    if (!(await this.#changed(header.number))) return direct
    if (this.#runs++ === MAX_TRACE_BLOCKS) {
      throw limitExceeded(
        `inner calls changed the account in more than ${MAX_TRACE_BLOCKS} blocks (MAX_TRACE_BLOCKS), each of which runs again to find them; ask for a smaller page`,
      )
    }
    const { backend, caller } = this.#context
    const { traces } = await backend.chain.traceBlock(clientOf(caller), { hash }, FRAMES)
    return all.filter((index) => direct.includes(index) || this.#isIn(traces[index]!.root))
  }

  #hasPart({ sender, contractAddress, receipt }: ReceiptRecord, to: Uint8Array | null): boolean {
    const named = [sender, to, contractAddress, ...receipt.logs.map((log) => log.address)]
    return named.some((one) => one !== null && equalBytes(one, this.#address))
  }

  async #changed(number: bigint): Promise<boolean> {
    const { chain } = this.#context.backend
    const [before, after] = await Promise.all(
      [number - 1n, number].map((at) => chain.account(this.#address, { number: at })),
    )
    if (!before || !after) return before !== after
    return (
      before.balance !== after.balance ||
      before.nonce !== after.nonce ||
      keyOf(before.storageRoot) !== keyOf(after.storageRoot) ||
      keyOf(before.codeHash) !== keyOf(after.codeHash)
    )
  }

  #isIn(frame: TracedFrame): boolean {
    if (equalBytes(frame.from, this.#address) || equalBytes(frame.to, this.#address)) return true
    return frame.steps.some((step) => step.kind === 'frame' && this.#isIn(step.frame))
  }
}
