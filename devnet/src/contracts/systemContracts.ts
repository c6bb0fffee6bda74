/** Contracts that every network has from its start: known to `devnet send` and `devnet call` without an artifact. */
import { type Abi, type Hex, parseAbi } from 'viem'

export interface SystemContract {
  readonly name: string
  readonly address: Hex
  readonly abi: Abi
}

/** docs/protocol/consensus.md, "Changes of the validator set". */
export const validatorRegistry: SystemContract = {
  name: 'Validators',
  address: '0x0000000000000000000000000000000000000801',
  abi: parseAbi([
    'struct Validator { bytes32 publicKey; uint64 power; address feeRecipient; address operator; }',
    'struct Change { uint64 id; bytes32 publicKey; uint64 power; address feeRecipient; address operator; uint64 height; uint64 approvedPower; bool isScheduled; }',
    'function propose(bytes32 publicKey, uint64 power, address feeRecipient, address operator, uint64 height) returns (uint64 id)',
    'function approve(uint64 id)',
    'function validators() view returns (Validator[])',
    'function changes() view returns (Change[])',
    'event ChangeProposed(uint64 indexed id, bytes32 indexed publicKey, uint64 power, uint64 height, address proposer)',
    'event ChangeApproved(uint64 indexed id, address indexed operator, uint64 approvedPower)',
    'event ChangeScheduled(uint64 indexed id, bytes32 indexed publicKey, uint64 power, uint64 height)',
  ]),
}

const systemContracts: readonly SystemContract[] = [validatorRegistry]

/** By name or address, in any case; null when there is none. */
export function findSystemContract(text: string): SystemContract | null {
  const wanted = text.toLowerCase()
  return systemContracts.find(({ name, address }) => name.toLowerCase() === wanted || address === wanted) ?? null
}
