import { toHex, toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { BOOLEAN, HASH, QUANTITY, record } from '../../schema/schema.ts'

const RESOURCE = record(
  { disabled: BOOLEAN, oldestBlock: QUANTITY },
  { deleteStrategy: record({ type: { type: 'string', enum: ['window'] }, retentionBlocks: QUANTITY }) },
)

/** eth_capabilities: from which block on this node has what, for programs that choose a node by it. */
export const capabilities = defineMethod({
  name: 'eth_capabilities',
  kind: 'read',
  summary:
    'the oldest block of which this node has state, transactions, logs, receipts, contents and proofs, and whether old ones go',
  differs: 'anvil does not have it',
  result: record({
    head: record({ number: QUANTITY, hash: HASH }),
    state: RESOURCE,
    tx: RESOURCE,
    logs: RESOURCE,
    receipts: RESOURCE,
    blocks: RESOURCE,
    stateproofs: RESOURCE,
  }),
  params: [],
  handle({ backend: { chain } }) {
    const { header, hash } = chain.head()
    const { base } = chain
    const { oldest, kept } = chain.states()
    const from = (block: bigint) => ({ disabled: false, oldestBlock: toQuantity(block) })
    const state = {
      ...from(oldest > base ? oldest : base),
      ...(kept === null ? {} : { deleteStrategy: { type: 'window', retentionBlocks: toQuantity(kept) } }),
    }
    // Of the block that a node began with it has the contents and the state, and no receipts.
    const executed = from(base === 0n ? 0n : base + 1n)
    return {
      head: { number: toQuantity(header.number), hash: toHex(hash) },
      ...{ state, tx: executed, logs: executed, receipts: executed, blocks: from(base), stateproofs: state },
    }
  },
})
