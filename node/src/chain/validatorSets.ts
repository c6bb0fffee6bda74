/**
 * The validators of the heights after a block, from the block's state: the genesis' validators for ever, or what the
 * validator registry says (docs/protocol/consensus.md, "Changes of the validator set").
 */
import { equalBytes } from '../codec/bytes.ts'
import { scheduledHeights, type ValidatorRegistry, validatorsAt } from '../execution/validatorRegistry/registry.ts'
import { REGISTRY_ADDRESS } from '../execution/validatorRegistry/registryInterface.ts'
import { readRegistry } from '../execution/validatorRegistry/registryStorage.ts'
import type { JournaledState } from '../state/journaledState.ts'
import type { Genesis } from '../types/genesis.ts'
import { validatorSetHash } from '../types/genesisCodec.ts'
import type { Header } from '../types/header.ts'
import { ZERO_HASH } from '../types/headerCodec.ts'
import type { ValidatorActivation } from './chainService.ts'

/**
 * Reads the registry of states of one chain and keeps the last, by the root of its storage: every block asks for it, and
 * calls that change it are rare. A state must be one after a block, without changes of its own.
 */
export class RegistryReader {
  #root: Uint8Array | null = null
  #registry: ValidatorRegistry | null = null

  /** Null when the chain's set is fixed. */
  at(state: Pick<JournaledState, 'account' | 'storage'>): ValidatorRegistry | null {
    const root = state.account(REGISTRY_ADDRESS)?.storageRoot
    if (root === undefined) return null
    if (this.#root === null || !equalBytes(root, this.#root)) {
      this.#registry = readRegistry(state)
      this.#root = root.slice()
    }
    return this.#registry
  }
}

/** The validator fields of the header of block `number`. The registry is that of the state before it. */
export function validatorFields(
  registry: ValidatorRegistry | null,
  genesis: Genesis,
  number: bigint,
): Pick<Header, 'extraData' | 'mixHash'> {
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
