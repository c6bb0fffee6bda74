import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { DATA, listOf, record } from '../../schema/schema.ts'

/** debug_executionWitness: what a block reads of the state before it (protocol/rpc.md, "Witnesses"). */
export const executionWitness = defineMethod({
  name: 'debug_executionWitness',
  kind: 'trace',
  pace: 'slow',
  summary:
    'the data to execute a block again besides the block: the header before it, and every trie node and code that is read, up to the new state root',
  differs: 'headers are RLP, as in reth; there are no `keys`, as nothing looks for a key by its hash',
  result: record({ headers: listOf(DATA), state: listOf(DATA), codes: listOf(DATA) }),
  params: [required('block', blockReference)],
  async handle({ backend, caller, limits }, at) {
    // A byte is two hex digits.
    const most = Math.floor(limits.maxResponseLength / 2)
    const { parentHeader, nodes, codes } = await backend.chain.executionWitness(clientOf(caller), at, most)
    return { headers: [toHex(parentHeader)], state: nodes.map(toHex), codes: codes.map(toHex) }
  },
})
