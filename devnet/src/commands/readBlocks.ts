/** Blocks of a node with what became of their transactions, several by one question. */
import type { Hex } from 'viem'
import { askEach } from '../network/nodeRpc.ts'

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

/**
 * In the order of the numbers; null for a block that the node does not give.
 * @param apart ask for transactions and receipts one after the other: both of a large block may be too long for an answer
 * @throws Error when it does not answer
 */
export async function readBlocks(
  rpc: string,
  numbers: readonly bigint[],
  apart = false,
): Promise<(ReadTransaction[] | null)[]> {
  const tags = numbers.map((number) => `0x${number.toString(16)}`)
  const ofBlocks = tags.map((tag) => ({ method: 'eth_getBlockByNumber', params: [tag, true] }))
  const ofReceipts = tags.map((tag) => ({ method: 'eth_getBlockReceipts', params: [tag] }))
  const read = (calls: typeof ofBlocks | typeof ofReceipts) => askEach({ index: 0, rpc }, calls, REQUEST_TIMEOUT_MS)
  const found = apart
    ? [...(await read(ofBlocks)), ...(await read(ofReceipts))]
    : await read([...ofBlocks, ...ofReceipts])
  return tags.map((_, at) => transactionsOf(found[at], found[tags.length + at]))
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
