/** Results of methods other than blocks, transactions, receipts and logs. */
import { TRANSACTION } from './chainObjects.ts'
import {
  ADDRESS,
  BOOLEAN,
  COUNT,
  DATA,
  dataOf,
  HASH,
  listOf,
  mapOf,
  named,
  nullable,
  QUANTITY,
  record,
  type Schema,
  TEXT,
  WORD,
} from './schema.ts'

export const SYNCING: Schema = {
  anyOf: [
    { ...BOOLEAN, enum: [false] },
    record({ startingBlock: QUANTITY, currentBlock: QUANTITY, highestBlock: QUANTITY }),
  ],
}

export const FEE_HISTORY: Schema = named(
  'Fee history',
  record(
    {
      oldestBlock: QUANTITY,
      baseFeePerGas: listOf(QUANTITY),
      gasUsedRatio: listOf({ type: 'number', minimum: 0, maximum: 1 }),
    },
    { reward: listOf(listOf(QUANTITY)) },
  ),
)

/** EIP-1186. */
export const PROOF: Schema = named(
  'Account proof',
  record({
    address: ADDRESS,
    accountProof: listOf(DATA),
    balance: QUANTITY,
    codeHash: HASH,
    nonce: QUANTITY,
    storageHash: HASH,
    storageProof: listOf(record({ key: WORD, value: QUANTITY, proof: listOf(DATA) })),
  }),
)

export const FILLED_TRANSACTION: Schema = record({ raw: DATA, tx: TRANSACTION })

export const FILTER_ID: Schema = { title: 'Filter id', type: 'string', pattern: '^0x[0-9a-f]{1,64}$' }

/** Hashes, or logs. */
export const FILTER_CHANGES: Schema = { type: 'array', items: { anyOf: [HASH, { type: 'object' }] } }

export function poolOf(transaction: Schema): Schema {
  const bySender = mapOf(mapOf(transaction))
  return record({ pending: bySender, queued: bySender })
}

export const CERTIFICATE: Schema = named(
  'Certificate',
  record({
    chainId: QUANTITY,
    height: QUANTITY,
    round: COUNT,
    blockHash: HASH,
    signatures: listOf(record({ index: COUNT, signature: dataOf(64) })),
    raw: DATA,
  }),
)

export const STATUS: Schema = record({
  height: QUANTITY,
  hash: HASH,
  stateRoot: HASH,
  receiptsRoot: HASH,
  timestamp: QUANTITY,
  clock: QUANTITY,
  timeAhead: nullable({ type: 'integer' }),
  chainId: QUANTITY,
  genesisHash: HASH,
  peers: COUNT,
  p2p: listOf(TEXT),
  consensusHeight: QUANTITY,
  round: COUNT,
  step: TEXT,
  proposer: nullable(ADDRESS),
  validatorKey: nullable(dataOf(32)),
  isValidator: BOOLEAN,
  abstaining: BOOLEAN,
  twin: nullable(record({ height: QUANTITY, round: COUNT, step: TEXT })),
  halted: nullable(record({ reason: TEXT }, { certificates: listOf(CERTIFICATE) })),
  evidence: listOf(record({ validator: COUNT, publicKey: dataOf(32), count: COUNT })),
  executionFaults: COUNT,
  setAside: listOf(record({ hash: HASH, block: QUANTITY, strikes: COUNT, reason: nullable(TEXT) })),
  syncing: BOOLEAN,
  highestBlock: QUANTITY,
  txpool: record({ pending: COUNT, queued: COUNT }),
  wantsBlock: BOOLEAN,
  engine: TEXT,
  clientVersion: TEXT,
})

const validatorSet = {
  hash: HASH,
  totalPower: QUANTITY,
  validators: listOf(
    record({
      index: COUNT,
      publicKey: dataOf(32),
      power: QUANTITY,
      feeRecipient: ADDRESS,
      operator: nullable(ADDRESS),
    }),
  ),
}

export const VALIDATORS: Schema = record({
  height: QUANTITY,
  ...validatorSet,
  scheduled: listOf(record({ height: QUANTITY, ...validatorSet })),
})

export const EVIDENCE: Schema = listOf(
  record({
    kind: TEXT,
    validator: record({ index: COUNT, publicKey: dataOf(32), address: ADDRESS }),
    height: QUANTITY,
    round: COUNT,
    messages: listOf(
      record(
        { blockHash: nullable(HASH), signBytes: DATA, signature: dataOf(64) },
        { validRound: { type: 'integer', minimum: -1 } },
      ),
    ),
    seenAt: QUANTITY,
    raw: DATA,
  }),
)

export const GENESIS: Schema = named(
  'Genesis',
  record({
    chainId: QUANTITY,
    timestamp: QUANTITY,
    gasLimit: QUANTITY,
    baseFeePerGas: QUANTITY,
    schedule: TEXT,
    validators: listOf(
      record({ publicKey: dataOf(32), power: QUANTITY, feeRecipient: ADDRESS }, { operator: ADDRESS }),
    ),
    alloc: mapOf(record({ balance: QUANTITY })),
  }),
)

export const RAW_BLOCK: Schema = record({ block: DATA, certificate: nullable(DATA), receipts: DATA })
