/** The part of the state that a block reads, so that a reader of nothing but this can execute the block again. */
import { keyOf } from '../codec/bytes.ts'
import { CallError } from '../execution/call.ts'
import { executeBlock } from '../execution/executeBlock.ts'
import { TraceTooLarge } from '../execution/trace/recorder.ts'
import { openState } from '../state/journaledState.ts'
import type { CodeReader } from '../state/stateStore.ts'
import type { NodeReader } from '../trie/nodeStore.ts'
import { encodeHeader } from '../types/headerCodec.ts'
import type { BlockReference } from './chainService.ts'
import { damaged } from './databaseError.ts'
import { type CallView, existingHeadAt } from './queries.ts'
import { bounded, transactionsOf } from './traces.ts'

export interface ExecutionWitness {
  /** RLP of the parent's header: its state root is that of {@link nodes}. */
  readonly parentHeader: Uint8Array
  /**
   * RLP of trie nodes, each found by its keccak256, in the order in which they were read; those embedded in others are
   * in these.
   */
  readonly nodes: readonly Uint8Array[]
  /** Codes of contracts, each found by its keccak256. */
  readonly codes: readonly Uint8Array[]
}

/**
 * The block runs again on a state that is read from the trie alone, and what is read is kept, up to its new root.
 * @throws ChainError `unknown-block`, `history-unavailable`, `state-pruned`, `call-aborted` where it is more than
 * `maxBytes`.
 */
export function executionWitnessAt(view: CallView, at: BlockReference, maxBytes: number): ExecutionWitness {
  const { header } = existingHeadAt(view, at)
  if (header.number === 0n) throw new CallError('the genesis block executes nothing, and needs no witness')
  const parent = existingHeadAt(view, { number: header.number - 1n })
  view.expectState(parent.header)
  const { database } = view
  let bytes = 0
  const keep = (kept: Map<string, Uint8Array>, hash: Uint8Array, item: Uint8Array | undefined) => {
    const key = keyOf(hash)
    if (item === undefined || kept.has(key)) return item
    bytes += item.length
    if (bytes > maxBytes) throw new TraceTooLarge(`the witness has more than ${maxBytes} bytes`)
    kept.set(key, item)
    return item
  }
  const [keptNodes, keptCodes] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()]
  const nodes: NodeReader = { node: (hash) => keep(keptNodes, hash, database.node(hash)) }
  const codes: CodeReader = { code: (hash) => keep(keptCodes, hash, database.code(hash)) }
  const state = openState({ root: parent.header.stateRoot, nodes, codes })
  const outcome = bounded(() => executeBlock(state, header, transactionsOf(view, header.number, state), view.config))
  if ('invalid' in outcome) throw damaged(`block ${header.number} does not run again: ${outcome.invalid}`)
  return {
    parentHeader: encodeHeader(parent.header),
    nodes: [...keptNodes.values()],
    codes: [...keptCodes.values()],
  }
}
