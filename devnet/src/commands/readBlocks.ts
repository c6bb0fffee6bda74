/** Blocks of a node with what became of their transactions, several by one question. */
import type { Hex } from 'viem'
import { askAll } from '../network/nodeRpc.ts'

const REQUEST_TIMEOUT_MS = 5_000

export interface ReadTransaction {
  readonly from: Hex
  readonly to: Hex | null
  readonly input: Hex
  readonly value: bigint
  readonly gasUsed: bigint
  /** Of a contract that it made; null for none. */
  readonly contractAddress: Hex | null
  /** Null where it succeeded. */
  readonly failure: { readonly message: string; readonly revertData: Hex | null } | null
}

/** In the order of the numbers; null for a block that the node does not give. @throws Error when it does not answer. */
export async function readBlocks(rpc: string, numbers: readonly bigint[]): Promise<(ReadTransaction[] | null)[]> {
  const tags = numbers.map((number) => `0x${number.toString(16)}`)
  const target = { index: 0, rpc }
  const blocks = await askAll(
    target,
    'eth_getBlockByNumber',
    tags.map((tag) => [tag, true]),
    REQUEST_TIMEOUT_MS,
  )
  const receipts = await askAll(
    target,
    'eth_getBlockReceipts',
    tags.map((tag) => [tag]),
    REQUEST_TIMEOUT_MS,
  )
  return blocks.map((block, at) => transactionsOf(block, receipts[at]))
}

/** The port of a node that ended may be another program's: what has not the shape of an answer is none. */
function transactionsOf(block: unknown, receipts: unknown): ReadTransaction[] | null {
  const { transactions } = fieldsOf(block)
  if (!Array.isArray(transactions) || !Array.isArray(receipts) || receipts.length !== transactions.length) return null
  const read = transactions.map((transaction: unknown, at) =>
    transactionOf(fieldsOf(transaction), fieldsOf(receipts[at])),
  )
  return read.includes(null) ? null : (read as ReadTransaction[])
}

type Fields = Readonly<Record<string, unknown>>

function transactionOf(transaction: Fields, receipt: Fields): ReadTransaction | null {
  const { from, to, input, value } = transaction
  const { gasUsed, contractAddress = null, status } = receipt
  if (!isHex(from) || !isHex(input) || !isHex(value) || !isHex(gasUsed)) return null
  if ((to !== null && !isHex(to)) || (contractAddress !== null && !isHex(contractAddress))) return null
  const failure = status === '0x1' ? null : failureOf(fieldsOf(receipt['failure']))
  return { from, to, input, value: numberOf(value), gasUsed: numberOf(gasUsed), contractAddress, failure }
}

function failureOf({ message, revertData }: Fields): NonNullable<ReadTransaction['failure']> {
  return {
    message: typeof message === 'string' ? message : 'the transaction was reverted',
    revertData: isHex(revertData) ? revertData : null,
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value)
}

function numberOf(text: Hex): bigint {
  return text === '0x' ? 0n : BigInt(text)
}
