/**
 * Blocks, transactions, receipts and logs as views/ makes them: execution-apis' schemas, without what this chain does
 * not have.
 */
import {
  ADDRESS,
  BOOLEAN,
  DATA,
  dataOf,
  HASH,
  listOf,
  named,
  nullable,
  QUANTITY,
  record,
  type Schema,
  TEXT,
} from './schema.ts'

export const ACCESS_LIST: Schema = named('Access list', listOf(record({ address: ADDRESS, storageKeys: listOf(HASH) })))

/** `blockHash`, `blockNumber` and `transactionIndex` are null while it waits. */
export const TRANSACTION: Schema = named(
  'Transaction',
  record(
    {
      hash: HASH,
      type: { type: 'string', enum: ['0x0', '0x1', '0x2', '0x7d'] },
      blockHash: nullable(HASH),
      blockNumber: nullable(QUANTITY),
      transactionIndex: nullable(QUANTITY),
      from: ADDRESS,
      to: nullable(ADDRESS),
      nonce: QUANTITY,
      gas: QUANTITY,
      value: QUANTITY,
      input: DATA,
      gasPrice: QUANTITY,
      v: QUANTITY,
      r: QUANTITY,
      s: QUANTITY,
    },
    {
      chainId: QUANTITY,
      yParity: QUANTITY,
      accessList: ACCESS_LIST,
      salt: dataOf(16),
      maxFeePerGas: QUANTITY,
      maxPriorityFeePerGas: QUANTITY,
    },
  ),
)

export const LOG: Schema = named(
  'Log',
  record({
    address: ADDRESS,
    topics: { type: 'array', items: HASH, maxItems: 4 },
    data: DATA,
    blockNumber: QUANTITY,
    blockHash: HASH,
    transactionHash: HASH,
    transactionIndex: QUANTITY,
    logIndex: QUANTITY,
    removed: { ...BOOLEAN, enum: [false] },
  }),
)

export const RECEIPT: Schema = named(
  'Receipt',
  record({
    transactionHash: HASH,
    transactionIndex: QUANTITY,
    blockHash: HASH,
    blockNumber: QUANTITY,
    from: ADDRESS,
    to: nullable(ADDRESS),
    contractAddress: nullable(ADDRESS),
    cumulativeGasUsed: QUANTITY,
    gasUsed: QUANTITY,
    effectiveGasPrice: QUANTITY,
    logs: listOf(LOG),
    logsBloom: dataOf(256),
    type: QUANTITY,
    status: { type: 'string', enum: ['0x0', '0x1'] },
    failure: nullable(record({ message: TEXT, revertData: nullable(DATA) })),
  }),
)

const headerFields = {
  number: QUANTITY,
  parentHash: HASH,
  sha3Uncles: HASH,
  stateRoot: HASH,
  transactionsRoot: HASH,
  receiptsRoot: HASH,
  logsBloom: dataOf(256),
  difficulty: QUANTITY,
  gasLimit: QUANTITY,
  gasUsed: QUANTITY,
  timestamp: QUANTITY,
  extraData: HASH,
  mixHash: HASH,
  baseFeePerGas: QUANTITY,
}
const sealedFields = { ...headerFields, hash: HASH, miner: ADDRESS, nonce: dataOf(8) }

export const HEADER: Schema = named('Header', record(sealedFields))

/** Hashes of transactions, or whole ones. */
const TRANSACTIONS: Schema = { anyOf: [listOf(HASH), listOf(TRANSACTION)] }

const bodyFields = {
  size: QUANTITY,
  uncles: { type: 'array', items: HASH, maxItems: 0 },
  transactions: TRANSACTIONS,
} as const

export const blockFields = { ...sealedFields, ...bodyFields }

/** The next block (`pending`) has no hash, nonce and miner yet. */
export const BLOCK: Schema = named(
  'Block',
  record({ ...blockFields, hash: nullable(HASH), miner: nullable(ADDRESS), nonce: nullable(dataOf(8)) }),
)
