/** Contracts that every network has from its start: known to `devnet send` and `devnet call` without an artifact. */
import { REGISTRY_ADDRESS, REGISTRY_INTERFACE } from '@touchstone/node/validator-registry'
import { type Abi, bytesToHex, getAddress, type Hex, parseAbi } from 'viem'

export interface SystemContract {
  readonly name: string
  readonly address: Hex
  readonly abi: Abi
}

/** docs/protocol/consensus.md, "Changes of the validator set". */
export const validatorRegistry: SystemContract = {
  name: 'Validators',
  address: getAddress(bytesToHex(REGISTRY_ADDRESS)),
  abi: parseAbi(REGISTRY_INTERFACE),
}

const systemContracts: readonly SystemContract[] = [validatorRegistry]

/** By name or address, in any case; null when there is none. */
export function findSystemContract(text: string): SystemContract | null {
  const wanted = text.toLowerCase()
  return (
    systemContracts.find(({ name, address }) => name.toLowerCase() === wanted || address.toLowerCase() === wanted) ??
    null
  )
}
