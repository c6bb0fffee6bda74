/**
 * The next block as it can be told before it is there: its number, time, gas limit and base fee, and what the pool
 * would offer for it. Nothing of it has run: it has no hash, and gas used and roots are those of a block without
 * transactions on the newest state.
 */

import { toHex } from '../../codec/hex.ts'
import { timestampOf } from '../../execution/dev/nextHeader.ts'
import { EMPTY_TRIE_ROOT } from '../../types/accountCodec.ts'
import { sealBlock } from '../../types/blockCodec.ts'
import { EMPTY_BLOOM, ZERO_HASH } from '../../types/headerCodec.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import type { RpcBackend } from '../backend.ts'
import { headerView } from '../views/block.ts'
import { countToQuantity } from '../views/quantities.ts'
import { transactionView } from '../views/transaction.ts'
import { nextHeaderOf } from './callRequest.ts'

/** The transactions the pool would offer for the next block, in its order. */
export function pendingTransactions(backend: RpcBackend): readonly SenderTransaction[] {
  const { gasLimit, baseFeePerGas } = nextHeaderOf(backend)
  return backend.txpool.select(gasLimit, baseFeePerGas)
}

/** As eth_getBlockByNumber shows it. `full`: whole transactions instead of their hashes. */
export function pendingBlockView(backend: RpcBackend, full: boolean): Readonly<Record<string, unknown>> {
  const { chain, clock } = backend
  const { header: parent, hash: parentHash } = chain.head()
  const now = BigInt(Math.floor(clock.now() / 1000))
  const next = nextHeaderOf(backend)
  const header = {
    ...parent,
    parentHash,
    number: parent.number + 1n,
    timestamp: timestampOf(next, parent, now),
    gasLimit: next.gasLimit,
    baseFeePerGas: next.baseFeePerGas,
    // Where the set changes the parent names the next one.
    extraData: parent.number > 0n && !isZero(parent.mixHash) ? parent.mixHash : parent.extraData,
    mixHash: ZERO_HASH,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: EMPTY_BLOOM,
    gasUsed: 0n,
  }
  const transactions = pendingTransactions(backend)
  const bytes = transactions.reduce((sum, { raw }) => sum + raw.length, sealBlock(header, []).raw.length)
  return {
    ...headerView(header, parentHash),
    hash: null,
    nonce: null,
    miner: null,
    size: countToQuantity(bytes),
    uncles: [],
    transactions: transactions.map((one) => (full ? transactionView(one, null) : toHex(one.hash))),
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}
