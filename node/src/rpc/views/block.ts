/**
 * A block and a header as JSON-RPC shows them (execution-apis, "Block"). `totalDifficulty` is left out: there is no
 * proof of work to add up; so are the fields of forks after London, which the header does not have.
 */
import { toHex, toQuantity } from '../../codec/hex.ts'
import type { Block } from '../../types/block.ts'
import type { Header } from '../../types/header.ts'
import { countToQuantity } from './quantities.ts'
import { transactionView } from './transaction.ts'

export function headerView(header: Header, hash: Uint8Array): Readonly<Record<string, unknown>> {
  return {
    number: toQuantity(header.number),
    hash: toHex(hash),
    parentHash: toHex(header.parentHash),
    sha3Uncles: toHex(header.ommersHash),
    miner: toHex(header.miner),
    stateRoot: toHex(header.stateRoot),
    transactionsRoot: toHex(header.transactionsRoot),
    receiptsRoot: toHex(header.receiptsRoot),
    logsBloom: toHex(header.logsBloom),
    difficulty: toQuantity(header.difficulty),
    gasLimit: toQuantity(header.gasLimit),
    gasUsed: toQuantity(header.gasUsed),
    timestamp: toQuantity(header.timestamp),
    extraData: toHex(header.extraData),
    mixHash: toHex(header.mixHash),
    nonce: toHex(header.nonce),
    baseFeePerGas: toQuantity(header.baseFeePerGas),
  }
}

/** @param senders in block order for whole transactions, null for their hashes only. */
export function blockView(block: Block, senders: readonly Uint8Array[] | null): Readonly<Record<string, unknown>> {
  const { number: blockNumber, baseFeePerGas } = block.header
  return {
    ...headerView(block.header, block.hash),
    size: countToQuantity(block.raw.length),
    uncles: [],
    transactions: block.transactions.map((envelope, index) =>
      senders === null
        ? toHex(envelope.hash)
        : transactionView(
            { ...envelope, sender: senders[index]! },
            { blockHash: block.hash, blockNumber, index, baseFeePerGas },
          ),
    ),
  }
}
