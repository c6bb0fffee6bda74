/**
 * How the vectors of ethereum/execution-apis are rewritten for a chain of ours. Theirs has the contracts of the EVM,
 * forks after London and transactions of chains long ago; what is asked is asked here too, of a chain that world.ts
 * makes: their chain id, their height, their times, their base fee and the accounts that they ask for.
 *
 * - **Verbatim** is what no table below names: the request as it is, and the answer equal to theirs; of errors the code
 *   and the data, as clients match these, and words differ between nodes.
 * - Hashes of blocks and transactions in requests become those of ours of the same kind (`HASHES` in world.ts).
 * - `SHAPE`: the answer has the fields and the kinds of values of theirs, where the values are those of their chain.
 * - Simulations (eth_simulateV1) are equal in everything that follows from the request: number, time, fees, gas, roots of
 *   transactions and receipts, results, logs, errors. Code in overrides becomes WebAssembly that does the same
 *   (`STAND_INS_OF`); then, and where a precompile runs, whose prices are ours, gas and the roots that follow from it
 *   are not compared.
 * - `OTHERWISE`: answered otherwise on purpose; the answer is held to ours.
 * - `LEFT_OUT`: does not apply, with the reason. These are not in vectors.jsonl.
 */

const EVM_ENVIRONMENT =
  'a contract that tells what the EVM alone can see: block hashes, prevRandao, the hash of its code'
const EVM_INIT_CODE = 'creates a contract with init code of the EVM, or with none'
const LATER_TYPES = 'a transaction of type 3 or 4, which this chain refuses (EIP-4844, EIP-7702)'
const STRUCT_LOGS = 'the struct log of the EVM; without a tracer it is refused (traces.test.ts)'
const EVM_GAS = 'what is asked for follows from the gas of EVM code'
const SELF_DESTRUCT = 'a contract that destroys itself, which none of this chain can'
const DELEGATE = 'delegate calls of EVM contracts; those of ours are in contractCalls.test.ts'

const ofSimulation = (reason: string, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [`eth_simulateV1/ethSimulate-${name}`, reason]))
const of = (reason: string, ...names: string[]) => Object.fromEntries(names.map((name) => [name, reason]))

/** Files, or folders of a method, and why they do not apply. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  ...of('no method of a node: consensus makes the blocks', 'testing_buildBlockV1'),
  ...of(
    LATER_TYPES,
    ...['eth_call/call-eip7702-delegation', 'eth_getCode/get-code-eip7702-delegation'],
    ...['eth_estimateGas/estimate-with-eip4844', 'eth_estimateGas/estimate-with-eip7702'],
    ...['eth_getTransactionByHash/get-blob-tx', 'eth_getTransactionByHash/get-setcode-tx'],
    ...['eth_getTransactionReceipt/get-blob-tx', 'eth_getTransactionReceipt/get-setcode-tx'],
    'eth_sendRawTransaction/send-blob-tx',
  ),
  ...of(
    STRUCT_LOGS,
    'debug_traceBlockByHash/trace-block-with-transactions',
    ...[
      'memory-encoding',
      'return-data-behavior',
      'storage-encoding',
      'storage-snapshot-timing',
      'with-transactions',
    ].map((name) => `debug_traceBlockByNumber/trace-block-${name}`),
    ...['debug_traceTransaction/trace-contract-call', 'debug_traceTransaction/trace-legacy-transfer'],
  ),
  ...of(EVM_ENVIRONMENT, 'eth_call/call-callenv', 'eth_call/call-callenv-options-eip1559'),
  ...of('forks of Ethereum; reads.test.ts has ours', 'eth_config/get-config'),
  ...of('logs of all EVM contracts of their chain', 'eth_getLogs/no-topics'),
  ...ofSimulation(LATER_TYPES, 'blobs'),
  ...ofSimulation(
    EVM_ENVIRONMENT,
    ...[
      'add-more-non-defined-BlockStateCalls-than-fit-but-now-with-fit',
      'contract-calls-itself',
      'get-block-properties',
    ],
    ...['blockhash-complex', 'blockhash-simple', 'blockhash-start-before-head', 'overwrite-existing-contract'],
    ...['extcodehash-existing-contract', 'extcodehash-override', 'extcodehash-precompile'],
    'use-as-many-features-as-possible',
  ),
  ...ofSimulation(
    EVM_INIT_CODE,
    ...['empty-calls-and-overrides-ethSimulate', 'no-fields-call', 'only-from-transaction', 'override-block-num'],
  ),
  ...ofSimulation(EVM_GAS, 'fee-recipient-receiving-funds', 'run-gas-spending', 'run-out-of-gas-in-block-38015'),
  ...ofSimulation(SELF_DESTRUCT, 'self-destructing-state-override', 'self-destructive-contract-produces-logs'),
  ...ofSimulation(
    DELEGATE,
    ...[
      'send-eth-and-delegate-call',
      'send-eth-and-delegate-call-to-eoa',
      'send-eth-and-delegate-call-to-payble-contract',
    ],
  ),
  ...ofSimulation('5 kB of EVM code in the place of ecrecover', 'override-ecrecover'),
}

/** The values of these answers are those of their chain. */
export const SHAPE: ReadonlySet<string> = new Set([
  ...['debug_getRawBlock', 'debug_getRawHeader'].flatMap((method) => [
    `${method}/get-block-n`,
    `${method}/get-genesis`,
  ]),
  ...['debug_getRawReceipts/get-block-n', 'debug_getRawTransaction/get-tx', 'eth_capabilities/get-capabilities'],
  ...['eth_estimateGas/estimate-successful-call', 'eth_feeHistory/fee-history', 'eth_getBlockByHash/get-block-by-hash'],
  ...['cancun-fork', 'london-fork', 'merge-fork', 'prague-fork', 'shanghai-fork'].map(
    (fork) => `eth_getBlockByNumber/get-block-${fork}`,
  ),
  ...['finalized', 'genesis', 'latest', 'safe'].map((block) => `eth_getBlockByNumber/get-${block}`),
  ...['by-hash', 'latest', 'n'].map((block) => `eth_getBlockReceipts/get-block-receipts-${block}`),
  'eth_getBlockTransactionCountByHash/get-block-n',
  'eth_getBlockTransactionCountByNumber/get-block-n',
  ...['eth_getCode/get-code', 'eth_getCode/get-code-default-block'],
  ...['blockhash', 'default-block', 'latest', 'with-storage'].map((what) => `eth_getProof/get-account-proof-${what}`),
  'eth_getTransactionByBlockHashAndIndex/get-block-n',
  'eth_getTransactionByBlockNumberAndIndex/get-block-n',
  ...['access-list', 'dynamic-fee', 'legacy-create', 'legacy-input', 'legacy-tx'].map(
    (kind) => `eth_getTransactionByHash/get-${kind}`,
  ),
  ...['access-list', 'dynamic-fee', 'legacy-contract', 'legacy-input', 'legacy-receipt'].map(
    (kind) => `eth_getTransactionReceipt/get-${kind}`,
  ),
  ...['txpool_content/get-content', 'txpool_status/get-status'],
])

/** Fields that blocks and transactions of forks before London do not have; every one of ours does. */
export const OF_LONDON: ReadonlySet<string> = new Set(['baseFeePerGas', 'chainId'])

/**
 * Fields that only blocks, transactions and receipts of forks after London have, geth's `blockTimestamp`, and what the
 * schema of eth_capabilities lets a node leave out.
 */
export const OF_LATER_FORKS: ReadonlySet<string> = new Set([
  ...['withdrawals', 'withdrawalsRoot', 'blobGasUsed', 'excessBlobGas', 'parentBeaconBlockRoot', 'requestsHash'],
  ...['baseFeePerBlobGas', 'blobGasUsedRatio', 'blockTimestamp', 'slotNumber', 'deleteStrategy'],
])

/** Fields of a simulation's answer that no other chain can have. */
export const OF_THEIR_CHAIN: ReadonlySet<string> = new Set([
  ...OF_LATER_FORKS,
  ...['hash', 'parentHash', 'stateRoot', 'logsBloom', 'sha3Uncles', 'size', 'blockHash', 'transactionHash', 'uncles'],
])

export interface Otherwise {
  readonly why: string
  readonly code?: number
  readonly result?: unknown
}

export const OTHERWISE: Readonly<Record<string, Otherwise>> = {
  'eth_blobBaseFee/get-current-blobfee': { why: 'there are no blobs, so a price of them is zero', result: '0x0' },
  'eth_getLogs/filter-error-future-block-range': {
    why: 'clients that ask for more blocks than there are yet get what there is, as from anvil',
    result: [],
  },
  'eth_simulateV1/ethSimulate-move-two-accounts-to-same-38023': {
    why: 'the specification has -38023 for it; the answer of geth follows from the order of a map',
    code: -38023,
  },
  'eth_simulateV1/ethSimulate-overflow-nonce-validation': {
    why: '-32603 is for faults of the node, and viem sends it again; the specification has -38011 for a nonce too high',
    code: -38011,
  },
}

/** Ours by the first 16 hex digits of the SHA-256 of their code's hex text. */
export const STAND_INS_OF: Readonly<Record<string, string>> = {
  bb48c6840d0740d6: 'balanceOf',
  '5c7ce5b04dd0afd3': 'alwaysReverts',
  ccca0e47a510fcfe: 'forwards',
  '502859f4f724b22b': 'logs',
  c45dd27627e01afc: 'slots',
  '490dc289f349c014': 'cell',
  '5d5f5af9469ee6a1': 'nothing',
}

/** The newest block of theirs creates a contract; ours, whose base fee leads to theirs, sends value. */
export const OF_HEAD: ReadonlySet<string> = new Set([
  ...['finalized', 'latest', 'safe'].map((block) => `eth_getBlockByNumber/get-${block}`),
  'eth_getBlockReceipts/get-block-receipts-latest',
])

/** Of precompiles, or of stand-ins: gas is not compared, and the limit of an access list's call is not theirs. */
export const GAS_IS_OURS: ReadonlySet<string> = new Set([
  ...['abi-revert', 'contract', 'contract-eip1559'].map((name) => `eth_createAccessList/create-al-${name}`),
  ...[
    ...['move-ecrecover-and-call', 'move-ecrecover-and-call-old-and-new', 'move-ecrecover-twice-and-call'],
    ...['override-sha256', 'override-identity', 'precompile-is-sending-transaction'],
    ...['check-that-balance-is-there-after-new-block', 'eth-send-should-not-produce-logs-on-revert', 'logs'],
    ...['eth-send-should-produce-more-logs-on-forward', 'eth-send-should-produce-no-logs-on-forward-revert'],
    ...['override-storage-slots', 'simple-state-diff', 'set-read-storage'],
  ].map((name) => `eth_simulateV1/ethSimulate-${name}`),
])

/**
 * Times of simulations on older blocks: their blocks are 10 s apart and those that geth simulates 12; ours are as far
 * apart as the chain's state says at that block (world.ts).
 */
export const TIMES: Readonly<Record<string, string>> = {
  'eth_simulateV1/ethSimulate-empty-with-block-num-set-firstblock': '0xb',
  'eth_simulateV1/ethSimulate-empty-with-block-num-set-minusone': '0x21c',
}

/** Numbers of blocks are one higher: in block 2 the contract gets its code. */
export const LOGS: ReadonlySet<string> = new Set(
  [
    ...['contract-addr', 'filter-with-blockHash', 'filter-with-blockHash-and-topics'],
    ...['topic-exact-match', 'topic-null-wildcard', 'topic-wildcard'],
  ].map((name) => `eth_getLogs/${name}`),
)
