/** Block 0 and its state: the genesis' alloc, nothing executed. */
import { initialDevState } from '../execution/dev/devStorage.ts'
import { initialRegistry } from '../execution/validatorRegistry/registry.ts'
import { REGISTRY_ADDRESS } from '../execution/validatorRegistry/registryInterface.ts'
import { changedWords, writeWords } from '../execution/validatorRegistry/registryStorage.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import type { StateChanges } from '../state/stateStore.ts'
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
  const changes = state.takeChanges()
  const { dev } = genesis
  if (dev === undefined) return candidateOf(genesis, changes)
  initialDevState(state, dev.controller, changes.root)
  state.endTransaction()
  return candidateOf(genesis, bothOf(changes, state.takeChanges()))
}

function candidateOf(genesis: Genesis, changes: StateChanges): Candidate {
  return { block: sealBlock(genesisHeader(genesis, changes.root), []), receipts: [], changes }
}

/** The state without the dev account is kept, too: it is what a chain that is reset goes back to. */
function bothOf(first: StateChanges, second: StateChanges): StateChanges {
  return {
    root: second.root,
    nodes: [...first.nodes, ...second.nodes],
    codes: [...first.codes, ...second.codes],
    wipedAccounts: [],
    flatAccounts: [...first.flatAccounts, ...second.flatAccounts],
    flatSlots: [...first.flatSlots, ...second.flatSlots],
    wentBack: null,
  }
}

/** With operators in the genesis, the validators are in the state and can be changed by transactions. */
function putRegistry(state: JournaledState, genesis: Genesis): void {
  const registry = initialRegistry(genesis.validators)
  if (registry === null) return
  // An account without nonce, balance and code would not be in the state, nor its storage.
  state.setNonce(REGISTRY_ADDRESS, 1n)
  writeWords(state, changedWords(state, registry))
}
