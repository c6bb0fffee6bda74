/**
 * The validators of the heights after a block, from the block's state: the genesis' validators for ever, or what the
 * validator registry says (docs/protocol/consensus.md, "Changes of the validator set").
 */
import { equalBytes } from '../codec/bytes.ts'
import { scheduledHeights, type ValidatorRegistry, validatorsAt } from '../execution/validatorRegistry/registry.ts'
import { REGISTRY_ADDRESS } from '../execution/validatorRegistry/registryInterface.ts'
import { readRegistry } from '../execution/validatorRegistry/registryStorage.ts'
import type { JournaledState } from '../state/journaledState.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import type { Genesis } from '../types/genesis.ts'
import { validatorSetHash } from '../types/genesisCodec.ts'
import type { Header } from '../types/header.ts'
import { ZERO_HASH } from '../types/headerCodec.ts'
import type { ValidatorActivation } from './chainService.ts'

type ReadState = Pick<JournaledState, 'account' | 'storage'>
type ValidatorFields = Pick<Header, 'extraData' | 'mixHash'>

/**
 * Reads what states of one chain say of its validators and keeps the last, by the root of the registry's storage: every
 * block asks for it, and calls that change it are rare. A state must be one after a block, without changes of its own.
 */
export class RegistryReader {
  readonly #genesis: Genesis
  #read: { readonly root: Uint8Array; readonly registry: ValidatorRegistry | null } | null = null
  /** Of blocks from this number on, as nothing is scheduled for later. */
  #settled: { readonly from: bigint; readonly fields: ValidatorFields } | null = null

  constructor(genesis: Genesis) {
    this.#genesis = genesis
  }

  /** Null when the chain's set is fixed. */
  at(state: ReadState): ValidatorRegistry | null {
    const root = state.account(REGISTRY_ADDRESS)?.storageRoot ?? EMPTY_TRIE_ROOT
    if (this.#read === null || !equalBytes(root, this.#read.root)) {
      this.#read = { root: root.slice(), registry: readRegistry(state) }
      this.#settled = null
    }
    return this.#read.registry
  }

  /** See {@link validatorFields}; `state` is the one before the block. Shared: not to be written to. */
  fields(state: ReadState, number: bigint): ValidatorFields {
    const registry = this.at(state)
    if (this.#settled !== null && number >= this.#settled.from) return this.#settled.fields
    const fields = validatorFields(registry, this.#genesis, number)
    if (registry === null || scheduledHeights(registry, number).length === 0) this.#settled = { from: number, fields }
    return fields
  }
}

/** The validator fields of the header of block `number`. The registry is that of the state before it. */
export function validatorFields(registry: ValidatorRegistry | null, genesis: Genesis, number: bigint): ValidatorFields {
  if (registry === null) return { extraData: validatorSetHash(genesis.validators), mixHash: ZERO_HASH }
  const extraData = validatorSetHash(validatorsAt(registry, number))
  // No change that this block schedules can be in force so soon.
  const isLast = scheduledHeights(registry, number).includes(number + 1n)
  return { extraData, mixHash: isLast ? validatorSetHash(validatorsAt(registry, number + 1n)) : ZERO_HASH }
}

/**
 * The set of the height after `number`, and those scheduled after it. The registry is that of the state after block
 * `number`.
 */
export function activationsAfter(
  registry: ValidatorRegistry | null,
  genesis: Genesis,
  number: bigint,
): readonly ValidatorActivation[] {
  if (registry === null) return [{ from: number + 1n, validators: genesis.validators }]
  const heights = [number + 1n, ...scheduledHeights(registry, number + 1n)]
  return heights.map((from) => ({ from, validators: validatorsAt(registry, from) }))
}
