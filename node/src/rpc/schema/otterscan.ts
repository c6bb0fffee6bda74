/** The results of ots_ methods, as Otterscan's documentation has it. */
import { blockFields, RECEIPT, TRANSACTION } from './chainObjects.ts'
import {
  ADDRESS,
  BOOLEAN,
  COUNT,
  DATA,
  listOf,
  NULL,
  named,
  nullable,
  QUANTITY,
  record,
  type Schema,
} from './schema.ts'

const { transactions: _hashes, ...fieldsOfBlock } = blockFields
const briefBlock = { ...fieldsOfBlock, logsBloom: NULL, transactionCount: COUNT }

export const BLOCK_DETAILS: Schema = named(
  'Block details',
  record({
    block: record(briefBlock),
    issuance: record({ blockReward: QUANTITY, uncleReward: QUANTITY, issuance: QUANTITY }),
    totalFees: QUANTITY,
  }),
)

export const BLOCK_TRANSACTIONS: Schema = named(
  'Block transactions',
  record({
    fullblock: record({ ...briefBlock, transactions: listOf(TRANSACTION) }),
    receipts: listOf(record({ ...RECEIPT.properties, logs: NULL, logsBloom: NULL })),
  }),
)

export const HISTORY: Schema = named(
  'Transactions of an account',
  record({
    txs: listOf(TRANSACTION),
    receipts: listOf(record({ ...RECEIPT.properties, timestamp: COUNT })),
    firstPage: BOOLEAN,
    lastPage: BOOLEAN,
  }),
)

export const TRACE_ENTRY: Schema = named(
  'Trace entry',
  record({
    type: { type: 'string', enum: ['CALL', 'STATICCALL', 'DELEGATECALL', 'CREATE', 'CREATE2'] },
    depth: COUNT,
    from: ADDRESS,
    to: ADDRESS,
    value: nullable(QUANTITY),
    input: DATA,
    output: DATA,
  }),
)

export const INTERNAL_OPERATION: Schema = named(
  'Internal operation',
  record({ type: { type: 'integer', enum: [0, 2, 3] }, from: ADDRESS, to: ADDRESS, value: QUANTITY }),
)
