/** Contracts that every network has from its start: known to `devnet send` and `devnet call` without an artifact. */
import { REGISTRY_ADDRESS, REGISTRY_INTERFACE } from '@touchstone/node/validator-registry'
import { bytesToHex, getAddress, parseAbi } from 'viem'
import type { KnownContract } from './knownContracts.ts'

/** docs/protocol/consensus.md, "Changes of the validator set". */
export const validatorRegistry: KnownContract = {
  name: 'Validators',
  address: getAddress(bytesToHex(REGISTRY_ADDRESS)),
  abi: parseAbi(REGISTRY_INTERFACE),
}

export const systemContracts: readonly KnownContract[] = [validatorRegistry]

/** By its name as it is written, or its address in any case; null when there is none. */
export function findSystemContract(text: string): KnownContract | null {
  const wanted = text.toLowerCase()
  return systemContracts.find(({ name, address }) => name === text || address.toLowerCase() === wanted) ?? null
}
