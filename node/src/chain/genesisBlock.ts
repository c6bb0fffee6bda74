/** Block 0 and its state: the genesis' alloc, nothing executed. */
import { equalBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { toHex } from '../codec/hex.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { compileContract } from '../execution/contractHost.ts'
import { KEPT_ACCOUNTS } from '../execution/dev/applyOperations.ts'
import { initialDevState } from '../execution/dev/devStorage.ts'
import { isPrecompile } from '../execution/precompiles/precompileNames.ts'
import { createProgramCache } from '../execution/programCache.ts'
import { unpackCode } from '../execution/storedCode.ts'
import { initialRegistry } from '../execution/validatorRegistry/registry.ts'
import { REGISTRY_ADDRESS } from '../execution/validatorRegistry/registryInterface.ts'
import { changedWords, writeWords } from '../execution/validatorRegistry/registryStorage.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import type { StateChanges } from '../state/stateStore.ts'
import { noNodes } from '../trie/nodeStore.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { sealBlock } from '../types/blockCodec.ts'
import type { Genesis, GenesisAccount } from '../types/genesis.ts'
import { genesisHeader } from '../types/genesisCodec.ts'
import type { Candidate } from './candidate.ts'

/** Block 0 with everything its commit writes. Its hash is the genesis hash. @throws CodecError for code that cannot run. */
export function genesisCandidate(genesis: Genesis): Candidate {
  checkGenesisCode(genesis)
  return uncheckedGenesis(genesis)
}

/**
 * As {@link genesisCandidate}, but for the check of its code, which takes most of the time. The caller compares the hash,
 * which commits to all code, with that of a chain that is there, and calls {@link checkGenesisCode} before one begins.
 * @throws CodecError for an account that the chain itself runs.
 */
export function uncheckedGenesis(genesis: Genesis): Candidate {
  const state: JournaledState = openState({
    root: EMPTY_TRIE_ROOT,
    nodes: noNodes,
    codes: { code: () => undefined },
  })
  for (const account of genesis.alloc) putAccount(state, account)
  putRegistry(state, genesis)
  state.endTransaction()
  const changes = state.takeChanges()
  const { dev } = genesis
  if (dev === undefined) return candidateOf(genesis, changes)
  initialDevState(state, dev.controller, changes.root)
  state.endTransaction()
  return candidateOf(genesis, bothOf(changes, state.takeChanges()))
}

/** Stored code can always be run. @throws CodecError naming the account whose code cannot. */
export function checkGenesisCode({ alloc, chainId, schedule }: Genesis): void {
  for (const { address, code } of alloc) {
    if (code === undefined) continue
    // Whether it is valid does not depend on the engine, and this one compiles nothing.
    const config = { chainId, schedule, engine: 'reference', programs: createProgramCache() } as const
    const unpacked = unpackCode(code)
    const checked = unpacked.ok ? compileContract(unpacked.module, keccak256(code), config) : unpacked
    if (!checked.ok) throw new CodecError('out-of-range', `${placeOf(address)}.code`, checked.error.message)
  }
}

function placeOf(address: Uint8Array): string {
  return `genesis.alloc["${toHex(address)}"]`
}

/** @throws CodecError naming the account. */
function putAccount(state: JournaledState, account: GenesisAccount): void {
  const { address, balance, nonce, code, storage } = account
  const isReserved = isPrecompile(address) || KEPT_ACCOUNTS.some((kept) => equalBytes(kept, address))
  if (isReserved && (nonce ?? code ?? storage) !== undefined) {
    throw new CodecError(
      'out-of-range',
      placeOf(address),
      'the chain itself runs what is at this address; it can have a balance only',
    )
  }
  state.setBalance(address, balance)
  if (nonce !== undefined) state.setNonce(address, nonce)
  if (code !== undefined) state.setCode(address, code)
  for (const { slot, value } of storage ?? []) state.setStorage(address, slot, value)
}

function candidateOf(genesis: Genesis, changes: StateChanges): Candidate {
  return { block: sealBlock(genesisHeader(genesis, changes.root), []), receipts: [], changes }
}

/**
 * The state without the dev account stays for ever, too: it is what a chain that is reset goes back to. So each of its nodes
 * has a place more than block 0 gives it (statePins.ts).
 */
function bothOf(first: StateChanges, second: StateChanges): StateChanges {
  return {
    root: second.root,
    nodes: [...first.nodes, ...first.nodes, ...second.nodes],
    goneNodes: [...first.goneNodes, ...second.goneNodes],
    codes: [...first.codes, ...second.codes],
    wipedAccounts: [],
    flatAccounts: [...first.flatAccounts, ...second.flatAccounts],
    flatSlots: [...first.flatSlots, ...second.flatSlots],
    wentBack: null,
    keys: [...first.keys, ...second.keys],
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
