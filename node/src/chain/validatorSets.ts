/**
 * Who decides the heights after a block, from the block's state: the genesis' validators for ever, or what the validator
 * registry says (docs/protocol/consensus.md, "Changes of the validator set").
 */
import { scheduledHeights, validatorsAt } from '../execution/validatorRegistry/registry.ts'
import { readRegistry } from '../execution/validatorRegistry/registryStorage.ts'
import type { State } from '../state/state.ts'
import type { Genesis } from '../types/genesis.ts'
import { validatorSetHash } from '../types/genesisCodec.ts'
import type { Header } from '../types/header.ts'
import { ZERO_HASH } from '../types/headerCodec.ts'
import type { ValidatorActivation } from './chainService.ts'

/** What the header of block `number` says of validators. `parentState` is the state before it. */
export function validatorFields(
  parentState: Pick<State, 'storage'>,
  genesis: Genesis,
  number: bigint,
): Pick<Header, 'extraData' | 'mixHash'> {
  const registry = readRegistry(parentState)
  if (registry === null) return { extraData: validatorSetHash(genesis.validators), mixHash: ZERO_HASH }
  const extraData = validatorSetHash(validatorsAt(registry, number))
  // No change that this block schedules can be in force so soon.
  const isLast = scheduledHeights(registry, number).includes(number + 1n)
  return { extraData, mixHash: isLast ? validatorSetHash(validatorsAt(registry, number + 1n)) : ZERO_HASH }
}

/** The set of the height after `number`, and those scheduled after it. `state` is the state after block `number`. */
export function activationsAfter(
  state: Pick<State, 'storage'>,
  genesis: Genesis,
  number: bigint,
): readonly ValidatorActivation[] {
  const registry = readRegistry(state)
  if (registry === null) return [{ from: number + 1n, validators: genesis.validators }]
  const heights = [number + 1n, ...scheduledHeights(registry, number + 1n)]
  return heights.map((from) => ({ from, validators: validatorsAt(registry, from) }))
}
