/** Block 0 and its state: the genesis' alloc, nothing executed. */
import { initialRegistry } from '../execution/validatorRegistry/registry.ts'
import { REGISTRY_ADDRESS } from '../execution/validatorRegistry/registryInterface.ts'
import { changedWords, writeWords } from '../execution/validatorRegistry/registryStorage.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import { noNodes } from '../trie/nodeStore.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { sealBlock } from '../types/blockCodec.ts'
import type { Genesis } from '../types/genesis.ts'
import { genesisHeader } from '../types/genesisCodec.ts'
import type { Candidate } from './candidate.ts'

/** Block 0 with everything its commit writes. Its hash is the genesis hash. */
export function genesisCandidate(genesis: Genesis): Candidate {
  const state: JournaledState = openState({
    root: EMPTY_TRIE_ROOT,
    nodes: noNodes,
    codes: { code: () => undefined },
  })
  for (const { address, balance } of genesis.alloc) state.setBalance(address, balance)
  putRegistry(state, genesis)
  state.endTransaction()
  const stateRoot = state.root()
  return { block: sealBlock(genesisHeader(genesis, stateRoot), []), receipts: [], changes: state.takeChanges() }
}

/** With operators in the genesis, the validators are in the state and can be changed by transactions. */
function putRegistry(state: JournaledState, genesis: Genesis): void {
  const registry = initialRegistry(genesis.validators)
  if (registry === null) return
  // An account without nonce, balance and code would not be in the state, nor its storage.
  state.setNonce(REGISTRY_ADDRESS, 1n)
  writeWords(state, changedWords(state, registry))
}
