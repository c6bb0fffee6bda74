/** Traces as OpenEthereum has them, which trace_ methods give. */
import {
  ADDRESS,
  COUNT,
  DATA,
  HASH,
  listOf,
  mapOf,
  named,
  nullable,
  QUANTITY,
  record,
  type Schema,
  TEXT,
} from './schema.ts'

const frame: Readonly<Record<string, Schema>> = {
  action: {
    anyOf: [
      record({
        callType: { type: 'string', enum: ['call', 'delegatecall', 'staticcall'] },
        from: ADDRESS,
        gas: QUANTITY,
        input: DATA,
        to: ADDRESS,
        value: QUANTITY,
      }),
      record({
        creationMethod: { type: 'string', enum: ['create', 'create2'] },
        from: ADDRESS,
        gas: QUANTITY,
        init: DATA,
        value: QUANTITY,
      }),
    ],
  },
  subtraces: COUNT,
  traceAddress: listOf(COUNT),
  type: { type: 'string', enum: ['call', 'create'] },
}
const outcome = {
  result: {
    anyOf: [record({ gasUsed: QUANTITY, output: DATA }), record({ address: ADDRESS, code: DATA, gasUsed: QUANTITY })],
  },
  error: TEXT,
}

export const FLAT_TRACE: Schema = named(
  'Trace',
  record(
    { ...frame, blockHash: HASH, blockNumber: COUNT, transactionHash: nullable(HASH), transactionPosition: COUNT },
    outcome,
  ),
)

const replayed = {
  output: DATA,
  trace: listOf(record(frame, outcome)),
  stateDiff: nullable(mapOf({ type: 'object' })),
  vmTrace: { type: 'null' },
} as const

export const REPLAY: Schema = named('Replay', record(replayed))
export const TRANSACTION_REPLAY: Schema = named('Transaction replay', record({ ...replayed, transactionHash: HASH }))
